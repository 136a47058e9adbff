"""Staff, as admins run them: who is made a member, and what is left of one who goes."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import AccountToken, StaffProfile, User
from accounts.services import mailed_links
from lld.core.access import Role
from lld.core.models import AuditEntry
from orders.models import Order
from sandbox.testing import SandboxClient
from staffportal.tests.views.members import BAD_COMMON, MEMBER, TEAM, USERS, resets
from tests.factories import (
    PASSWORD,
    CustomerFactory,
    StaffFactory,
    as_staff,
    as_staff_in_session,
    is_staff_in,
    place,
    signs_in,
)

pytestmark = pytest.mark.django_db


# Making members

BODY = {"username": "hector", "password": PASSWORD, "email": "hector@lld.test"}


def create(**changes: Any) -> Any:
    return as_staff().post(USERS, {**BODY, **changes}, format="json")


def test_new_staff_can_sign_in_with_the_lowest_role() -> None:
    client = as_staff()

    answer = client.post(USERS, {"username": "hector", "password": PASSWORD})

    assert answer.status_code == 201
    row = answer.json()
    assert set(row) == MEMBER
    assert [row[name] for name in ("username", "email", "full_name", "role", "is_active", "version")] == [
        *("hector", "", "", "staff", True, 1),
    ]
    assert signs_in("Hector")
    member = User.objects.get(pk=row["id"])
    assert StaffProfile.objects.filter(user=member).exists()
    entry = AuditEntry.objects.get(action="staff.create")
    assert (entry.actor_id, entry.object_id, entry.after) == (
        client.user.pk,
        str(member.pk),
        {"username": "hector", "role": "staff"},
    )


@pytest.mark.parametrize("role", Role)
def test_new_staff_may_have_any_role(role: Role) -> None:
    assert create(role=role.value).json()["role"] == role.value


@pytest.mark.parametrize(
    ("names", "first", "last"),
    [
        ({"full_name": "Hector Ruiz"}, "Hector", "Ruiz"),
        ({"full_name": "  Hector   Ruiz  y  Paz "}, "Hector", "Ruiz  y  Paz"),
        ({"full_name": "Hector"}, "Hector", ""),
        ({"full_name": ""}, "", ""),
        ({"full_name": "Hector Ruiz", "first_name": "Ana"}, "Ana", ""),
        ({"full_name": "Hector Ruiz", "last_name": "Paz"}, "", "Paz"),
        ({"full_name": "Hector Ruiz", "first_name": "Ana", "last_name": "Paz"}, "Ana", "Paz"),
        ({"first_name": "Ana", "last_name": "Paz"}, "Ana", "Paz"),
        ({"full_name": "a" * 100 + " " + "b" * 100}, "a" * 100, "b" * 100),
    ],
)
def test_full_name_is_split_after_the_first_word(names: dict[str, str], first: str, last: str) -> None:
    row = create(**names).json()
    assert (row["first_name"], row["last_name"]) == (first, last)
    assert row["full_name"] == f"{first} {last}".strip()
    assert User.objects.get(username="hector").full_name == row["full_name"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        *BAD_COMMON,
        ({"password": "hectorhector", "username": "hectorhector"}, "password"),
        ({"username": ""}, "username"),
        ({"username": None}, "username"),
        ({"username": "h"}, "username"),
        ({"username": "a" * 151}, "username"),
        ({"username": "a" * 255}, "username"),
        ({"username": "hector ruiz"}, "username"),
        ({"username": "héctor"}, "username"),
        ({"username": "hector\0"}, "username"),
        ({"username": "<b>hector</b>"}, "username"),
        ({"username": "someone@lld.test"}, "username"),
        ({"username": "hector@lld.test", "email": ""}, "username"),
        ({"username": ["hector"]}, "username"),
        ({"username": True}, "username"),
    ],
)
def test_invalid_field_is_named(changes: dict[str, Any], field: str) -> None:
    client = as_staff()
    answer = client.post(USERS, {**BODY, **changes}, format="json")
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})
    assert User.objects.count() == StaffProfile.objects.count() == 1
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("missing", ["username", "password"])
def test_username_and_password_are_required(missing: str) -> None:
    answer = as_staff().post(USERS, {name: value for name, value in BODY.items() if name != missing})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {missing})


@pytest.mark.parametrize("length", [150, 151, 254])
def test_long_email_as_username_is_stored_or_refused(length: int) -> None:
    """A username has less room than an address."""
    email = "a" * (length - len("@lld.test")) + "@lld.test"
    answer = create(username=email, email=email)
    assert answer.status_code in {201, 400}
    assert User.objects.filter(username=email).exists() == (answer.status_code == 201)


@pytest.mark.parametrize(
    ("username", "email"),
    [
        ("HECTOR@LLD.TEST", "hector@lld.test"),
        ("HECTOR@CAFÉ.TEST", "hector@café.test"),
        # Kelvin is k in lower case, as far as Python goes.
        ("hector@\u212aafe.test", "hector@kafe.test"),
    ],
)
def test_username_like_the_email_is_stored_or_refused(username: str, email: str) -> None:
    answer = create(username=username, email=email)
    assert answer.status_code in {201, 400}
    assert User.objects.filter(email=email).exists() == (answer.status_code == 201)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "taken"}, "username"),
        ({"username": "TAKEN"}, "username"),
        ({"username": "buyer"}, "username"),
        ({"username": "buyer@cafe.test", "email": "buyer@cafe.test"}, None),
        ({"email": "taken@lld.test"}, "email"),
        ({"email": "Taken@LLD.test"}, "email"),
        ({"email": "buyer@cafe.test"}, None),
        ({"email": ""}, None),
    ],
)
def test_taken_username_or_email_is_a_conflict(changes: dict[str, str], field: str | None) -> None:
    """A customer's username is taken, too. Their address is not: someone may buy, and work here."""
    StaffFactory(username="taken", email="taken@lld.test")
    StaffFactory(username="unmailed", email="")
    CustomerFactory(username="Buyer", email="buyer@cafe.test")

    answer = create(**changes)

    if field is None:
        assert answer.status_code == 201
        return
    assert (answer.status_code, answer.json()["code"], answer.json()["duplicate_field"]) == (409, "duplicate", field)
    assert answer.json()["hint"]
    assert not User.objects.filter(username="hector").exists()
    assert StaffProfile.objects.count() == 3
    assert not AuditEntry.objects.exists()


def test_read_only_fields_are_refused() -> None:
    unasked: dict[str, Any] = {"id": 10**6, "is_superuser": True, "is_active": False, "auth_provider": "email"}
    unasked |= {"token_version": 99, "version": 99, "deleted_at": "2026-01-01T00:00:00Z", "phone": "+13125550147"}
    unasked |= {"commission_rate": "1.0", "created_at": "2020-01-01T00:00:00Z"}

    refused = create(**unasked)

    assert (refused.status_code, set(refused.json()["fields"])) == (400, set(unasked))
    assert not User.objects.filter(username="hector").exists()


# Deleting members


def test_deleted_staff_is_gone_at_once() -> None:
    member, client = StaffFactory(role=Role.MANAGER), as_staff()
    token, session, secret = as_staff(user=member), as_staff_in_session(user=member), mailed_links.send_reset(member)

    answer = client.delete(f"{USERS}/{member.pk}")
    assert (answer.status_code, set(answer.json())) == (200, {"message"})
    assert (is_staff_in(token), is_staff_in(session), resets(secret)) == (False, False, False)
    assert not signs_in(member.username)
    assert not signs_in(member.email)
    gone = User.objects.get(pk=member.pk)
    assert not signs_in(str(gone.username))
    assert [row["id"] for row in client.get(TEAM).json()] == [client.user.pk]
    assert not AccountToken.objects.exists()

    assert APIClient().post("/api/staff/forgot-password", {"identifier": member.email}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_deleted_staff_cannot_recover(sandbox: SandboxClient) -> None:
    member, client = StaffFactory(), as_staff()
    client.delete(f"{USERS}/{member.pk}")
    sandbox.reset()
    gone = User.objects.get(pk=member.pk)

    for identifier in (member.username, member.email, gone.username):
        APIClient().post("/api/staff/forgot-password", {"identifier": identifier})
    APIClient().post("/api/staff/forgot-username", {"email": member.email})

    assert sandbox.mail() == []


def test_own_account_cannot_be_deleted() -> None:
    client = as_staff()

    for _ in range(2):
        answer = client.delete(f"{USERS}/{client.user.pk}")
        assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
        StaffFactory(role=Role.ADMIN)

    assert is_staff_in(client)
    assert User.objects.get(pk=client.user.pk).deleted_at is None


def test_deleted_rep_keeps_their_orders() -> None:
    rep = StaffFactory(role=Role.SALES_REP, first_name="Ana", last_name="Ruiz")
    order = place()
    Order.objects.filter(pk=order.pk).update(sales_rep=rep)
    client = as_staff()

    client.delete(f"{USERS}/{rep.pk}")

    order.refresh_from_db()
    assert order.sales_rep_id == rep.pk
    assert User.objects.get(pk=rep.pk).full_name == "Ana Ruiz"
    assert client.get(f"/api/staff/orders/{order.pk}").json()["order"]["sales_rep"]


@pytest.mark.parametrize("username", ["ana", "ana@lld.test", "a" * 150])
def test_deleted_staff_frees_username_and_email(username: str) -> None:
    client = as_staff()

    for _ in range(3):
        body = {"username": username, "email": "ana@lld.test", "password": PASSWORD}
        made = client.post(USERS, body)
        assert made.status_code == 201
        assert signs_in(username)
        assert client.delete(f"{USERS}/{made.json()['id']}").status_code == 200

    assert not signs_in(username)
    assert User.objects.count() == 4


def test_deletion_is_audited() -> None:
    member, client = StaffFactory(username="ana", role=Role.WAREHOUSE), as_staff()

    client.delete(f"{USERS}/{member.pk}")
    assert client.delete(f"{USERS}/{member.pk}").status_code == 404

    [entry] = AuditEntry.objects.all()
    assert (entry.action, entry.actor_id, entry.object_id) == ("staff.delete", client.user.pk, str(member.pk))
    assert entry.before == {"username": "ana", "role": "warehouse"}
