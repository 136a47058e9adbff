"""People in the console: who runs accounts, and what a change of access ends."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import StaffProfile, User
from lld.core.access import Role
from lld.core.models import AuditEntry
from tests.factories import PASSWORD, CustomerFactory, StaffFactory, as_console, as_staff, filled_in, told

pytestmark = pytest.mark.django_db

USERS = "admin:accounts_user_changelist"
NEW = {
    "username": "nina",
    "email": "nina@lld.test",
    "first_name": "Nina",
    "last_name": "Ruiz",
    "role": "warehouse",
    "new_password": "pallet-jack-1845",
}


def press(client: Client, button: str, user: User, **fields: Any) -> Any:
    """Press a button of an account's page: the answer itself, or the page it leads to."""
    address = reverse(f"admin:accounts_user_{button}", args=[user.pk])
    answer = client.post(address, filled_in(**fields))
    return client.get(answer["HX-Redirect"], follow=True) if "HX-Redirect" in answer else answer


def shown(client: Client, **query: str) -> set[User]:
    return set(client.get(reverse(USERS), query).context["cl"].result_list)


def test_staff_made_in_console_can_sign_in() -> None:
    client = as_console()

    answer = client.post(reverse("admin:accounts_user_add"), NEW, follow=True)
    assert answer.status_code == 200
    member = User.objects.get(username="nina")
    assert (member.role, member.auth_provider, member.email_verified) == ("warehouse", "staff", True)
    assert member.password != NEW["new_password"]
    assert StaffProfile.objects.filter(user=member).exists()
    entry = AuditEntry.objects.get(action="staff.create")
    assert (entry.actor_id, entry.after) == (client.user.pk, {"username": "nina", "role": "warehouse"})
    assert NEW["new_password"] not in str(list(AuditEntry.objects.values()))

    signed_in = Client().post(reverse("admin:login"), {"username": "nina", "password": NEW["new_password"]})
    assert signed_in.status_code == 302


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"new_password": "short"}, "new_password"),
        ({"new_password": "password1"}, "new_password"),
        ({"new_password": "nina@lld.test"}, "new_password"),
        ({"new_password": ""}, "new_password"),
        ({"username": ""}, "username"),
        ({"username": "TAKEN"}, "__all__"),
        ({"email": "taken@lld.test"}, "__all__"),
        ({"role": ""}, "role"),
        ({"role": "owner"}, "role"),
    ],
)
def test_invalid_staff_field_is_named(changes: dict[str, str], field: str) -> None:
    client = as_console()
    StaffFactory(username="taken", email="taken@lld.test")
    answer = client.post(reverse("admin:accounts_user_add"), NEW | changes)
    assert field in answer.context["adminform"].form.errors
    assert User.objects.count() == 2


def test_password_hashes_are_hidden() -> None:
    client, member, customer = as_console(), StaffFactory(), CustomerFactory()

    for user in (member, customer, client.user):
        page = client.get(reverse("admin:accounts_user_change", args=[user.pk])).content.decode()
        assert user.username in page
        assert user.password not in page
        assert "md5$" not in page


def test_new_role_ends_sessions_and_tokens() -> None:
    client, member = as_console(), StaffFactory(role=Role.MANAGER)
    token, session = as_staff(user=member), Client()
    session.force_login(member)

    assert told(press(client, "change_access", member, role="staff", is_active="on")) == [f"Changed: {member}."]

    member.refresh_from_db()
    assert (member.role, member.is_active, member.version) == ("staff", True, 2)
    assert token.get("/api/staff/me").status_code == 401
    assert session.get(reverse("admin:index")).status_code == 302
    entry = AuditEntry.objects.get(action="staff.change")
    assert (entry.actor_label, entry.before, entry.after) == (
        client.user.username,
        {"role": "manager"},
        {"role": "staff"},
    )


def test_deactivated_staff_cannot_sign_in() -> None:
    client, member = as_console(), StaffFactory()

    press(client, "change_access", member, role="staff")
    member.refresh_from_db()
    assert not member.is_active

    answer = Client().post(reverse("admin:login"), {"username": member.username, "password": PASSWORD})
    assert answer.status_code == 200
    assert AuditEntry.objects.get(action="staff.change").after == {"is_active": False}


def test_unchanged_access_keeps_sign_ins() -> None:
    client, member = as_console(), StaffFactory()
    token = as_staff(user=member)
    press(client, "change_access", member, role="staff", is_active="on")
    assert token.get("/api/staff/me").status_code == 200
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("fields", [{"role": "manager", "is_active": "on"}, {"role": "admin"}])
def test_own_access_cannot_be_reduced(fields: dict[str, str]) -> None:
    client = as_console()
    StaffFactory(role=Role.ADMIN)

    answer = press(client, "change_access", client.user, **fields)

    assert told(answer) == [f"{client.user}: You cannot change your own role or deactivate yourself."]
    client.user.refresh_from_db()
    assert (client.user.role, client.user.is_active, client.user.token_version) == ("admin", True, 1)


def test_set_password_replaces_the_old_one() -> None:
    client, member = as_console(), StaffFactory()
    token = as_staff(user=member)

    weak = press(client, "set_password", member, new_password="short")
    assert "Use at least 8 characters." in weak.content.decode()

    assert told(press(client, "set_password", member, new_password="pallet-jack-1845")) == [
        f"New password: {member}."
    ]
    member.refresh_from_db()
    assert member.check_password("pallet-jack-1845")
    assert token.get("/api/staff/me").status_code == 401
    assert AuditEntry.objects.get(action="account.password").actor_label == client.user.username


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MANAGER])
def test_terms_are_set_by_admin_and_manager(role: Role) -> None:
    client, customer = as_console(role), CustomerFactory()
    fields = {"approved_for_terms": "on", "payment_terms": "net60", "credit_limit": "2500.00"}

    assert told(press(client, "set_terms", customer, **fields)) == [f"Terms set: {customer}."]

    customer.profile.refresh_from_db()
    profile = customer.profile
    assert (profile.approved_for_terms, profile.payment_terms, profile.credit_limit) == (
        True,
        "net60",
        Decimal("2500.00"),
    )
    entry = AuditEntry.objects.get(action="customer.terms")
    assert entry.before == {"approved_for_terms": False, "payment_terms": "net30", "credit_limit": "0.00"}
    assert entry.after == {"approved_for_terms": True, "payment_terms": "net60", "credit_limit": "2500.00"}


@pytest.mark.parametrize("limit", ["-1", "abc", "", "1e30"])
def test_invalid_credit_limit_is_refused(limit: str) -> None:
    client, customer = as_console(), CustomerFactory()
    press(client, "set_terms", customer, approved_for_terms="on", payment_terms="net30", credit_limit=limit)
    customer.profile.refresh_from_db()
    assert not customer.profile.approved_for_terms


@pytest.mark.parametrize("role", [Role.MANAGER, Role.STAFF, Role.SALES_REP, Role.WAREHOUSE])
def test_staff_accounts_are_changed_by_admins_only(role: Role) -> None:
    client, member = as_console(role), StaffFactory(role=Role.STAFF)

    assert client.post(reverse("admin:accounts_user_add"), NEW).status_code == 403
    assert press(client, "change_access", member, role="admin", is_active="on").status_code == 403
    assert press(client, "change_access", client.user, role="admin", is_active="on").status_code == 403
    assert press(client, "set_password", member, new_password="pallet-jack-1845").status_code == 403

    assert User.objects.filter(role=Role.ADMIN).count() == 0
    assert User.objects.count() == 2
    member.refresh_from_db()
    assert member.check_password(PASSWORD)


@pytest.mark.parametrize("role", [Role.STAFF, Role.SALES_REP, Role.WAREHOUSE])
def test_terms_are_refused_to_other_roles(role: Role) -> None:
    client, customer = as_console(role), CustomerFactory()
    fields = {"approved_for_terms": "on", "payment_terms": "net60", "credit_limit": "2500.00"}
    assert press(client, "set_terms", customer, **fields).status_code == 403
    customer.profile.refresh_from_db()
    assert not customer.profile.approved_for_terms


def test_user_list_depends_on_role() -> None:
    customer = CustomerFactory()

    for role in Role:
        client = as_console(role)

        if role == Role.WAREHOUSE:
            assert client.get(reverse(USERS)).status_code == 403
            continue

        sees_staff = role in {Role.ADMIN, Role.MANAGER}
        assert (customer in shown(client)) is (role != Role.SALES_REP)
        assert (client.user in shown(client)) is sees_staff
        own_page = reverse("admin:accounts_user_change", args=[client.user.pk])
        assert client.get(own_page).status_code == (200 if sees_staff else 404)

    client = as_console()
    assert shown(client, kind="customers") == {customer}
    assert customer not in shown(client, kind="staff")


def test_user_search_finds_company_name_and_phone() -> None:
    client, customer, other = as_console(Role.STAFF), CustomerFactory(), CustomerFactory(last_name="Bloom")
    other.profile.company_name = "Bloom Bakery"
    other.profile.save()

    assert shown(client, q="bakery") == {other}
    assert shown(client, q="lopez") == {customer}
    assert shown(client, q=f"({customer.phone[2:5]}) {customer.phone[5:8]}-{customer.phone[8:]}") == {customer}


@pytest.mark.parametrize("button", ["change_access", "set_password", "set_terms"])
@pytest.mark.parametrize("key", ["999999", "abc"])
def test_buttons_refuse_unknown_accounts(button: str, key: str) -> None:
    address = reverse(f"admin:accounts_user_{button}", args=[key])
    assert as_console().post(address, filled_in()).status_code == 403
