"""Signing up: what is asked for, what is refused without a trace, and how an account is finished."""

import re
from ipaddress import ip_network
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.enums import AuthProvider
from accounts.models import CustomerProfile, PhoneCode, User
from lld.core.models import OutboxMessage
from sandbox.testing import SandboxClient
from tests.factories import PASSWORD, CustomerFactory, StaffFactory

pytestmark = pytest.mark.django_db

PERSON = {"username": "lamilpa", "email": "maria@lamilpa.test", "password": PASSWORD}
BUSINESS = {
    "company_name": "Taqueria La Milpa",
    "business_type": "restaurant",
    "business_ein": "361234567",
    "resale_certificate": "IL-4471902",
    "state_of_operation": "il",
}
BY_PHONE = {"username": "lamilpa", "phone": "(312) 555-0147", "password": PASSWORD}


def register(body: Any, **extra: Any) -> Any:
    return APIClient(enforce_csrf_checks=True).post("/api/register", body, **extra)


def sign_in(name: str, password: str = PASSWORD) -> Any:
    return APIClient().post("/api/login", {"username": name, "password": password})


def left_behind() -> int:
    return User.objects.count() + CustomerProfile.objects.count() + OutboxMessage.objects.count()


# What is asked for


def test_register_normalises_its_fields() -> None:
    names = {"phone": "312.555.0147", "first_name": " Maria ", "last_name": "Lopez"}

    answer = register({**PERSON, **BUSINESS, **names})

    assert answer.status_code == 201
    shown = answer.json()["user"]
    expected = {
        **BUSINESS,
        "username": "lamilpa",
        "email": "maria@lamilpa.test",
        "phone": "+13125550147",
        "first_name": "Maria",
        "last_name": "Lopez",
        "business_ein": "36-1234567",
        "state_of_operation": "IL",
    }
    assert {name: shown[name] for name in expected} == expected
    user = User.objects.get()
    assert (user.role, user.auth_provider, user.may_sign_in) == ("", AuthProvider.EMAIL, False)
    assert PASSWORD not in user.password
    assert PASSWORD not in answer.content.decode()


def test_read_only_fields_are_ignored() -> None:
    claims = {
        "id": 1,
        "role": "admin",
        "auth_provider": "staff",
        "email_verified": True,
        "phone_verified": True,
        "is_active": False,
        "is_staff": True,
        "is_superuser": True,
        "token_version": 99,
        "version": 99,
        "approved_for_terms": True,
        "payment_terms": "net60",
        "credit_limit": 50_000,
        "stripe_customer_id": "cus_1",
        "profile": {"approved_for_terms": True, "credit_limit": 50_000},
    }

    assert register({**PERSON, **claims}).status_code == 201

    user = User.objects.get()
    assert (user.role, user.auth_provider, user.is_active) == ("", AuthProvider.EMAIL, True)
    assert not user.email_verified
    assert not user.phone_verified
    assert (user.token_version, user.version) == (1, 1)
    profile = user.profile
    assert (profile.approved_for_terms, profile.credit_limit) == (False, 0)
    assert (profile.payment_terms, profile.stripe_customer_id) == ("net30", "")


@pytest.mark.parametrize("username", ["a.b_c+d-9", "ab", "a" * 150, "Maria@LaMilpa.test"])
def test_username_may_be_a_name_or_the_own_email(username: str) -> None:
    assert register({**PERSON, "username": username}).status_code == 201
    assert User.objects.get().username == username


# What is refused

TOO_LONG = [
    ("username", 255),
    ("first_name", 101),
    ("last_name", 101),
    ("company_name", 201),
    ("business_type", 81),
    ("resale_certificate", 81),
]
OF_ANOTHER_TYPE = [(name, value) for name in (*PERSON, "phone", *BUSINESS) for value in ([], {"a": 1}, True, None)]
BAD = [
    *((name, "x" * length) for name, length in TOO_LONG),
    *OF_ANOTHER_TYPE,
    *((name, "x\0y") for name in ("username", "password", "first_name", "company_name", "resale_certificate")),
    ("username", ""),
    ("username", "   "),
    ("username", "a"),
    ("username", "a" * 151),
    ("username", "maria lopez"),
    ("username", "maría"),
    ("username", "kassi\u0430"),
    ("username", "<script>"),
    ("username", "deleted~1"),
    ("username", "ana\nlopez"),
    # The name of an account must not be the address of another one's owner.
    ("username", "someone@else.test"),
    ("username", "maria@lamilpa.test.evil.test"),
    ("username", "@lamilpa"),
    ("password", ""),
    ("password", "short"),
    ("password", "password"),
    ("password", "123456"),
    ("password", "lamilpa"),
    ("password", "x" * 201),
    ("email", "maria"),
    ("email", "maria@"),
    ("email", "@lamilpa.test"),
    ("email", "maria@lamilpa"),
    ("email", "maria@lamilpa.test, ana@cafe.test"),
    ("email", "Maria <maria@lamilpa.test>"),
    ("email", "maria@lamilpa.test\r\nBcc: all@lamilpa.test"),
    ("email", f"{'m' * 64}@{'l' * 63}.{'l' * 63}.{'l' * 63}.test"),
    ("phone", "555-0147"),
    ("phone", "call me"),
    ("phone", "+1 312 555 0147 ext. later"),
    ("phone", "+999 312 555 0147"),
    ("phone", "312555014" * 5),
    ("business_ein", "12-34567"),
    ("business_ein", "36-12345678"),
    ("business_ein", "36-123456A"),
    ("business_ein", "07-1234567"),
    ("business_ein", "36-١٢٣٤٥٦٧"),
    ("state_of_operation", "ZZ"),
    ("state_of_operation", "I"),
    ("state_of_operation", "Illinoisia"),
    ("state_of_operation", "ß"),
]


@pytest.mark.parametrize(("field", "value"), BAD)
def test_invalid_field_is_named(field: str, value: Any) -> None:
    answer = register({**PERSON, field: value})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert set(answer.json()["fields"]) == {field}
    assert left_behind() == 0


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({}, {"username", "password"}),
        ({"username": "lamilpa", "password": PASSWORD}, {"email", "phone"}),
        ({"username": "lamilpa", "password": PASSWORD, "email": "", "phone": ""}, {"email", "phone"}),
        # Without an address there is none that the username could be.
        ({**BY_PHONE, "username": "maria@lamilpa.test"}, {"username"}),
        ({**PERSON, "email": "x", "phone": "x", "business_ein": "x"}, {"email", "phone", "business_ein"}),
    ],
)
def test_missing_fields_are_named(body: Any, fields: set[str]) -> None:
    answer = register(body)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, fields)
    assert left_behind() == 0


@pytest.mark.parametrize("body", [[], "lamilpa", 1, None])
def test_body_must_be_an_object(body: Any) -> None:
    assert register(body).status_code == 400
    assert left_behind() == 0


@pytest.mark.parametrize(
    ("username", "email"),
    [
        ("maria@caf\u00c9.test", "maria@caf\u00e9.test"),
        ("maria@\u0130x.test", "maria@i\u0307x.test"),
        ("\u212aarla@cafe.test", "karla@cafe.test"),
        ("ma\u0130a@cafe.test", "mai\u0307a@cafe.test"),
    ],
)
def test_case_folding_is_no_server_error(username: str, email: str) -> None:
    """Python and PostgreSQL do not agree on the lower case of every letter."""
    answer = register({**PERSON, "username": username, "email": email})
    assert answer.status_code in {201, 400}
    assert User.objects.count() == (answer.status_code == 201)


# What is taken

FREE = {"username": "newcomer", "email": "new@cafe.test", "phone": "+13125550199", "password": PASSWORD}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("username", "LaMilpa"),
        ("username", "lamilpa"),
        ("email", "MARIA@lamilpa.TEST"),
        ("email", "maria@lamilpa.test"),
        ("phone", "(312) 555-0147"),
        ("phone", "+1 312 555 0147"),
        ("phone", "1-312-555-0147"),
    ],
)
@pytest.mark.parametrize("is_verified", [True, False])
def test_taken_field_is_a_conflict_with_a_hint(field: str, value: str, is_verified: bool) -> None:
    CustomerFactory(username="lamilpa", email="maria@lamilpa.test", phone="+13125550147", email_verified=is_verified)
    before = left_behind()

    answer = register({**FREE, field: value})

    body = answer.json()
    assert (answer.status_code, body["code"], body["duplicate_field"]) == (409, "duplicate", field)
    assert body["hint"]
    assert body["error"]
    assert left_behind() == before


def test_email_and_phone_of_contacts_and_staff_are_free() -> None:
    """Contacts cannot sign in, and staff have accounts of their own."""
    shared = {"email": "new@cafe.test", "phone": "+13125550199"}
    CustomerFactory(username=None, auth_provider=AuthProvider.IMPORTED, email_verified=False, **shared)
    StaffFactory(**shared)

    assert register(FREE).status_code == 201

    assert User.objects.filter(**shared).count() == 3


def test_username_of_staff_is_taken() -> None:
    StaffFactory(username="hector")
    assert register({**FREE, "username": "Hector"}).json()["duplicate_field"] == "username"


# Finished


@pytest.mark.django_db(transaction=True)
def test_account_opens_by_the_mailed_link(sandbox: SandboxClient) -> None:
    answer = register({**PERSON, "phone": "312 555 0147"}).json()
    assert (answer["email_verification_required"], answer["phone_verification_required"]) == (True, False)
    assert answer["user"]["email_verified"] is False

    refused = sign_in("lamilpa")
    assert (refused.status_code, refused.json()["code"]) == (403, "email_not_verified")
    assert refused.json()["email_verification_required"] is True
    assert "sessionid" not in refused.cookies

    [mail] = sandbox.mail()
    assert mail["recipients"] == ["maria@lamilpa.test"]
    assert sandbox.ledger("twilio", "sms") == []
    pattern = r'http://testserver/api/auth/verify-email/[^\s"<]+'
    [link] = re.findall(pattern, mail["text"])
    assert re.findall(pattern, mail["html"]) == [link]

    path = link.removeprefix("http://testserver")
    assert APIClient().get(path).headers["Location"] == "http://storefront.test/?email_verified=success"
    assert sign_in("lamilpa").status_code == 200
    assert not User.objects.get().phone_verified
    assert link.rpartition("/")[2] not in str(list(OutboxMessage.objects.values()))


@pytest.mark.django_db(transaction=True)
def test_account_without_email_opens_by_the_texted_code(sandbox: SandboxClient) -> None:
    answer = register(BY_PHONE).json()
    assert (answer["email_verification_required"], answer["phone_verification_required"]) == (False, True)

    refused = sign_in("lamilpa")
    assert (refused.status_code, refused.json()["code"]) == (403, "phone_not_verified")
    assert refused.json()["phone_verification_required"] is True
    assert sandbox.mail() == []
    [text] = sandbox.ledger("twilio", "sms")
    assert text["to"] == "+13125550147"

    [code] = re.findall(r"\b\d{6}\b", text["body"])
    wrong = f"{(int(code) + 1) % 10**6:06}"

    def finish(code: str) -> Any:
        return APIClient().post("/api/auth/phone/verify-code", {"phone": "312-555-0147", "code": code})

    assert finish(wrong).status_code == 400
    assert sign_in("lamilpa").status_code == 403

    done = finish(code)
    # It finishes the account, and opens nothing besides.
    assert (done.status_code, done.json()["phone_session_token"]) == (200, None)

    assert finish(code).status_code == 400
    assert sign_in("lamilpa").status_code == 200
    assert code not in str(list(PhoneCode.objects.values()) + list(OutboxMessage.objects.values()))


@pytest.mark.django_db(transaction=True)
def test_verification_mail_leaves_out_the_given_names(sandbox: SandboxClient) -> None:
    words = dict.fromkeys(("first_name", "last_name", "company_name"), "Win at http://evil.test")
    register({**PERSON, **words})
    [mail] = sandbox.mail()
    assert "evil.test" not in mail["text"] + mail["html"] + mail["subject"]


def test_register_sets_the_csrf_cookie_even_for_invalid_forms() -> None:
    for body in (PERSON, {}, PERSON):
        assert register(body).cookies["csrftoken"].value


# How often


def tries(count: int, **headers: Any) -> list[int]:
    """Of a name that is taken: the cheapest form that is complete."""
    User.objects.filter(username="taken").exists() or CustomerFactory(username="taken")
    return [register({**FREE, "username": "taken"}, **headers).status_code for _ in range(count)]


def test_register_is_limited_by_ip_address() -> None:
    assert tries(31) == [409] * 30 + [429]

    stopped = register(FREE)
    assert (stopped.status_code, stopped.json()["code"]) == (429, "throttled")
    assert 0 < int(stopped.headers["Retry-After"]) <= 3600
    assert not User.objects.filter(username="newcomer").exists()

    assert register(FREE, REMOTE_ADDR="198.51.100.7").status_code == 201


def test_forged_forwarded_address_shares_tries() -> None:
    statuses = [tries(1, HTTP_X_FORWARDED_FOR=f"203.0.113.{number}")[0] for number in range(31)]
    assert statuses == [409] * 30 + [429]


def test_address_seen_by_a_trusted_proxy_counts(settings: Any) -> None:
    settings.TRUSTED_PROXIES = (ip_network("127.0.0.0/8"),)
    seen = [tries(1, HTTP_X_FORWARDED_FOR=f"10.9.8.{number}, 203.0.113.5")[0] for number in range(31)]
    assert seen == [409] * 30 + [429]
    assert tries(1, HTTP_X_FORWARDED_FOR="203.0.113.5, 203.0.113.6") == [409]


def test_ipv6_network_shares_tries() -> None:
    statuses = [tries(1, REMOTE_ADDR=f"2001:db8:1:2::{number:x}")[0] for number in range(1, 32)]
    assert statuses == [409] * 30 + [429]
    assert tries(1, REMOTE_ADDR="2001:db8:1:3::1") == [409]


def test_invalid_form_costs_no_try() -> None:
    for _ in range(31):
        assert register({**FREE, "email": "x"}).status_code == 400
    assert register(FREE).status_code == 201
