"""A member of staff's own account: who they are, and their password."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.services import mailed_links, staff
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import AuditEntry, OutboxMessage
from sandbox.testing import SandboxClient
from tests.factories import (
    PASSWORD,
    StaffFactory,
    as_staff,
    as_staff_in_session,
    bearer,
    is_staff_in,
    signs_in,
    with_csrf_token,
)

pytestmark = pytest.mark.django_db

PROFILE = "/api/staff/profile"
CHANGE_PASSWORD = f"{PROFILE}/change-password"
CONFIRM = "/api/staff/confirm-email"
NEW_PASSWORD = "a-new-good-one"


def in_session(user: User) -> APIClient:
    """A client with a session and its CSRF token, and without a Bearer token."""
    return with_csrf_token(as_staff_in_session(user=user))


def change(client: APIClient, current: Any = PASSWORD, new: Any = NEW_PASSWORD, confirm: Any = None) -> Any:
    body = {"current_password": current, "new_password": new, "confirm_password": new if confirm is None else confirm}
    return client.post(CHANGE_PASSWORD, body, format="json")


# The profile


def test_profile_shows_the_own_account_without_secrets() -> None:
    StaffFactory()
    client = as_staff(user=StaffFactory(role=Role.SALES_REP, first_name="Ana", last_name="Ruiz"))

    profile = client.get(PROFILE).json()

    expected = {
        "id": client.user.pk,
        "username": client.user.username,
        "email": client.user.email,
        "full_name": "Ana Ruiz",
        "first_name": "Ana",
        "last_name": "Ruiz",
        "role": "sales_rep",
        "is_active": True,
        "version": 1,
    }
    assert {name: profile[name] for name in expected} == expected
    assert set(profile) == {*expected, "created_at", "updated_at"}
    assert profile["created_at"].endswith("Z")


# The password


def test_new_password_ends_other_sign_ins() -> None:
    user = StaffFactory()
    caller, elsewhere, session = as_staff(user=user), as_staff(user=user), in_session(user)
    bystander = as_staff()

    answer = change(caller)

    assert answer.status_code == 200
    assert [is_staff_in(client) for client in (caller, elsewhere, session, bystander)] == [False, False, False, True]
    assert is_staff_in(bearer(answer.json()["token"]))
    assert signs_in(user.username, NEW_PASSWORD)
    assert not signs_in(user.username, PASSWORD)


def test_new_password_keeps_the_calling_session() -> None:
    user = StaffFactory()
    caller, elsewhere, token = in_session(user), in_session(user), as_staff(user=user)
    answer = change(caller)
    assert (answer.status_code, answer.json()["token"]) == (200, None)
    assert [is_staff_in(client) for client in (caller, elsewhere, token)] == [True, False, False]


def test_change_password_needs_csrf_token() -> None:
    user = StaffFactory()
    caller = in_session(user)
    caller.credentials()

    answer = change(caller)

    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert signs_in(user.username, PASSWORD)


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        ({"confirm": "another-good-one"}, {"confirm_password"}),
        ({"confirm": NEW_PASSWORD + " "}, {"confirm_password"}),
        ({"confirm": ""}, {"confirm_password"}),
        ({"current": "wrong"}, {"current_password"}),
        ({"current": PASSWORD + " "}, {"current_password"}),
        ({"current": ""}, {"current_password"}),
        ({"current": 7}, {"current_password"}),
        ({"current": [PASSWORD]}, {"current_password"}),
        ({"new": "7-chars"}, {"new_password"}),
        ({"new": "password1"}, {"new_password"}),
        ({"new": "anaruiz1845"}, {"new_password"}),
        ({"new": "a" * 201}, {"new_password", "confirm_password"}),
        ({"new": "nul\0in-the-middle"}, {"new_password", "confirm_password"}),
        ({"new": {"a": 1}}, {"new_password", "confirm_password"}),
    ],
)
def test_invalid_password_field_is_named(body: dict[str, Any], fields: set[str]) -> None:
    client = as_staff(user=StaffFactory(username="anaruiz1845"))
    before = User.objects.values().get()

    answer = change(client, **body)

    assert (answer.status_code, set(answer.json()["fields"])) == (400, fields)
    assert User.objects.values().get() == before
    assert is_staff_in(client)
    assert not AuditEntry.objects.exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("missing", ["current_password", "new_password", "confirm_password"])
def test_password_fields_are_required(missing: str) -> None:
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "confirm_password": NEW_PASSWORD}
    answer = as_staff().post(CHANGE_PASSWORD, {name: value for name, value in body.items() if name != missing})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {missing})


def test_password_spaces_are_kept() -> None:
    client = as_staff()
    new = "  two spaces before and after  "
    assert change(client, new=new).status_code == 200
    assert signs_in(client.user.username, new)
    assert not signs_in(client.user.username, new.strip())


def test_change_password_refuses_to_name_an_account() -> None:
    other = StaffFactory()
    client = as_staff()
    body = {"current_password": PASSWORD, "new_password": NEW_PASSWORD, "confirm_password": NEW_PASSWORD}
    named = {"id": other.pk, "user_id": other.pk, "username": other.username}

    refused = client.post(CHANGE_PASSWORD, {**body, **named})

    assert (refused.status_code, set(refused.json()["fields"])) == (400, set(named))
    assert signs_in(other.username, PASSWORD)
    assert signs_in(client.user.username, PASSWORD)


def test_current_password_guesses_are_limited() -> None:
    user = StaffFactory()
    client = as_staff(user=user)

    assert [change(client, current="no").status_code for _ in range(10)] == [400] * 10

    stopped = change(as_staff(user=user))
    assert (stopped.status_code, stopped.json()["code"]) == (429, "throttled")
    assert 0 < int(stopped.headers["Retry-After"]) <= 900
    assert signs_in(user.username, PASSWORD)

    assert change(as_staff()).status_code == 200


def test_success_forgives_earlier_guesses() -> None:
    client = as_staff()

    for n in range(2):
        assert [change(client, current="no").status_code for _ in range(9)] == [400] * 9
        answer = change(client, current=(PASSWORD, "good-number-0")[n], new=f"good-number-{n}")
        assert answer.status_code == 200
        client = bearer(answer.json()["token"])


@pytest.mark.django_db(transaction=True)
def test_new_password_is_mailed_about_and_stored_nowhere(sandbox: SandboxClient) -> None:
    client = as_staff()

    assert change(client).status_code == 200

    [mail] = sandbox.mail()
    assert (mail["to"], mail["subject"]) == (client.user.email, "Your password was changed")
    assert mail["html"]
    kept = [*AuditEntry.objects.values(), *OutboxMessage.objects.values()]
    assert kept
    assert NEW_PASSWORD not in str(kept) + str(mail)


def test_new_password_voids_reset_links(api: APIClient) -> None:
    client = as_staff()
    secret = mailed_links.send_reset(client.user)

    assert change(client).status_code == 200

    answer = api.post("/api/staff/reset-password", {"token": secret, "password": "yet-another-one"})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_link")
    assert signs_in(client.user.username, NEW_PASSWORD)


def confirm(secret: str, **extra: Any) -> Any:
    return APIClient().post(CONFIRM, {"token": secret}, **extra)


def own_password(user: User) -> None:
    assert change(as_staff(user=user)).status_code == 200


def reset_password(user: User) -> None:
    body = {"token": mailed_links.send_reset(user), "password": NEW_PASSWORD}
    assert APIClient().post("/api/staff/reset-password", body).status_code == 200


def set_by_an_admin(user: User) -> None:
    staff.set_staff_password(user.pk, NEW_PASSWORD, actor=SYSTEM)


@pytest.mark.parametrize("new_password", [own_password, reset_password, set_by_an_admin])
def test_new_password_voids_confirmation_links(new_password: Any) -> None:
    """The old address is told to change the password if it was somebody else who asked; that must be enough, or the
    link in the somebody else's mailbox still makes the account theirs."""
    user = StaffFactory(email="old@lld.test")
    secret = mailed_links.send_confirmation(user, "eve@evil.test")

    new_password(user)

    assert confirm(secret).status_code == 400
    user.refresh_from_db()
    assert user.email == "old@lld.test"
