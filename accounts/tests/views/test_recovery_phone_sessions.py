"""The proof that a code opens: what it is good for, and for how long."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.enums import AuthProvider
from accounts.models import AccountToken, PhoneSession, User
from accounts.services import mailed_links, phones
from accounts.tests.views.by_phone import (
    NEW_PASSWORD,
    OTHER,
    PHONE,
    RECOVER,
    look_up,
    refusal,
    reset,
    send,
    signs_in,
    texted,
    verdict,
    verify,
)
from sandbox.testing import SandboxClient
from tests.clock import later
from tests.factories import PASSWORD, CustomerFactory, as_customer

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("first", [look_up, reset])
@pytest.mark.parametrize("second", [look_up, reset])
def test_phone_session_works_once(first: Any, second: Any) -> None:
    CustomerFactory(phone=PHONE)
    token = phones.open_phone_session(PHONE)
    assert first(token).status_code == 200
    assert verdict(second(token)) == refusal("phone_session_token")


@pytest.mark.parametrize("use", [look_up, reset])
@pytest.mark.parametrize(("time", "status"), [({"minutes": 14, "seconds": 50}, 200), ({"minutes": 15}, 400)])
def test_phone_session_lasts_fifteen_minutes(use: Any, time: dict[str, float], status: int) -> None:
    user = CustomerFactory(phone=PHONE)
    token = phones.open_phone_session(PHONE)
    with later(**time):
        assert use(token).status_code == status
    assert signs_in(user, PASSWORD) is (status == 400 or use is look_up)


@pytest.mark.parametrize("use", [look_up, reset])
def test_invalid_phone_session_is_refused(use: Any) -> None:
    user = CustomerFactory(phone=PHONE)
    token = phones.open_phone_session(PHONE)
    stored = PhoneSession.objects.get().token_hash

    for made_up in (token[:-1], f"{token}x", token.swapcase(), stored, PHONE, "0"):
        assert verdict(use(made_up)) == refusal("phone_session_token"), made_up
    assert signs_in(user, PASSWORD)


@pytest.mark.parametrize(
    ("username", "masked"),
    [
        ("maria.lopez", "ma***z"),
        ("ana", "a***"),
        ("ab", "a***"),
        ("maria@cafe.test", "ma***a@cafe.test"),
        ("ab@cafe.test", "a***@cafe.test"),
        ("a@cafe.test", "a***@cafe.test"),
    ],
)
def test_username_is_masked(username: str, masked: str) -> None:
    email = username if "@" in username else "maria@lamilpa.test"
    CustomerFactory(phone=PHONE, username=username, email=email)
    answer = look_up(phones.open_phone_session(PHONE))
    assert answer.json() == {"username": masked}


@pytest.mark.django_db(transaction=True)
def test_reset_by_phone_ends_earlier_sign_ins_and_links(sandbox: SandboxClient) -> None:
    client = as_customer(CustomerFactory(phone=PHONE, phone_verified=False))
    user = client.user
    link = mailed_links.send_reset(user)
    other_proof, proof = (phones.open_phone_session(PHONE) for _ in range(2))
    code = phones.send_code(PHONE, RECOVER)
    assert client.get("/api/me").status_code == 200

    assert reset(proof).status_code == 200
    assert client.get("/api/me").status_code == 401
    assert (signs_in(user, PASSWORD), signs_in(user, NEW_PASSWORD)) == (False, True)

    by_link = APIClient().post("/api/auth/reset-password", {"token": link, "password": "a-third-fine-horse"})
    assert (by_link.status_code, by_link.json()["code"]) == (400, "invalid_link")

    assert verdict(look_up(other_proof)) == refusal("phone_session_token")
    assert verdict(verify(code)) == refusal()
    assert signs_in(user, NEW_PASSWORD)
    assert not AccountToken.objects.exists()
    assert User.objects.get().phone_verified
    # Whoever holds the phone may not be the owner, who hears of it.
    assert "password" in sandbox.mail()[0]["subject"].lower()


@pytest.mark.parametrize("password", ["short", "password", "123456", "maria.lopez", "   "])
def test_weak_password_keeps_the_phone_session(password: str) -> None:
    user = CustomerFactory(phone=PHONE, username="maria.lopez")
    token = phones.open_phone_session(PHONE)

    answer = reset(token, password)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"password"})
    assert signs_in(user, PASSWORD)

    assert reset(token).status_code == 200
    assert signs_in(user, NEW_PASSWORD)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("use", [look_up, reset])
def test_contact_without_login_has_no_username(sandbox: SandboxClient, use: Any) -> None:
    contact = CustomerFactory(phone=PHONE, username=None, auth_provider=AuthProvider.IMPORTED, password="!")
    send()
    token = verify(texted(sandbox)).json()["phone_session_token"]

    answer = use(token)

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    contact.refresh_from_db()
    assert not contact.has_usable_password()


@pytest.mark.parametrize("use", [look_up, reset])
@pytest.mark.parametrize("changes", [{"is_active": False}, {"phone": OTHER}, {"phone_recovers": False}])
def test_phone_session_of_a_former_phone_is_404(use: Any, changes: dict[str, Any]) -> None:
    user = CustomerFactory(phone=PHONE)
    token = phones.open_phone_session(PHONE)
    User.objects.filter(pk=user.pk).update(**changes)

    assert use(token).status_code == 404

    user.refresh_from_db()
    assert user.check_password(PASSWORD)
