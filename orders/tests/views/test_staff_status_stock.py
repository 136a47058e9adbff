"""What moving an order does to the stock, line by line, and how the ledger tells it."""

import pytest

from catalog.enums import StockReason
from catalog.models import Product, StockMovement
from lld.core.access import Role
from lld.core.actors import SYSTEM
from orders.models import Order
from orders.services import progress
from orders.tests.situations import order_in
from tests import stock
from tests.factories import CustomerFactory, ProductFactory, as_staff, counted, figures, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


def move(order: Order, status: str) -> int:
    status_code: int = as_staff().put(f"/api/staff/orders/{order.pk}/status", {"status": status}).status_code
    return status_code


def test_every_movement_names_its_order_and_actor() -> None:
    product, customer = counted(10), CustomerFactory(username="ana")
    order = place((product, 4), customer=customer, payment_method="check")
    staff = as_staff(Role.WAREHOUSE)

    staff.post(f"/api/shipping/orders/{order.number}/confirm")
    staff.put(f"/api/staff/orders/{order.pk}/status", {"status": "cancelled"})

    rows = StockMovement.objects.exclude(reason=StockReason.OPENING).order_by("pk")
    me = f"staff:{staff.user.username}"
    assert [(row.reason, row.quantity_delta, row.reserved_delta, row.reference, row.actor) for row in rows] == [
        ("reserved", 0, 4, order.number, f"customer:{customer.pk}"),
        ("deducted", -4, -4, order.number, me),
        ("restored", 4, 0, order.number, me),
    ]


def test_uncounted_product_gets_no_movement() -> None:
    order = place((ProductFactory(), 4), payment_method="check")
    assert move(order, "confirmed") == 200
    assert move(order, "cancelled") == 200
    assert not StockMovement.objects.exists()


def test_cancelling_a_pending_order_releases_its_stock() -> None:
    product = counted(5)

    order = place((product, 5), payment_method="check")
    assert figures(product) == (5, 5)

    assert move(order, "cancelled") == 200
    assert figures(product) == (5, 0)

    assert move(order, "cancelled") == 409
    assert figures(product) == (5, 0)


def test_stock_is_deducted_once_at_whichever_step_is_first() -> None:
    for target in ("confirmed", "packed", "shipped", "delivered"):
        product = counted(5)
        order = place((product, 2), payment_method="check")
        assert move(order, target) == 200
        assert figures(product) == (3, 0)

    for target in ("packed", "shipped", "delivered"):
        product = counted(5)
        order = place((product, 2), payment_method="check")
        assert move(order, "confirmed") == 200
        assert move(order, target) == 200
        assert figures(product) == (3, 0)


def test_short_line_keeps_the_whole_order_pending() -> None:
    enough, short = counted(5), counted(5)
    order = place((enough, 2), (short, 4), payment_method="check")
    stock.count(short.pk, 3, reason=StockReason.CORRECTED, actor=SYSTEM)

    assert move(order, "confirmed") == 409
    assert (figures(enough), figures(short)) == ((5, 2), (3, 4))
    order.refresh_from_db()
    assert (order.status, order.confirmed_at) == ("pending", None)

    assert move(order, "cancelled") == 200
    assert (figures(enough), figures(short)) == ((5, 0), (3, 0))


def test_product_counted_again_is_restored_on_cancelling() -> None:
    product = counted(5)
    order = place((product, 2), payment_method="check")
    progress.advance_order(order.pk, progress.OrderStatus.CONFIRMED, actor=SYSTEM)
    stock.count(product.pk, None, reason=StockReason.CORRECTED, actor=SYSTEM)
    stock.count(product.pk, 3, reason=StockReason.CORRECTED, actor=SYSTEM)

    assert move(order, "cancelled") == 200
    assert figures(product) == (5, 0)


def test_product_no_longer_counted_is_not_restored() -> None:
    product = counted(5)
    order = place((product, 2), payment_method="check")

    assert move(order, "confirmed") == 200

    stock.count(product.pk, None, reason=StockReason.CORRECTED, actor=SYSTEM)
    assert move(order, "cancelled") == 200
    assert figures(product) == (None, 0)
    assert not StockMovement.objects.filter(reason=StockReason.RESTORED).exists()


def test_inactive_product_still_ships_if_reserved() -> None:
    product = counted(5)
    order = place((product, 2), payment_method="check")
    Product.objects.filter(pk=product.pk).update(is_active=False, in_stock=False)
    assert move(order, "confirmed") == 200
    assert figures(product) == (3, 0)


def test_unreserved_order_does_not_take_reserved_stock() -> None:
    product = ProductFactory()
    early = place((product, 2), payment_method="check")
    stock.count(product.pk, 3, reason=StockReason.OPENING, actor=SYSTEM)
    later = place((product, 3), payment_method="check")
    staff = as_staff()

    answers = [
        staff.put(f"/api/staff/orders/{order.pk}/status", {"status": "confirmed"}).status_code
        for order in (early, later)
    ]

    assert answers == [409, 200]


@pytest.mark.django_db(transaction=True)
def test_confirming_is_refused_once_stock_was_counted_lower() -> None:
    product = stock.count(ProductFactory().pk, 2, reason=StockReason.OPENING, actor=SYSTEM)
    order = order_in("pending", product)
    stock.count(product.pk, 1, reason=StockReason.CORRECTED, actor=SYSTEM)

    answer = as_staff().put(f"/api/staff/orders/{order.pk}/status", {"status": "confirmed"})

    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    assert answer.json()["lines"][0]["available"] == 1
    order.refresh_from_db()
    assert order.status == "pending"
