"""Customers' own accounts: whose they are, and what customers may change of themselves."""

import re
from typing import Any

import pytest
from django.forms.models import model_to_dict
from rest_framework.test import APIClient

from accounts.enums import CodePurpose
from accounts.models import AccountToken, CustomerProfile, PhoneCode, PhoneSession, User
from accounts.services import mailed_links, phones
from accounts.tests.views.own_account import NEW_PASSWORD, NEW_PHONE, PHONE, maria, own, sign_in
from lld.core.access import Role
from lld.core.models import AuditEntry, OutboxMessage
from sandbox.testing import SandboxClient
from tests.factories import PASSWORD, CustomerFactory, StaffFactory, as_staff

pytestmark = pytest.mark.django_db


def everything(user_id: int) -> tuple[Any, Any]:
    """All columns of an account and its profile, but for the moment of the last change."""
    user = User.objects.get(pk=user_id)
    return model_to_dict(user, exclude=["last_login"]), model_to_dict(user.profile)


# Whose


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_other_accounts_are_404(method: str) -> None:
    client = maria()
    others = [CustomerFactory().pk, StaffFactory(role=Role.ADMIN).pk, 10**9, 0, 10**30]
    before = [everything(others[0]), User.objects.get(pk=others[1]).is_active]

    for other in others:
        answer = getattr(client, method)(f"/api/users/{other}", {"company_name": "Mine now"})
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")

    assert [everything(others[0]), User.objects.get(pk=others[1]).is_active] == before


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_staff_are_refused(method: str) -> None:
    for client in (as_staff(Role.ADMIN), as_staff(Role.STAFF)):
        assert getattr(client, method)(own(client), {"first_name": "X"}).status_code == 403
        assert getattr(client, method)(f"/api/users/{CustomerFactory().pk}", {"first_name": "X"}).status_code == 403
    assert not User.objects.filter(first_name="X").exists()
    assert not User.objects.filter(is_active=False).exists()


def test_me_and_users_show_the_same_account() -> None:
    client = maria()
    shown = [client.get(path).json() for path in ("/api/me", "/api/users", own(client))]
    assert shown[0] == shown[1] == shown[2]
    assert shown[0]["user"]["id"] == client.user.pk


@pytest.mark.parametrize("method", ["put", "delete"])
def test_changes_need_csrf_token(method: str) -> None:
    client = maria()
    client.credentials()
    answer = getattr(client, method)(own(client), {"first_name": "X"})
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert User.objects.get().first_name == "Maria"


# Changing


def test_update_changes_given_fields_only() -> None:
    client = maria()
    CustomerProfile.objects.update(billing_address="9 Old St")
    changes = {"first_name": "Ana", "company_name": "La Rosa", "phone2": "312-555-0160", "shipping_address": "1 Main"}

    answer = client.put(own(client), changes)

    assert answer.status_code == 200
    shown = answer.json()["user"]
    expected = {**changes, "phone2": "+13125550160", "last_name": "Lopez", "billing_address": "9 Old St"}
    assert {name: shown[name] for name in expected} == expected
    assert client.get("/api/me").json()["user"] == shown
    assert shown["version"] == client.user.version + 1
    # Nothing that anyone need prove or be told of.
    assert not OutboxMessage.objects.exists()
    assert (shown["email_verified"], shown["email"]) == (True, "maria@cafe.test")


def test_read_only_fields_are_ignored() -> None:
    client = maria()
    before = everything(client.user.pk)
    said = {
        "id": 1,
        "pk": 1,
        "user_id": 1,
        "username": "admin",
        "password": NEW_PASSWORD,
        "role": "admin",
        "auth_provider": "staff",
        "is_active": False,
        "is_staff": True,
        "is_superuser": True,
        "email_verified": False,
        "phone_verified": True,
        "deleted_at": "2026-01-01T00:00:00Z",
        "created_at": "2001-01-01T00:00:00Z",
        "updated_at": "2001-01-01T00:00:00Z",
        "last_login": "2001-01-01T00:00:00Z",
        "token_version": 99,
        "version": 99,
        "approved_for_terms": True,
        "payment_terms": "net60",
        "credit_limit": 50_000,
        "stripe_customer_id": "cus_1",
        "business_ein": "36-1234567",
        "business_type": "bank",
        "resale_certificate": "X",
        "state_of_operation": "TX",
        "profile": {"approved_for_terms": True, "credit_limit": 50_000},
        "actor": {"kind": "system"},
        "expected_version": 99,
    }

    for name, value in said.items():
        assert client.put(own(client), {name: value}).status_code == 200, name
    assert client.put(own(client), said).status_code == 200

    assert everything(client.user.pk) == before
    assert sign_in("maria") == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""),
        ("email", "x"),
        ("email", None),
        ("phone", "555-0147"),
        ("phone", None),
        ("phone2", "x"),
        ("first_name", "x" * 101),
        ("last_name", ["x"]),
        ("company_name", "x" * 201),
        ("shipping_address", "x" * 501),
        ("billing_address", "x\0y"),
    ],
)
def test_invalid_field_is_named(field: str, value: Any) -> None:
    client = maria()
    before = everything(client.user.pk)
    answer = client.put(own(client), {"first_name": "Ana", "company_name": "La Rosa", field: value})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})
    assert everything(client.user.pk) == before


def test_stale_version_is_a_conflict() -> None:
    client = maria()
    seen = client.get(own(client)).json()["user"]["version"]

    assert client.put(own(client), {"first_name": "Ana"}, HTTP_IF_MATCH=str(seen)).status_code == 200

    stale = client.put(own(client), {"first_name": "Eva", "company_name": "La Rosa"}, HTTP_IF_MATCH=f'"{seen}"')
    assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")
    assert stale.json()["current"] == client.get("/api/me").json()["user"]
    assert stale.json()["current"]["first_name"] == "Ana"
    assert CustomerProfile.objects.get().company_name == "Taqueria La Milpa"

    assert client.put(own(client), {"first_name": "Eva"}, HTTP_IF_MATCH="soon").status_code == 400
    assert client.put(own(client), {"first_name": "Eva"}, HTTP_IF_MATCH=str(seen + 1)).status_code == 200


# Another address


@pytest.mark.django_db(transaction=True)
def test_new_email_must_be_verified_and_old_one_is_told(sandbox: SandboxClient) -> None:
    client = maria()
    reset, verification = mailed_links.send_reset(client.user), mailed_links.send_verification(client.user)
    sandbox.reset()

    shown = client.put(own(client), {"email": "maria@new.test"}).json()["user"]
    assert (shown["email"], shown["email_verified"], shown["username"]) == ("maria@new.test", False, "maria")
    mails = {mail["recipients"][0]: mail for mail in sandbox.mail()}
    assert set(mails) == {"maria@new.test", "maria@cafe.test"}
    # Who has the old mailbox learns that there was a change, and nothing that opens anything.
    assert "verify-email" not in mails["maria@cafe.test"]["text"] + mails["maria@cafe.test"]["html"]
    assert "maria@new.test" not in mails["maria@cafe.test"]["text"]

    api = APIClient()
    assert api.get(f"/api/auth/verify-email/{verification}").headers["Location"].endswith("=invalid")

    refused = api.post("/api/auth/reset-password", {"token": reset, "password": NEW_PASSWORD})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_link")
    assert sign_in("maria") == 403

    [link] = re.findall(r"/api/auth/verify-email/\S+", mails["maria@new.test"]["text"])
    assert api.get(link).headers["Location"].endswith("=success")
    assert sign_in("maria") == sign_in("maria@new.test") == 200
    assert sign_in("maria@cafe.test") == 401
    entry = AuditEntry.objects.get(action="customer.contact")
    # The log outlives the account, and tells nobody's address.
    assert (entry.before, entry.after) == ({}, {"changed": "email"})


def test_username_follows_the_email() -> None:
    client = maria(username="maria@cafe.test")

    shown = client.put(own(client), {"email": "Maria@new.test"}).json()["user"]
    assert (shown["email"], shown["username"]) == ("Maria@new.test", "Maria@new.test")

    User.objects.update(email_verified=True)
    assert sign_in("maria@new.test") == 200

    # The old name is free for whoever has that mailbox.
    body = {"username": "maria@cafe.test", "email": "maria@cafe.test", "password": PASSWORD}
    assert APIClient().post("/api/register", body).status_code == 201


def test_email_in_another_case_stays_verified() -> None:
    client = maria(username="maria@cafe.test")
    shown = client.put(own(client), {"email": "Maria@Cafe.test"}).json()["user"]
    assert (shown["email"], shown["email_verified"]) == ("Maria@Cafe.test", True)
    assert not AccountToken.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"), [("email", "ANA@cafe.test"), ("phone", "(312) 555-0148"), ("email", "ana@cafe.test")]
)
def test_taken_email_or_phone_is_a_conflict(field: str, value: str) -> None:
    CustomerFactory(email="Ana@Cafe.test", phone=NEW_PHONE)
    client = maria()
    mailed_links.send_reset(client.user)
    phones.open_phone_session(PHONE)
    OutboxMessage.objects.all().delete()
    before = everything(client.user.pk)

    answer = client.put(own(client), {field: value, "company_name": "La Rosa", "first_name": "Ana"})

    body = answer.json()
    assert (answer.status_code, body["code"], body["duplicate_field"]) == (409, "duplicate", field)
    assert body["hint"]
    assert everything(client.user.pk) == before
    assert (AccountToken.objects.count(), PhoneSession.objects.count()) == (1, 1)
    assert not OutboxMessage.objects.exists()


def test_contact_changes_are_limited() -> None:
    """Each new one is mailed or texted to, and each taken one tells that it has an account."""
    client = maria()
    statuses = [client.put(own(client), {"email": f"victim{number}@else.test"}).status_code for number in range(61)]
    assert 429 in statuses


# Another phone


def test_new_phone_voids_proofs_of_the_old_one() -> None:
    client = maria(phone_verified=True)
    session = phones.open_phone_session(PHONE)
    code = phones.send_code(PHONE, CodePurpose.RECOVER)
    others = phones.open_phone_session("+13125550199")

    shown = client.put(own(client), {"phone": "312-555-0148"}).json()["user"]
    assert (shown["phone"], shown["phone_verified"], shown["email_verified"]) == (NEW_PHONE, False, True)
    assert not PhoneCode.objects.exists()
    assert PhoneSession.objects.count() == 1

    api = APIClient()
    assert api.post("/api/auth/phone/verify-code", {"phone": PHONE, "code": code}).status_code == 400

    proven = {"phone_session_token": session}
    for action, body in (("lookup-username", proven), ("reset-password", {**proven, "password": NEW_PASSWORD})):
        assert api.post(f"/api/auth/phone/{action}", body).status_code == 400
    # That one is of another account.
    assert api.post("/api/auth/phone/lookup-username", {"phone_session_token": others}).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_new_phone_is_mailed_to_the_owner(sandbox: SandboxClient) -> None:
    client = maria()
    client.put(own(client), {"phone": NEW_PHONE})
    [mail] = sandbox.mail()
    assert (mail["recipients"], "phone" in mail["text"]) == (["maria@cafe.test"], True)
    assert sign_in("maria") == 200


def test_phone_in_another_spelling_is_no_change() -> None:
    client = maria(phone_verified=True)
    shown = client.put(own(client), {"phone": "(312) 555-0147"}).json()["user"]
    assert (shown["phone_verified"], shown["version"]) == (True, client.user.version)
    assert not OutboxMessage.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_new_phone_without_email_must_be_verified(sandbox: SandboxClient) -> None:
    client = maria(email="", email_verified=False, phone_verified=True)

    assert "phone" in client.put(own(client), {"phone": ""}).json()["fields"]
    assert sign_in("maria") == 200

    assert client.put(own(client), {"phone": NEW_PHONE}).json()["user"]["phone_verified"] is False
    assert sign_in("maria") == 403
    texts = {text["to"]: text["body"] for text in sandbox.ledger("twilio", "sms")}
    assert set(texts) == {PHONE, NEW_PHONE}
    assert not re.search(r"\d{6}", texts[PHONE])

    [code] = re.findall(r"\b\d{6}\b", texts[NEW_PHONE])
    body = {"phone": NEW_PHONE, "code": code}
    assert APIClient().post("/api/auth/phone/verify-code", body).status_code == 200
    assert sign_in("maria") == 200
