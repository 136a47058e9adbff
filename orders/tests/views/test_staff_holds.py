"""Orders on hold: what they refuse, and what lifts the hold."""

from typing import Any

import pytest

from lld.core.access import Role
from lld.core.models import AuditEntry, OutboxMessage
from orders.models import Order
from orders.tests.situations import on_terms
from tests.factories import CustomerFactory, as_staff, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


@pytest.mark.parametrize("status", ["confirmed", "packed", "shipped", "delivered"])
def test_held_order_is_not_advanced_but_can_be_cancelled(status: str) -> None:
    order = on_terms(None)
    staff = as_staff()

    answer = staff.put(f"/api/staff/orders/{order.pk}/status", {"status": status, "staff_notes": "no"})
    assert (answer.status_code, answer.json()["code"]) == (409, "on_hold")
    assert answer.json()["hold_reasons"] == ["not_approved"]
    order.refresh_from_db()
    assert (order.status, order.staff_notes) == ("pending", "")

    shipping = f"/api/shipping/orders/{order.number}"
    assert staff.post(f"{shipping}/confirm").json()["code"] == "on_hold"
    assert staff.put(f"/api/staff/orders/{order.pk}/status", {"status": "cancelled"}).status_code == 200


def test_payment_in_full_lifts_the_hold() -> None:
    order = on_terms(None)
    staff = as_staff()

    assert staff.post(f"/api/staff/orders/{order.pk}/mark-paid", {"amount_received": 20}).status_code == 200
    order.refresh_from_db()
    assert (order.terms_hold, order.payment_status, order.payment_method) == (True, "unpaid", "net30")

    staff.post(f"/api/staff/orders/{order.pk}/mark-paid", {})
    order.refresh_from_db()
    assert (order.terms_hold, order.payment_status, order.payment_method) == (False, "paid", "cash")
    assert staff.post(f"/api/shipping/orders/{order.number}/confirm").status_code == 200


def test_release_by_a_manager_is_audited() -> None:
    order = on_terms(None)
    path = f"/api/staff/orders/{order.pk}/release-hold"

    assert as_staff(Role.STAFF).post(path, {"reason": "known"}).status_code == 403

    manager = as_staff(Role.MANAGER)
    assert "reason" in manager.post(path, {}).json()["fields"]

    answer = manager.post(path, {"reason": "Known for years"})
    assert answer.json()["order"]["terms_hold"] is False
    assert answer.json()["order"]["hold_released_by"] == manager.user.username
    entry = AuditEntry.objects.get(action="order.release_hold")
    assert (entry.reason, entry.actor_id, entry.object_id) == ("Known for years", manager.user.pk, str(order.pk))

    assert manager.post(path, {"reason": "again"}).json()["code"] == "not_on_hold"


def unchanged(order: Order, call: Any) -> Any:
    before = Order.objects.values().get(pk=order.pk)
    kept = (AuditEntry.objects.count(), OutboxMessage.objects.count())
    answer = call()
    assert Order.objects.values().get(pk=order.pk) == before
    assert (AuditEntry.objects.count(), OutboxMessage.objects.count()) == kept
    return answer


def test_hold_stops_every_way_forward() -> None:
    order = place(customer=CustomerFactory())
    staff = as_staff()
    by_id, by_number = f"/api/staff/orders/{order.pk}", f"/api/shipping/orders/{order.number}"

    for call in (
        lambda: staff.post(f"{by_number}/confirm"),
        lambda: staff.put(f"{by_id}/status", {"status": "packed"}),
        lambda: staff.put(f"{by_id}/status", {"status": "shipped"}),
    ):
        answer = unchanged(order, call)
        assert (answer.status_code, answer.json()["code"]) == (409, "on_hold")
        assert answer.json()["hold_reasons"] == ["not_approved"]

    for call in (
        lambda: staff.post(f"{by_number}/ship", {"tracking_number": "9400"}),
        lambda: staff.put(f"{by_id}/notes", {"tracking_number": "9400", "staff_notes": "gone"}),
        lambda: staff.post(f"{by_number}/deliver"),
    ):
        assert unchanged(order, call).status_code == 409

    assert staff.put(f"{by_id}/notes", {"staff_notes": "called them"}).status_code == 200
    assert staff.put(f"{by_id}/address", {"delivery_city": "Cicero"}).status_code == 200


def test_released_order_is_delivered_and_still_owed() -> None:
    order = place(customer=CustomerFactory())
    staff = as_staff(Role.MANAGER)
    staff.post(f"/api/staff/orders/{order.pk}/release-hold", {"reason": "Known for years"})
    warehouse = as_staff(Role.WAREHOUSE)
    by_number = f"/api/shipping/orders/{order.number}"

    for step in ("confirm", "ship", "deliver"):
        assert warehouse.post(f"{by_number}/{step}").status_code == 200

    order.refresh_from_db()
    assert (order.status, order.payment_status, order.balance) == ("delivered", "unpaid", order.total_amount)
    assert order.hold_reasons == ["not_approved"]


@pytest.mark.parametrize("reason", ["", " ", None, "x" * 501])
def test_release_needs_a_reason(reason: Any) -> None:
    order = place(customer=CustomerFactory())
    answer = as_staff().post(f"/api/staff/orders/{order.pk}/release-hold", {"reason": reason})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["reason"])
    order.refresh_from_db()
    assert order.terms_hold is True


@pytest.mark.parametrize("role", [Role.STAFF, Role.SALES_REP, Role.WAREHOUSE])
def test_release_needs_a_manager(role: Role) -> None:
    client = as_staff(role)
    order = place(customer=CustomerFactory(), sales_rep=client.user)
    assert client.post(f"/api/staff/orders/{order.pk}/release-hold", {"reason": "mine"}).status_code == 403
