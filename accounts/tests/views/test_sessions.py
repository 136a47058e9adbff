"""Signing in and out, and what does not open the door."""

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AccountToken, ApiKey, User
from accounts.services import credentials, keys, links, staff
from accounts.tokens import StaffToken, hash_secret
from lld.core.access import Role, Scope
from lld.core.actors import SYSTEM
from lld.core.errors import Conflict, InvalidInput
from sandbox.testing import SandboxClient
from tests.factories import PASSWORD, CustomerFactory, StaffFactory, as_customer, as_key, as_staff, bearer, login

pytestmark = pytest.mark.django_db


def test_by_username_or_address_whatever_the_case(api: APIClient) -> None:
    user = CustomerFactory(username="Ana", email="Ana@Cafe.test")
    for name in ("ana", "ANA", " ana ", "ana@cafe.test"):
        answer = login(api, name)
        assert answer.status_code == 200, name
        assert answer.json()["user"]["id"] == user.pk
        assert "password" not in answer.content.decode().lower()


def test_unknown_and_wrong_are_told_apart_by_nothing(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    CustomerFactory(username="ana")
    CustomerFactory(username="gone", is_active=False)
    hashed: list[str] = []
    hasher = get_hasher("default").__class__
    original = hasher.encode
    monkeypatch.setattr(hasher, "encode", lambda *a, **k: hashed.append("x") or original(*a, **k))
    answers = [login(api, name, password) for name, password in (("ana", "no"), ("nobody", "no"), ("gone", PASSWORD))]
    assert len({answer.content for answer in answers}) == 1
    assert {answer.status_code for answer in answers} == {401}
    assert answers[0].json()["code"] == "invalid_credentials"
    # One hash each: the time it takes tells nothing either.
    assert len(hashed) == 3


def test_customers_and_staff_have_doors_of_their_own(api: APIClient) -> None:
    customer, member = CustomerFactory(), StaffFactory()
    assert login(api, member.username).status_code == 401
    assert login(api, customer.username, path="/api/staff/login").status_code == 401
    assert as_customer().get("/api/staff/me").status_code == 403
    assert as_staff(Role.ADMIN).get("/api/me").status_code == 403


def test_an_unconfirmed_address_is_said_only_to_who_knows_the_password(api: APIClient) -> None:
    CustomerFactory(username="ana", email_verified=False)
    right, wrong = login(api, "ana"), login(api, "ana", "no")
    assert (right.status_code, right.json()["email_verification_required"]) == (403, True)
    assert wrong.status_code == 401


def test_ten_tries_and_then_a_wait(api: APIClient) -> None:
    CustomerFactory(username="ana")
    assert [login(api, "ana", "no").status_code for _ in range(11)] == [401] * 10 + [429]
    stopped = login(api, "ana")
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["Retry-After"]) <= 900
    assert login(api, CustomerFactory().username).status_code == 200


def test_success_forgives_what_came_before(api: APIClient) -> None:
    CustomerFactory(username="ana")
    for _ in range(3):
        assert [login(api, "ana", "no").status_code for _ in range(9)] == [401] * 9
        assert login(api, "ana").status_code == 200


def test_a_made_up_forwarded_address_does_not_reset_the_count(api: APIClient) -> None:
    statuses = [login(api, f"user{n}", "no", HTTP_X_FORWARDED_FOR=f"10.0.0.{n}").status_code for n in range(102)]
    assert statuses[:100] == [401] * 100
    assert statuses[100:] == [429, 429]


def test_signing_in_changes_the_session_and_signing_out_ends_it() -> None:
    client = as_customer()
    before = client.cookies["sessionid"].value
    client.post("/api/login", {"username": CustomerFactory().username, "password": PASSWORD})
    assert client.cookies["sessionid"].value != before
    client.credentials(HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value)
    assert client.post("/api/logout").status_code == 200
    assert client.get("/api/me").status_code == 401


def test_the_csrf_cookie_is_there_before_anyone_signs_in(api: APIClient) -> None:
    answer = api.get("/api/me")
    assert answer.status_code == 401
    assert "csrftoken" in answer.cookies


def test_a_new_password_or_an_ended_account_ends_sessions() -> None:
    for end in (
        lambda user: credentials.end_sign_ins(user),
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: user.set_password("another-good-one") or user.save(),
    ):
        client = as_customer()
        assert client.get("/api/me").status_code == 200
        end(client.user)
        assert client.get("/api/me").status_code == 401


# Staff tokens


def claims(user: User, **changes: Any) -> dict[str, Any]:
    now = int(timezone.now().timestamp())
    return {
        "token_type": "staff",
        "exp": now + 600,
        "iat": now,
        "jti": "x" * 32,
        "user_id": user.pk,
        "ver": user.token_version,
        **changes,
    }


def test_a_token_made_as_ours_are_opens() -> None:
    """The control of the forgeries below: only what each of them changes keeps it out."""
    user = StaffFactory()
    assert bearer(jwt.encode(claims(user), settings.SECRET_KEY, "HS256")).get("/api/staff/me").status_code == 200


def test_forged_tokens_do_not_open() -> None:
    user = StaffFactory()
    good = jwt.encode(claims(user), settings.SECRET_KEY, "HS256")
    header, payload, signature = good.split(".")
    none = base64.urlsafe_b64encode(b'{"alg":"none","typ":"JWT"}').rstrip(b"=").decode()
    edited = {**claims(user), "user_id": StaffFactory(role=Role.ADMIN).pk}
    other = base64.urlsafe_b64encode(json.dumps(edited).encode()).rstrip(b"=").decode()
    without_exp = {name: value for name, value in claims(user).items() if name != "exp"}
    forged = {
        "no algorithm": f"{none}.{payload}.",
        "no algorithm, signed": f"{none}.{payload}.{signature}",
        "edited": f"{header}.{other}.{signature}",
        "another key": jwt.encode(claims(user), "k" * 50, "HS256"),
        "expired": jwt.encode(claims(user, exp=1), settings.SECRET_KEY, "HS256"),
        "never expiring": jwt.encode(without_exp, settings.SECRET_KEY, "HS256"),
        "another kind": jwt.encode(claims(user, token_type="access"), settings.SECRET_KEY, "HS256"),
        "an older version": jwt.encode(claims(user, ver=user.token_version - 1), settings.SECRET_KEY, "HS256"),
        "a customer": jwt.encode(claims(CustomerFactory()), settings.SECRET_KEY, "HS256"),
        "nobody": jwt.encode(claims(user, user_id=10**9), settings.SECRET_KEY, "HS256"),
        "nonsense ids": jwt.encode(claims(user, user_id="x", ver={"a": 1}), settings.SECRET_KEY, "HS256"),
        "rubbish": "rubbish",
        "empty": "",
    }
    for name, token in forged.items():
        answer = bearer(token).get("/api/staff/me")
        assert answer.status_code == 401, name
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_signing_out_ends_the_token_and_no_other() -> None:
    user = StaffFactory()
    one, other = as_staff(user=user), as_staff(user=user)
    assert one.post("/api/staff/logout").json() == {"success": True}
    assert one.get("/api/staff/me").status_code == 401
    assert other.get("/api/staff/me").status_code == 200
    assert one.post("/api/staff/logout").json() == {"success": True}


def test_a_role_counts_at_once() -> None:
    client = as_staff(Role.MANAGER)
    assert client.post("/api/admin/categories", {"name": "A"}).status_code == 201
    User.objects.filter(pk=client.user.pk).update(role=Role.STAFF)
    assert client.post("/api/admin/categories", {"name": "B"}).status_code == 403
    User.objects.filter(pk=client.user.pk).update(is_active=False)
    assert client.get("/api/staff/me").status_code == 401


def test_a_session_for_the_console_comes_when_asked_for(api: APIClient) -> None:
    member = StaffFactory(role=Role.ADMIN)
    body = {"username": member.username, "password": PASSWORD}
    api.post("/api/staff/login", body)
    assert "sessionid" not in api.cookies
    api.post("/api/staff/login", {**body, "session": True})
    assert api.get("/admin/").status_code == 200


# API keys


def test_keys_that_do_not_open() -> None:
    path = "/api/payments/create-link"
    good = as_key(Scope.VOICE)
    assert good.post(path, {"order_number": "LLD-0000-0000"}).status_code == 404
    assert as_key(Scope.QUEUE).post(path, {}).status_code == 403
    key = ApiKey.objects.latest("pk")
    keys.revoke_api_key(ApiKey.objects.earliest("pk").pk, actor=SYSTEM, by=StaffFactory())
    assert good.post(path, {}).status_code == 401
    expired = as_key(Scope.VOICE)
    ApiKey.objects.exclude(pk=key.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert expired.post(path, {}).status_code == 401
    unknown = APIClient()
    unknown.credentials(HTTP_X_API_KEY="lld_unknown")
    assert unknown.post(path, {}).status_code == 401


def test_the_raw_key_is_kept_nowhere() -> None:
    key, raw = keys.create_api_key(actor=SYSTEM, name="n8n")
    assert raw not in json.dumps(list(ApiKey.objects.values()), default=str)
    assert key.scopes == ["voice", "queue", "catalog:read", "catalog:write"]
    assert raw.endswith(key.key_preview[-4:])


def test_using_a_key_writes_at_most_once_a_minute() -> None:
    client = as_key(Scope.VOICE)
    client.post("/api/payments/create-link", {})
    first = ApiKey.objects.get().last_used_at
    client.post("/api/payments/create-link", {})
    assert ApiKey.objects.get().last_used_at == first is not None


# Making accounts


@pytest.mark.parametrize("password", ["short", "password", "12345678", "mariamaria"])
def test_weak_passwords_of_staff(password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        staff.create_staff(actor=SYSTEM, username="mariamaria", password=password, role=Role.STAFF)
    assert refused.value.fields
    assert not User.objects.exists()


def test_usernames_are_taken_whatever_their_case() -> None:
    staff.create_staff(actor=SYSTEM, username="Ana", password=PASSWORD, role=Role.STAFF)
    with pytest.raises(Conflict):
        staff.create_staff(actor=SYSTEM, username="ANA", password=PASSWORD, role=Role.STAFF)


ACCOUNT = {
    "email": "ana@cafe.test",
    "password": PASSWORD,
    "delivery_name": "Ana Ruiz",
    "delivery_address": "1 Main St",
    "delivery_city": "Chicago",
    "delivery_state": "IL",
    "delivery_zip": "60608",
}


@pytest.mark.django_db(transaction=True)
def test_an_account_made_at_checkout_signs_in_once_confirmed(api: APIClient, sandbox: SandboxClient) -> None:
    answer = api.post("/api/orders/create-account", ACCOUNT)
    assert answer.status_code == 201
    assert answer.json()["user"]["email_verified"] is False
    assert login(api, "ana@cafe.test").status_code == 403
    link = next(word for word in sandbox.mail()[0]["text"].split() if "verify-email" in word)
    path = link.removeprefix("http://testserver")
    assert api.get(path).headers["Location"] == "http://storefront.test/?email_verified=success"
    assert login(api, "ana@cafe.test").status_code == 200
    assert api.get(path).headers["Location"].endswith("email_verified=invalid")


def test_a_link_ends_and_a_newer_one_voids_it(api: APIClient, sandbox: SandboxClient) -> None:
    user = CustomerFactory(email_verified=False)
    AccountToken.objects.create(
        user=user, purpose="verify_email", token_hash=hash_secret("old"), expires_at=timezone.now()
    )
    assert api.get("/api/auth/verify-email/old").headers["Location"].endswith("=expired")
    links.send_verification(user)
    assert api.get("/api/auth/verify-email/old").headers["Location"].endswith("=invalid")
    assert AccountToken.objects.count() == 1


def test_a_taken_address_or_phone_is_a_409(api: APIClient, sandbox: SandboxClient) -> None:
    CustomerFactory(email="Ana@Cafe.test", phone="+13125550147")
    for changes in ({}, {"email": "other@cafe.test", "delivery_phone": "312-555-0147"}):
        answer = api.post("/api/orders/create-account", {**ACCOUNT, **changes})
        assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
    assert User.objects.count() == 1


def test_tokens_and_keys_never_show_in_text() -> None:
    token = StaffToken.for_staff(StaffFactory())
    assert "ver" in token.payload
    assert set(token.payload) == {"token_type", "exp", "iat", "jti", "user_id", "ver"}
