"""Staff, as admins change them: what may be changed, and what a change ends at once."""

from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.enums import AuthProvider
from accounts.models import StaffProfile, User
from accounts.services import mailed_links
from lld.core.access import Role
from lld.core.models import AuditEntry, OutboxMessage
from sandbox.testing import SandboxClient
from staffportal.tests.views.members import BAD_COMMON, MEMBER, NEW_PASSWORD, TEAM, USERS, resets
from tests.factories import CustomerFactory, StaffFactory, as_staff, as_staff_in_session, is_staff_in, signs_in

pytestmark = pytest.mark.django_db


def change(member: User, client: APIClient | None = None, **changes: Any) -> Any:
    headers = {"HTTP_IF_MATCH": changes.pop("if_match")} if "if_match" in changes else {}
    return (client or as_staff()).put(f"{USERS}/{member.pk}", changes, format="json", **headers)


def test_update_changes_given_fields_only() -> None:
    member = StaffFactory(role=Role.SALES_REP, first_name="Ana", last_name="Ruiz", email="ana@lld.test")
    client = as_staff()

    for changes in (
        {"first_name": "Anna"},
        {"email": "anna@lld.test"},
        {"role": "staff"},
        {"is_active": False},
        {"full_name": "Eva Paz"},
    ):
        before = User.objects.values().get(pk=member.pk)

        row = change(member, client, **changes).json()

        after = User.objects.values().get(pk=member.pk)
        told = {"first_name": "Eva", "last_name": "Paz"} if "full_name" in changes else changes
        ended = {"token_version": before["token_version"] + 1} if {"role", "is_active"} & changes.keys() else {}
        kept = {name: value for name, value in before.items() if name != "updated_at"}
        expected = kept | told | ended | {"version": before["version"] + 1}
        assert {name: value for name, value in after.items() if name != "updated_at"} == expected
        assert set(row) == MEMBER
        assert {name: row[name] for name in told} == told
        assert row["version"] == after["version"]


def test_unchanged_staff_keeps_sign_ins() -> None:
    member = StaffFactory(first_name="Ana")
    client = as_staff(user=member)
    assert change(member, first_name="Ana", role="staff", is_active=True).json()["version"] == 1
    assert is_staff_in(client)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        *BAD_COMMON,
        ({"is_active": "false"}, "is_active"),
        ({"is_active": 0}, "is_active"),
        ({"is_active": None}, "is_active"),
        ({"password": "hectorhector"}, "password"),
    ],
)
def test_invalid_field_is_named(changes: dict[str, Any], field: str) -> None:
    """Good fields that came with it neither."""
    member = StaffFactory(username="hectorhector")
    before = User.objects.values().get(pk=member.pk)

    answer = change(member, **{"email": "good@lld.test", "role": "warehouse", **changes})

    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})
    assert User.objects.values().get(pk=member.pk) == before
    assert not AuditEntry.objects.exists()
    assert not OutboxMessage.objects.exists()


def test_read_only_fields_are_refused() -> None:
    member, other = StaffFactory(), StaffFactory()
    before = User.objects.values().get(pk=member.pk)
    unasked: dict[str, Any] = {"id": other.pk, "pk": other.pk, "username": "root", "auth_provider": "email"}
    unasked |= {"token_version": 99, "version": 99, "is_superuser": True, "is_staff": True, "phone": "+13125550147"}
    unasked |= {"email_verified": False, "deleted_at": "2026-01-01T00:00:00Z", "created_at": "2020-01-01T00:00:00Z"}
    unasked |= {"staff_profile": {"commission_rate": "1.0"}, "commission_rate": "1.0"}

    refused = change(member, **unasked)

    assert (refused.status_code, set(refused.json()["fields"])) == (400, set(unasked))

    assert User.objects.values().get(pk=member.pk) == before
    assert StaffProfile.objects.get(user=member).commission_rate == Decimal("0.05")
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("call", ["put", "delete"])
def test_customers_and_deleted_staff_are_404(call: str) -> None:
    client = as_staff()
    gone = StaffFactory(role=Role.ADMIN)
    assert client.delete(f"{USERS}/{gone.pk}").status_code == 200
    customer = CustomerFactory(role="")
    contact = CustomerFactory(username=None, auth_provider=AuthProvider.IMPORTED)
    before = list(User.objects.order_by("pk").values())

    for pk in (customer.pk, contact.pk, gone.pk, 0, 10**9, 10**18, 10**30):
        body = {"role": "admin", "password": NEW_PASSWORD, "is_active": True}
        answer = getattr(client, call)(f"{USERS}/{pk}", body, format="json")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), pk

    assert list(User.objects.order_by("pk").values()) == before


def test_stale_version_is_a_conflict() -> None:
    member, client = StaffFactory(first_name="Ana"), as_staff()

    assert change(member, client, first_name="Eva", if_match="1").json()["version"] == 2

    stale = change(member, client, first_name="Zoe", role="admin", password=NEW_PASSWORD, if_match='"1"')
    assert (stale.status_code, stale.json()["code"], stale.json()["version"]) == (409, "version_conflict", 2)
    assert stale.json()["current"] == next(row for row in client.get(TEAM).json() if row["id"] == member.pk)
    assert stale.json()["current"]["first_name"] == "Eva"
    assert signs_in(member.username)

    assert change(member, client, first_name="Zoe", if_match="2").json()["first_name"] == "Zoe"
    assert change(member, client, password=NEW_PASSWORD, if_match="3").json()["version"] == 4
    for word in ("one", "-1", "1.0"):
        assert change(member, client, first_name="Eva", if_match=word).status_code == 400
    assert change(CustomerFactory(), client, first_name="Eva", if_match="7").status_code == 404


@pytest.mark.parametrize(
    "changes", [{"role": "manager"}, {"is_active": False}, {"role": "staff", "is_active": False}]
)
def test_own_role_and_access_cannot_change(changes: dict[str, Any]) -> None:
    """Whether other admins are there or not."""
    client = as_staff()

    for _ in range(2):
        answer = change(client.user, client, first_name="Eva", **changes)
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        StaffFactory(role=Role.ADMIN)
    client.user.refresh_from_db()
    assert (client.user.role, client.user.is_active, client.user.first_name) == ("admin", True, "")
    assert is_staff_in(client)

    assert change(client.user, client, first_name="Eva", role="admin", is_active=True).status_code == 200


@pytest.mark.parametrize(
    ("changes", "still_in"),
    [
        ({"role": "warehouse"}, False),
        ({"role": "admin"}, False),
        ({"is_active": False}, False),
        ({"password": NEW_PASSWORD}, False),
        ({"first_name": "Eva"}, True),
        ({"email": "new@lld.test"}, True),
    ],
)
def test_changed_access_ends_sign_ins_at_once(changes: dict[str, Any], still_in: bool) -> None:
    member = StaffFactory(role=Role.MANAGER)
    token, session, bystander = as_staff(user=member), as_staff_in_session(user=member), as_staff(Role.MANAGER)
    assert is_staff_in(token)
    assert is_staff_in(session)

    assert change(member, **changes).status_code == 200

    assert [is_staff_in(client) for client in (token, session, bystander)] == [still_in, still_in, True]


def test_new_role_counts_for_the_next_sign_in() -> None:
    member = StaffFactory(role=Role.MANAGER)
    change(member, role="warehouse")
    client = as_staff(user=User.objects.get(pk=member.pk))
    assert client.get("/api/staff/me").json()["staff"]["role"] == "warehouse"
    assert client.get(TEAM).status_code == 403


def test_deactivated_staff_cannot_sign_in() -> None:
    member, client = StaffFactory(), as_staff()
    change(member, client, is_active=False)
    assert not signs_in(member.username)
    change(member, client, is_active=True)
    assert signs_in(member.username)


@pytest.mark.parametrize(
    ("changes", "void"),
    [
        ({"role": "warehouse"}, True),
        ({"is_active": False}, True),
        ({"password": NEW_PASSWORD}, True),
        ({"email": "new@lld.test"}, True),
        ({"last_name": "Paz"}, False),
    ],
)
def test_changed_access_or_email_voids_reset_links(changes: dict[str, Any], void: bool) -> None:
    member, other = StaffFactory(), StaffFactory()
    secret, others = mailed_links.send_reset(member), mailed_links.send_reset(other)

    change(member, **changes)
    if "is_active" in changes:
        # Void, and not merely of no use for the time being.
        change(member, is_active=True)

    assert resets(secret) is not void
    assert resets(others)


def test_new_password_replaces_the_old_one_and_is_stored_nowhere() -> None:
    member = StaffFactory()

    answer = change(member, password=NEW_PASSWORD)

    assert NEW_PASSWORD not in answer.content.decode()
    assert (signs_in(member.username), signs_in(member.username, NEW_PASSWORD)) == (False, True)
    kept = [*AuditEntry.objects.values(), *OutboxMessage.objects.values()]
    assert kept
    assert NEW_PASSWORD not in str(kept)


def test_own_password_cannot_be_set_here() -> None:
    """Or whoever finds the browser open would keep the account."""
    client = as_staff()

    answer = change(client.user, client, first_name="Eva", password=NEW_PASSWORD)

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert is_staff_in(client)
    assert signs_in(client.user.username)
    assert User.objects.get(pk=client.user.pk).first_name == ""


@pytest.mark.django_db(transaction=True)
def test_new_email_is_told_to_the_old_one(sandbox: SandboxClient) -> None:
    member = StaffFactory(username="ana", email="old@lld.test")
    pending = mailed_links.send_confirmation(member, "other@lld.test")
    sandbox.reset()

    assert change(member, email="new@lld.test").json()["email"] == "new@lld.test"
    [mail] = sandbox.mail()
    assert mail["to"] == "old@lld.test"
    assert "ana" in mail["text"]
    assert mail["html"]

    assert APIClient().post("/api/staff/confirm-email", {"token": pending}).status_code == 400
    assert (signs_in("new@lld.test"), signs_in("old@lld.test")) == (True, False)


def test_username_follows_the_email() -> None:
    member = StaffFactory(username="old@lld.test", email="old@lld.test")

    row = change(member, email="new@lld.test").json()
    assert (row["username"], row["email"]) == ("new@lld.test", "new@lld.test")
    assert signs_in("new@lld.test")

    nameless = change(member, email="")
    assert (nameless.status_code, set(nameless.json()["fields"])) == (400, {"email"})

    other = StaffFactory(username="ana", email="ana@lld.test")
    row = change(other, email="").json()
    assert (row["username"], row["email"]) == ("ana", "")


@pytest.mark.parametrize("length", [150, 151, 254])
def test_long_email_is_followed_or_refused(length: int) -> None:
    member = StaffFactory(username="old@lld.test", email="old@lld.test")
    email = "a" * (length - len("@lld.test")) + "@lld.test"
    assert change(member, email=email).status_code in {200, 400}
    member.refresh_from_db()
    assert member.username == member.email


@pytest.mark.parametrize(
    ("username", "email", "field"),
    [
        ("ana", "Taken@lld.test", "email"),
        ("ana@lld.test", "buyer@cafe.test", "username"),
        ("ana", "buyer@cafe.test", None),
    ],
)
def test_taken_email_or_username_is_a_conflict(username: str, email: str, field: str | None) -> None:
    StaffFactory(email="taken@LLD.test")
    CustomerFactory(username="Buyer@cafe.test", email="buyer@cafe.test")
    member = StaffFactory(username=username, email="ana@lld.test")
    client = as_staff(user=member)

    answer = change(member, email=email, role="admin", password=NEW_PASSWORD)

    assert (answer.status_code, answer.json().get("duplicate_field")) == (409 if field else 200, field)
    member.refresh_from_db()
    assert (member.email, member.role) == (("ana@lld.test", "staff") if field else (email, "admin"))
    assert is_staff_in(client) is (field is not None)


def test_changes_are_audited() -> None:
    member, client = StaffFactory(first_name="Ana"), as_staff()

    change(member, client, first_name="Eva", role="manager", password=NEW_PASSWORD)

    entry, password = AuditEntry.objects.order_by("pk")
    assert (entry.action, entry.actor_id, entry.object_id) == ("staff.change", client.user.pk, str(member.pk))
    assert entry.before == {"first_name": "Ana", "role": "staff"}
    assert entry.after == {"first_name": "Eva", "role": "manager"}
    assert (password.action, password.actor_id, password.after) == ("account.password", client.user.pk, {})
