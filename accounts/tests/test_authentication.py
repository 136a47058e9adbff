"""What authenticates a call: staff tokens, API keys and sessions; how each ends, and what does not open the door."""

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import ApiKey, User
from accounts.services import credentials, keys
from lld.core.access import Role, Scope
from lld.core.actors import SYSTEM
from tests.clock import later
from tests.concurrency.storm import storm
from tests.factories import CustomerFactory, StaffFactory, as_customer, as_key, as_staff, bearer

pytestmark = pytest.mark.django_db


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


def test_token_with_our_claims_is_accepted() -> None:
    """The control of the forgeries below: only what each of them changes keeps it out."""
    user = StaffFactory()
    assert bearer(jwt.encode(claims(user), settings.SECRET_KEY, "HS256")).get("/api/staff/me").status_code == 200


def test_forged_token_is_refused() -> None:
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


def test_staff_token_expires_after_twelve_hours() -> None:
    client = as_staff()
    with later(hours=11, minutes=59):
        assert client.get("/api/staff/me").status_code == 200
    with later(hours=12, minutes=1):
        assert client.get("/api/staff/me").status_code == 401


def test_role_change_counts_at_once() -> None:
    client = as_staff(Role.MANAGER)

    assert client.post("/api/admin/categories", {"name": "A"}).status_code == 201

    User.objects.filter(pk=client.user.pk).update(role=Role.STAFF)
    assert client.post("/api/admin/categories", {"name": "B"}).status_code == 403

    User.objects.filter(pk=client.user.pk).update(is_active=False)
    assert client.get("/api/staff/me").status_code == 401


def test_invalid_token_is_refused_despite_a_session() -> None:
    client = as_customer()
    assert client.get("/api/me", HTTP_AUTHORIZATION="Bearer x").status_code == 401


# API keys


def test_invalid_api_key_is_refused() -> None:
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


def test_api_key_use_is_written_once_a_minute() -> None:
    client = as_key(Scope.VOICE)
    client.post("/api/payments/create-link", {})
    first = ApiKey.objects.get().last_used_at
    client.post("/api/payments/create-link", {})
    assert ApiKey.objects.get().last_used_at == first is not None


@pytest.mark.django_db(transaction=True)
def test_api_key_use_is_written_once_a_minute_when_raced() -> None:
    client = as_key(Scope.VOICE)

    def use(_: int) -> int:
        mine = APIClient()
        mine.credentials(**client._credentials)
        return mine.post("/api/payments/create-link", {"order_number": "LLD-0000-0000"}).status_code

    assert set(storm(8, use)) == {404}

    first = ApiKey.objects.get().last_used_at
    assert first is not None
    use(0)
    assert ApiKey.objects.get().last_used_at == first

    ApiKey.objects.update(last_used_at=first - timedelta(minutes=2))
    use(0)
    assert ApiKey.objects.get().last_used_at > first


# Sessions


def test_session_ends_with_new_password_or_closed_account() -> None:
    for end in (
        lambda user: credentials.end_sign_ins(user),
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: user.set_password("another-good-one") or user.save(),
    ):
        client = as_customer()
        assert client.get("/api/me").status_code == 200

        end(client.user)
        assert client.get("/api/me").status_code == 401


def test_session_expires_after_two_weeks() -> None:
    client = as_customer()
    with later(days=15):
        assert client.get("/api/me").status_code == 401


def test_bearer_token_and_api_key_need_no_csrf_token() -> None:
    assert as_staff().post("/api/admin/categories", {"name": "A"}).status_code == 201
    assert as_key(Scope.VOICE).post("/api/payments/create-link", {"order_number": "LLD-0000-0000"}).status_code == 404


def test_cors_allows_our_frontend_only() -> None:
    client = as_customer()

    ours = client.get("/api/me", HTTP_ORIGIN=settings.FRONTEND_URL)
    assert ours.headers["Access-Control-Allow-Origin"] == settings.FRONTEND_URL
    assert ours.headers["Access-Control-Allow-Credentials"] == "true"

    for origin in ("https://evil.test", "null", settings.FRONTEND_URL + ".evil.test"):
        assert "Access-Control-Allow-Origin" not in client.get("/api/me", HTTP_ORIGIN=origin).headers

    crossed = client.post("/api/logout", HTTP_ORIGIN="https://evil.test")
    assert (crossed.status_code, crossed.json()["code"]) == (403, "csrf_failed")
    assert User.objects.filter(pk=client.user.pk).exists()
