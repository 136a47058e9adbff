"""The status machine, the stock behind it, and deleting."""

import itertools

import pytest

from catalog.enums import StockReason
from catalog.models import Product
from lld.core.access import Role
from lld.core.actors import SYSTEM
from orders.enums import OrderStatus
from orders.models import Order
from orders.services import progress
from sandbox.testing import SandboxClient
from tests import stock
from tests.factories import CustomerFactory, ProductFactory, as_staff, figures, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]

FORWARD = ["pending", "confirmed", "packed", "shipped", "delivered"]
ALLOWED = set(itertools.combinations(FORWARD, 2)) | {
    (status, "cancelled") for status in ("pending", "confirmed", "packed")
}


def order_in(status: str, product: Product | None = None) -> Order:
    order = place((product or ProductFactory(), 2), payment_method="credit_card")
    if status == "cancelled":
        return progress.cancel_order(order.pk, actor=SYSTEM)
    if status != "pending":
        return progress.advance_order(order.pk, OrderStatus(status), actor=SYSTEM)
    return order


@pytest.mark.parametrize(("current", "target"), list(itertools.product([*FORWARD, "cancelled"], repeat=2)))
def test_every_pair(current: str, target: str) -> None:
    order = order_in(current)
    answer = as_staff().put(f"/api/staff/orders/{order.pk}/status", {"status": target})
    order.refresh_from_db()
    if (current, target) in ALLOWED:
        assert (answer.status_code, order.status) == (200, target)
    else:
        # Nobody may even ask for pending.
        assert answer.status_code == (400 if target == "pending" else 409), answer.content
        assert order.status == current


def test_skipped_steps_are_stamped() -> None:
    order = order_in("delivered")
    assert order.confirmed_at == order.packed_at == order.shipped_at == order.delivered_at is not None


def test_stock_follows_the_order() -> None:
    product = stock.count(ProductFactory().pk, 10, reason=StockReason.OPENING, actor=SYSTEM)
    order = order_in("pending", product)
    assert figures(product) == (10, 2)
    progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
    assert figures(product) == (8, 0)
    progress.advance_order(order.pk, OrderStatus.PACKED, actor=SYSTEM)
    assert figures(product) == (8, 0)
    progress.cancel_order(order.pk, actor=SYSTEM)
    assert figures(product) == (10, 0)


def test_a_product_that_is_counted_only_later_gives_what_it_has() -> None:
    product = ProductFactory()
    order = order_in("pending", product)
    stock.count(product.pk, 10, reason=StockReason.OPENING, actor=SYSTEM)
    progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
    assert figures(product) == (8, 0)
    progress.cancel_order(order.pk, actor=SYSTEM)
    assert figures(product) == (10, 0)


def test_a_product_that_is_no_longer_counted_owes_nothing() -> None:
    product = stock.count(ProductFactory().pk, 10, reason=StockReason.OPENING, actor=SYSTEM)
    order = order_in("pending", product)
    stock.count(product.pk, None, reason=StockReason.CORRECTED, actor=SYSTEM)
    assert figures(product) == (None, 2)
    progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
    assert figures(product) == (None, 0)


def test_counting_less_than_was_promised_shows_at_confirming() -> None:
    product = stock.count(ProductFactory().pk, 2, reason=StockReason.OPENING, actor=SYSTEM)
    order = order_in("pending", product)
    stock.count(product.pk, 1, reason=StockReason.CORRECTED, actor=SYSTEM)
    answer = as_staff().put(f"/api/staff/orders/{order.pk}/status", {"status": "confirmed"})
    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    assert answer.json()["lines"][0]["available"] == 1
    order.refresh_from_db()
    assert order.status == "pending"


def test_tracking_ships_from_confirmed_or_packed_and_changes_nothing_otherwise(sandbox: SandboxClient) -> None:
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


def test_deleting_hides_what_came_to_nothing() -> None:
    product = stock.count(ProductFactory().pk, 10, reason=StockReason.OPENING, actor=SYSTEM)
    customer = CustomerFactory()
    order = place((product, 2), customer=customer, payment_method="credit_card")
    staff = as_staff(Role.MANAGER)
    assert staff.delete(f"/api/staff/orders/{order.pk}").json() == {"success": True}
    assert figures(product) == (10, 0)
    assert staff.get(f"/api/staff/orders/{order.pk}").status_code == 404
    assert staff.get("/api/staff/orders").json()["orders"] == []
    assert staff.get(f"/api/orders/{order.number}").status_code == 404
    assert customer.stats.order_count == 0
    assert staff.delete(f"/api/staff/orders/{order.pk}").status_code == 404


def test_deleting_is_refused_once_money_or_goods_have_moved() -> None:
    staff = as_staff(Role.ADMIN)
    paid = order_in("pending")
    staff.post(f"/api/staff/orders/{paid.pk}/mark-paid", {"amount_received": 1})
    for order in (paid, order_in("shipped")):
        answer = staff.delete(f"/api/staff/orders/{order.pk}")
        assert (answer.status_code, answer.json()["code"]) == (409, "order_locked")


def test_a_stale_version_is_shown_the_order_as_it_is() -> None:
    order = order_in("pending")
    staff = as_staff()
    path = f"/api/staff/orders/{order.pk}"
    seen = staff.get(path).json()["order"]["version"]
    assert staff.put(f"{path}/notes", {"staff_notes": "one"}, HTTP_IF_MATCH=f'"{seen}"').status_code == 200
    for call in (
        lambda: staff.put(f"{path}/notes", {"staff_notes": "two"}, HTTP_IF_MATCH=str(seen)),
        lambda: staff.put(f"{path}/status", {"status": "confirmed"}, HTTP_IF_MATCH=str(seen)),
        lambda: staff.put(f"{path}/address", {"delivery_city": "Cicero"}, HTTP_IF_MATCH=str(seen)),
        lambda: staff.post(f"{path}/mark-paid", {}, HTTP_IF_MATCH=str(seen)),
    ):
        answer = call()
        assert (answer.status_code, answer.json()["code"]) == (409, "version_conflict")
        assert answer.json()["current"]["staff_notes"] == "one"
    assert staff.put(f"{path}/notes", {}, HTTP_IF_MATCH="abc").status_code == 400


def test_allowed_is_what_then_happens() -> None:
    for status in [*FORWARD, "cancelled"]:
        order = order_in(status)
        staff = as_staff()
        allowed = staff.get(f"/api/staff/orders/{order.pk}").json()["order"]["allowed"]
        for entry in allowed["transitions"]:
            fresh = order_in(status)
            answer = staff.put(f"/api/staff/orders/{fresh.pk}/status", {"status": entry["name"]})
            assert (answer.status_code == 200) == entry["allowed"], (status, entry)
            assert bool(entry["reason"]) != entry["allowed"]
        calls = {
            "edit_address": lambda pk, staff=staff: staff.put(
                f"/api/staff/orders/{pk}/address", {"delivery_city": "Cicero"}
            ),
            "mark_paid": lambda pk, staff=staff: staff.post(f"/api/staff/orders/{pk}/mark-paid", {}),
            "release_hold": lambda pk, staff=staff: staff.post(
                f"/api/staff/orders/{pk}/release-hold", {"reason": "x"}
            ),
            "delete": lambda pk, staff=staff: staff.delete(f"/api/staff/orders/{pk}"),
        }
        for entry in allowed["actions"]:
            if entry["name"] in calls:
                answer = calls[entry["name"]](order_in(status).pk)
                assert (answer.status_code == 200) == entry["allowed"], (status, entry, answer.content)
