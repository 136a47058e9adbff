"""A member of staff's own address: asked for, confirmed by a link, and taken by whom."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import AccountToken, User
from accounts.services import mailed_links
from lld.core.models import AuditEntry, OutboxMessage
from sandbox.testing import SandboxClient
from tests.factories import PASSWORD, CustomerFactory, StaffFactory, as_staff, is_staff_in, signs_in

pytestmark = pytest.mark.django_db

PROFILE = "/api/staff/profile"
UPDATE_EMAIL = f"{PROFILE}/update-email"
CONFIRM = "/api/staff/confirm-email"
NEW_PASSWORD = "a-new-good-one"


def ask(client: APIClient, new_email: Any = "new@lld.test") -> Any:
    return client.post(UPDATE_EMAIL, {"new_email": new_email}, format="json")


def mailed(sandbox: SandboxClient, to: str) -> str:
    """The secret of the newest link mailed there."""
    text = next(mail["text"] for mail in sandbox.mail() if mail["to"] == to)
    found = re.search(r"http://storefront\.test/staff/confirm-email\?token=(\S+)", text)
    assert found
    return found[1]


def confirm(secret: str, **extra: Any) -> Any:
    return APIClient().post(CONFIRM, {"token": secret}, **extra)


@pytest.mark.django_db(transaction=True)
def test_new_email_counts_once_confirmed(sandbox: SandboxClient) -> None:
    client = as_staff(user=StaffFactory(username="ana", email="old@lld.test"))

    answer = ask(client)
    assert answer.status_code == 200
    assert {name: answer.json()[name] for name in ("success", "email")} == {"success": True, "email": "new@lld.test"}
    asked, notice = (
        next(mail for mail in sandbox.mail() if mail["to"] == to) for to in ("new@lld.test", "old@lld.test")
    )
    secret = mailed(sandbox, "new@lld.test")
    assert secret in asked["html"]
    assert "new@lld.test" in notice["text"]
    assert "new@lld.test" in notice["html"]
    assert secret not in str(notice)

    assert client.get(PROFILE).json()["email"] == "old@lld.test"
    assert signs_in("old@lld.test", PASSWORD)
    assert not signs_in("new@lld.test", PASSWORD)

    confirmed = confirm(secret)
    assert (confirmed.status_code, confirmed.json()) == (200, {"success": True, "email": "new@lld.test"})
    assert (client.get(PROFILE).json()["email"], client.get(PROFILE).json()["version"]) == ("new@lld.test", 2)
    assert signs_in("new@lld.test", PASSWORD)
    assert not signs_in("old@lld.test", PASSWORD)

    again = confirm(secret)
    assert (again.status_code, again.json()["code"], set(again.json()["fields"])) == (400, "invalid_link", {"token"})
    assert secret not in str(list(OutboxMessage.objects.values())) + str(list(AccountToken.objects.values()))


def test_username_follows_the_email() -> None:
    user = StaffFactory(username="old@lld.test", email="old@lld.test")
    confirm(mailed_links.send_confirmation(user, "new@lld.test"))
    assert signs_in("new@lld.test", PASSWORD)
    user.refresh_from_db()
    assert (user.username, user.email) == ("new@lld.test", "new@lld.test")


@pytest.mark.parametrize(
    "new_email",
    ["", "nobody", "a@b", "new@lld.test, eve@evil.test", "a" * 250 + "@lld.test", None, 7, ["new@lld.test"], {}],
)
def test_invalid_email_is_refused(new_email: Any) -> None:
    answer = ask(as_staff(), new_email)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"new_email"})
    assert not AccountToken.objects.exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("new_email", ["old@lld.test", "OLD@lld.test", " old@lld.test "])
def test_own_email_is_refused(new_email: str) -> None:
    answer = ask(as_staff(user=StaffFactory(email="Old@lld.test")), new_email)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"new_email"})
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("active", [True, False])
def test_email_of_other_staff_is_taken(active: bool) -> None:
    StaffFactory(email="Taken@lld.test", is_active=active)

    answer = ask(as_staff(), "taken@LLD.test")

    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
    assert answer.json()["duplicate_field"] == "email"
    assert not AccountToken.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_email_of_a_customer_is_free() -> None:
    customer = CustomerFactory(email="shared@lld.test")
    user = StaffFactory()

    assert ask(as_staff(user=user), "shared@lld.test").status_code == 200
    assert confirm(mailed_links.send_confirmation(user, "shared@lld.test")).status_code == 200

    assert signs_in("shared@lld.test", PASSWORD)
    assert signs_in(customer.username, PASSWORD, "/api/login")


def test_email_taken_meanwhile_is_a_conflict() -> None:
    user = StaffFactory(email="old@lld.test")
    secret = mailed_links.send_confirmation(user, "new@lld.test")
    colleague = StaffFactory(email="NEW@lld.test")

    answer = confirm(secret)
    assert (answer.status_code, answer.json()["duplicate_field"]) == (409, "email")
    user.refresh_from_db()
    assert (user.email, user.version) == ("old@lld.test", 1)

    User.objects.filter(pk=colleague.pk).update(email="")
    assert confirm(secret).status_code == 200


def test_username_taken_meanwhile_is_a_conflict() -> None:
    """Customers, too, may be named by their address."""
    user = StaffFactory(username="old@lld.test", email="old@lld.test")
    secret = mailed_links.send_confirmation(user, "new@lld.test")
    CustomerFactory(username="New@lld.test", email="New@lld.test")

    answer = confirm(secret)

    assert (answer.status_code, answer.json()["duplicate_field"]) == (409, "username")
    user.refresh_from_db()
    assert (user.username, user.email) == ("old@lld.test", "old@lld.test")


@pytest.mark.django_db(transaction=True)
def test_newer_link_voids_the_older(sandbox: SandboxClient) -> None:
    client = as_staff()

    ask(client, "first@lld.test")
    ask(client, "second@lld.test")

    first, second = (mailed(sandbox, f"{word}@lld.test") for word in ("first", "second"))
    assert confirm(first).status_code == 400
    assert confirm(second).json()["email"] == "second@lld.test"


@pytest.mark.parametrize(("later", "status"), [(timedelta(hours=23, minutes=59), 200), (timedelta(hours=24), 400)])
def test_confirmation_link_lasts_a_day(later: timedelta, status: int) -> None:
    moment = timezone.now()
    with time_machine.travel(moment, tick=False):
        secret = mailed_links.send_confirmation(StaffFactory(), "new@lld.test")
    with time_machine.travel(moment + later, tick=False):
        assert confirm(secret).status_code == status


def test_confirmation_link_serves_its_purpose_only(api: APIClient) -> None:
    customer, member = CustomerFactory(email_verified=False), StaffFactory()
    others = [
        mailed_links.send_verification(customer),
        mailed_links.send_reset(customer),
        mailed_links.send_reset(member),
        # Of a customer, who has no business with it, whoever made it.
        mailed_links.send_confirmation(customer, "new@lld.test"),
    ]

    for secret in [*others, "rubbish", "x" * 200]:
        answer = confirm(secret)
        assert (answer.status_code, answer.json()["code"]) == (400, "invalid_link")
    assert set(User.objects.values_list("email", flat=True)) == {customer.email, member.email}

    secret = mailed_links.send_confirmation(member, "new@lld.test")
    assert api.get(f"/api/auth/verify-email/{secret}").headers["Location"].endswith("=invalid")

    for path in ("/api/staff/reset-password", "/api/auth/reset-password"):
        assert api.post(path, {"token": secret, "password": NEW_PASSWORD}).status_code == 400
    # What was refused is still good for what it was made for.
    for path, reset in (("/api/staff/reset-password", others[2]), ("/api/auth/reset-password", others[1])):
        assert api.post(path, {"token": reset, "password": NEW_PASSWORD}).status_code == 200


@pytest.mark.parametrize("token", ["", "x" * 201, None, 7, ["a"], {"a": 1}, "nul\0"])
def test_invalid_token_is_refused(api: APIClient, token: Any) -> None:
    answer = api.post(CONFIRM, {"token": token}, format="json")
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"token"})


def test_new_email_voids_reset_links(api: APIClient) -> None:
    user = StaffFactory(email="old@lld.test")
    reset = mailed_links.send_reset(user)
    assert confirm(mailed_links.send_confirmation(user, "new@lld.test")).status_code == 200
    answer = api.post("/api/staff/reset-password", {"token": reset, "password": NEW_PASSWORD})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_link")


def test_email_change_is_audited_and_keeps_sign_ins() -> None:
    client = as_staff(user=StaffFactory(email="old@lld.test"))

    ask(client)
    confirm(mailed_links.send_confirmation(client.user, "new@lld.test"))

    assert is_staff_in(client)
    asked, done = AuditEntry.objects.order_by("pk")
    assert (asked.action, asked.actor_id, asked.after) == (
        "staff.ask_for_address",
        client.user.pk,
        {"email": "new@lld.test"},
    )
    assert (done.action, done.before, done.after) == (
        "staff.address",
        {"email": "old@lld.test"},
        {"email": "new@lld.test"},
    )


def test_inactive_account_cannot_confirm_an_email() -> None:
    user = StaffFactory(email="old@lld.test")
    secret = mailed_links.send_confirmation(user, "new@lld.test")
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert confirm(secret).status_code == 400

    user.refresh_from_db()
    assert user.email == "old@lld.test"


@pytest.mark.parametrize("length", [150, 151, 254])
def test_long_email_is_followed_or_refused(length: int) -> None:
    """A username has less room than an address."""
    user = StaffFactory(username="old@lld.test", email="old@lld.test")
    new_email = "a" * (length - len("@lld.test")) + "@lld.test"

    assert confirm(mailed_links.send_confirmation(user, new_email)).status_code in {200, 400}

    user.refresh_from_db()
    assert user.username == user.email


def test_email_requests_are_limited() -> None:
    client = as_staff()
    assert [ask(client, f"new{n}@lld.test").status_code for n in range(6)] == [200] * 5 + [429]
    assert AccountToken.objects.get().new_email == "new4@lld.test"
    assert ask(as_staff(), "other@lld.test").status_code == 200


def test_link_guesses_are_limited_by_ip_address() -> None:
    secret = mailed_links.send_confirmation(StaffFactory(), "new@lld.test")

    assert {confirm(f"guess{n}").status_code for n in range(60)} == {400}

    stopped = confirm(secret)
    assert stopped.status_code == 429
    assert 0 < int(stopped.headers["Retry-After"]) <= 900

    assert confirm(secret, REMOTE_ADDR="203.0.113.9").status_code == 200
