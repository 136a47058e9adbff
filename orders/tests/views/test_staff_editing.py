"""Address, notes and tracking number of an order: what may be changed, and until when."""

from typing import Any

import pytest

from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import AuditEntry
from orders.enums import OrderStatus
from orders.models import Order
from orders.services import progress
from orders.tests.situations import cancelled, in_status, order_in
from sandbox.testing import SandboxClient
from tests.factories import as_staff, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


def test_address_change_is_audited_once() -> None:
    order = place()
    staff = as_staff(Role.STAFF)
    path = f"/api/staff/orders/{order.pk}/address"
    body = {"delivery_city": "Cicero", "delivery_phone": "312 555 0199", "delivery_email": "", "delivery_name": "Ana"}

    answer = staff.put(path, {**body, "delivery_state": "il"}).json()
    assert answer["updated_fields"] == ["delivery_city", "delivery_email", "delivery_name", "delivery_phone"]
    assert (answer["order"]["delivery_phone"], answer["order"]["delivery_state"]) == ("+13125550199", "IL")
    entry = AuditEntry.objects.get(action="order.address")
    assert entry.before["delivery_city"] == "Chicago"
    assert entry.after == {
        "delivery_city": "Cicero",
        "delivery_phone": "+13125550199",
        "delivery_email": "",
        "delivery_name": "Ana",
    }

    version = answer["order"]["version"]
    again = staff.put(path, body).json()
    assert (again["updated_fields"], again["order"]["version"]) == ([], version)
    assert AuditEntry.objects.filter(action="order.address").count() == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("delivery_name", ""),
        ("delivery_name", None),
        ("delivery_address", " "),
        ("delivery_city", "x" * 101),
        ("delivery_state", "ZZ"),
        ("delivery_zip", "6060"),
        ("delivery_phone", "call me"),
        ("delivery_email", "maria"),
    ],
)
def test_invalid_address_field_is_named(field: str, value: Any) -> None:
    order = place()
    answer = as_staff().put(f"/api/staff/orders/{order.pk}/address", {field: value, "delivery_company": "New"})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    order.refresh_from_db()
    assert order.delivery_company == "Taqueria La Milpa"


@pytest.mark.django_db(transaction=True)
def test_address_changes_until_the_order_is_shipped() -> None:
    order = place(payment_method="check")
    staff = as_staff(Role.WAREHOUSE)
    path = f"/api/staff/orders/{order.pk}/address"

    answer = staff.put(path, {"delivery_city": "Cicero", "delivery_zip": "60804", "delivery_state": "IL"}).json()
    assert answer["updated_fields"] == ["delivery_city", "delivery_zip"]
    assert answer["order"]["delivery_city"] == "Cicero"

    assert "delivery_state" in staff.put(path, {"delivery_state": "ZZ"}).json()["fields"]
    assert set(staff.put(path, {"total_amount": 1, "status": "paid"}).json()["fields"]) == {"total_amount", "status"}

    staff.put(f"/api/staff/orders/{order.pk}/status", {"status": "shipped"})
    assert staff.put(path, {"delivery_city": "Berwyn"}).json()["code"] == "order_locked"


@pytest.mark.parametrize("status", [OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED])
def test_address_is_locked_once_shipped_or_cancelled(status: OrderStatus) -> None:
    order = cancelled() if status == OrderStatus.CANCELLED else in_status(status)()
    answer = as_staff().put(f"/api/staff/orders/{order.pk}/address", {"delivery_city": "Cicero"})
    assert (answer.status_code, answer.json()["code"]) == (409, "order_locked")
    order.refresh_from_db()
    assert order.delivery_city == "Chicago"


@pytest.mark.parametrize("field", ["total_amount", "status", "payment_status", "number", "customer_id", "terms_hold"])
def test_address_change_ignores_other_fields(field: str) -> None:
    order = place()
    before = Order.objects.values().get(pk=order.pk)
    as_staff().put(f"/api/staff/orders/{order.pk}/address", {field: before["id"]})
    assert Order.objects.values().get(pk=order.pk) == before


@pytest.mark.django_db(transaction=True)
def test_tracking_number_ships_a_packed_but_not_a_pending_order(sandbox: SandboxClient) -> None:
    staff = as_staff()
    order = order_in("pending")
    path = f"/api/staff/orders/{order.pk}/notes"

    refused = staff.put(path, {"tracking_number": "9400", "staff_notes": "gone"})
    assert refused.status_code == 409
    order.refresh_from_db()
    assert (order.status, order.staff_notes, order.tracking_number) == ("pending", "", "")

    progress.advance_order(order.pk, OrderStatus.PACKED, actor=SYSTEM)
    shipped = staff.put(path, {"tracking_number": "9400", "staff_notes": "gone"}).json()["order"]
    assert (shipped["status"], shipped["staff_notes"], shipped["tracking_number"]) == ("shipped", "gone", "9400")

    # The form sends all its fields each time.
    again = staff.put(path, {"tracking_number": "9400", "staff_notes": "really gone"})
    assert (again.status_code, again.json()["order"]["staff_notes"]) == (200, "really gone")


def test_address_version_rises_with_where_it_goes() -> None:
    order, staff = place(), as_staff()

    def version_after(path: str, body: dict[str, str]) -> int:
        assert staff.put(f"/api/staff/orders/{order.pk}/{path}", body).status_code == 200
        return int(staff.get(f"/api/staff/orders/{order.pk}").json()["order"]["address_version"])

    assert version_after("notes", {"staff_notes": "Call"}) == 1
    assert version_after("address", {"delivery_city": order.delivery_city}) == 1
    assert version_after("address", {"delivery_city": "Cicero"}) == 2
    assert version_after("address", {"delivery_name": "Ana Ruiz", "delivery_zip": "60804"}) == 3
