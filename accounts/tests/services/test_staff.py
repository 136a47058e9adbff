"""Staff accounts, as the services keep them: their passwords and names, and always one admin."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from accounts.services import staff, terms
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.concurrency.storm import storm
from tests.factories import PASSWORD, CustomerFactory, StaffFactory

pytestmark = pytest.mark.django_db


# Making


@pytest.mark.parametrize("password", ["short", "password", "12345678", "mariamaria"])
def test_create_staff_refuses_weak_passwords(password: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        staff.create_staff(actor=SYSTEM, username="mariamaria", password=password, role=Role.STAFF)
    assert refused.value.fields
    assert not User.objects.exists()


def test_create_staff_refuses_a_taken_username_in_any_case() -> None:
    staff.create_staff(actor=SYSTEM, username="Ana", password=PASSWORD, role=Role.STAFF)
    with pytest.raises(Conflict):
        staff.create_staff(actor=SYSTEM, username="ANA", password=PASSWORD, role=Role.STAFF)


# Changing


def test_staff_and_terms_services_refuse_wrong_accounts() -> None:
    customer, member = CustomerFactory(), StaffFactory()

    with pytest.raises(NotFound):
        staff.change_staff(customer.pk, actor=SYSTEM, role=Role.ADMIN, is_active=True)
    with pytest.raises(NotFound):
        staff.set_staff_password(customer.pk, "pallet-jack-1845", actor=SYSTEM)
    with pytest.raises(NotFound):
        terms.set_terms(
            member.pk, actor=SYSTEM, approved_for_terms=True, payment_terms="net30", credit_limit=Decimal(1)
        )
    with pytest.raises(InvalidInput):
        terms.set_terms(
            customer.pk, actor=SYSTEM, approved_for_terms=True, payment_terms="net30", credit_limit=Decimal(-1)
        )

    assert User.objects.get(pk=customer.pk).role == ""


@pytest.mark.parametrize(("role", "active"), [(Role.MANAGER, True), (Role.ADMIN, False)])
def test_last_active_admin_keeps_role_and_access(role: Role, active: bool) -> None:
    last = StaffFactory(role=Role.ADMIN)
    StaffFactory(role=Role.ADMIN, is_active=False)
    StaffFactory(role=Role.MANAGER)

    with pytest.raises(Conflict, match="last active admin"):
        staff.change_staff(last.pk, actor=SYSTEM, role=role, is_active=active)
    last.refresh_from_db()
    assert (last.role, last.is_active) == ("admin", True)

    StaffFactory(role=Role.ADMIN)
    assert staff.change_staff(last.pk, actor=SYSTEM, role=role, is_active=active).pk == last.pk


@pytest.mark.parametrize(
    "act",
    [
        lambda pk: staff.change_staff(pk, actor=SYSTEM, role=Role.MANAGER),
        lambda pk: staff.change_staff(pk, actor=SYSTEM, is_active=False),
        lambda pk: staff.delete_staff(pk, actor=SYSTEM),
    ],
    ids=["demoted", "deactivated", "deleted"],
)
def test_last_admin_cannot_be_demoted_or_deleted(act: Callable[[int], Any]) -> None:
    """Admins who cannot sign in any more, and other roles, do not count."""
    last = StaffFactory(role=Role.ADMIN)
    StaffFactory(role=Role.ADMIN, is_active=False)
    StaffFactory(role=Role.MANAGER)
    deleted = StaffFactory(role=Role.ADMIN)
    staff.delete_staff(deleted.pk, actor=SYSTEM)

    with pytest.raises(Conflict, match="last active admin"):
        act(last.pk)
    last.refresh_from_db()
    assert (last.role, last.is_active, last.deleted_at) == ("admin", True, None)

    StaffFactory(role=Role.ADMIN)
    act(last.pk)


@pytest.mark.django_db(transaction=True)
def test_admins_who_demote_each_other_leave_one() -> None:
    for _ in range(5):
        User.objects.all().delete()
        ids = [StaffFactory(role=Role.ADMIN).pk for _ in range(2)]

        def demote(index: int, ids: list[int] = ids) -> None:
            actor = User.objects.get(pk=ids[1 - index]).as_actor()
            staff.change_staff(ids[index], actor=actor, role=Role.STAFF, is_active=True)

        results = storm(2, demote)

        # Whoever comes second has stopped being an admin.
        assert [type(result) for result in results if result is not None] == [Forbidden]
        assert User.objects.filter(role=Role.ADMIN).count() == 1
