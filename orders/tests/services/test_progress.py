"""Steps of an order, their times, and the stock behind them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.enums import StockReason
from lld.core.actors import SYSTEM
from lld.core.models import OutboxMessage
from orders.enums import OrderStatus
from orders.errors import IllegalTransition
from orders.models import Order
from orders.services import adopting, progress
from orders.tests.situations import order_in
from sandbox.testing import SandboxClient
from tests import stock
from tests.factories import ProductFactory, card_order, counted, figures, paid_by_card, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


# Half past ten in the evening of the 4th in Chicago.
EVENING = datetime(2026, 3, 5, 4, 30, tzinfo=UTC)


def test_skipped_steps_are_stamped_with_the_last() -> None:
    order = order_in("delivered")
    assert order.confirmed_at == order.packed_at == order.shipped_at == order.delivered_at is not None


def test_stock_follows_the_order_to_its_cancellation() -> None:
    product = stock.count(ProductFactory().pk, 10, reason=StockReason.OPENING, actor=SYSTEM)

    order = order_in("pending", product)
    assert figures(product) == (10, 2)

    progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
    assert figures(product) == (8, 0)

    progress.advance_order(order.pk, OrderStatus.PACKED, actor=SYSTEM)
    assert figures(product) == (8, 0)

    progress.cancel_order(order.pk, actor=SYSTEM)
    assert figures(product) == (10, 0)


def test_product_counted_after_placing_is_deducted_and_restored() -> None:
    product = ProductFactory()
    order = order_in("pending", product)
    stock.count(product.pk, 10, reason=StockReason.OPENING, actor=SYSTEM)

    progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
    assert figures(product) == (8, 0)

    progress.cancel_order(order.pk, actor=SYSTEM)
    assert figures(product) == (10, 0)


def test_product_no_longer_counted_is_released() -> None:
    product = stock.count(ProductFactory().pk, 10, reason=StockReason.OPENING, actor=SYSTEM)
    order = order_in("pending", product)

    stock.count(product.pk, None, reason=StockReason.CORRECTED, actor=SYSTEM)
    assert figures(product) == (None, 2)

    progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
    assert figures(product) == (None, 0)


def locks_of_products(act: Callable[[], Any]) -> int:
    """How often `act` locks products."""
    with CaptureQueriesContext(connection) as queries:
        act()
    return sum("catalog_product" in query["sql"] and "FOR UPDATE" in query["sql"] for query in queries)


def test_products_are_locked_once_a_transaction() -> None:
    items = [(counted(5), 2), (counted(5), 1), (ProductFactory(), 3)]
    placed: list[Order] = []

    assert locks_of_products(lambda: placed.append(place(*items, payment_method="check"))) == 1
    assert locks_of_products(lambda: progress.cancel_order(placed[0].pk, actor=SYSTEM)) == 1

    order = place(*items, payment_method="check")
    confirm = partial(progress.advance_order, order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
    assert locks_of_products(confirm) == 1
    assert locks_of_products(lambda: progress.cancel_order(order.pk, actor=SYSTEM)) == 1


def test_each_step_has_its_own_time_or_that_of_the_next() -> None:
    order = place(payment_method="check")

    with time_machine.travel(EVENING, tick=False) as clock:
        progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
        clock.shift(timedelta(hours=5))
        progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM)
        clock.shift(timedelta(days=2))
        progress.advance_order(order.pk, OrderStatus.DELIVERED, actor=SYSTEM)

    order.refresh_from_db()
    later = EVENING + timedelta(hours=5)
    assert (order.confirmed_at, order.packed_at, order.shipped_at) == (EVENING, later, later)
    assert order.delivered_at == later + timedelta(days=2)
    assert order.cancelled_at is None


def test_shipped_by_mistake_goes_back_to_packed_and_is_shipped_again() -> None:
    order = place(payment_method="check")
    progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM, tracking_number="9400")

    order = progress.unship_order(order.pk, actor=SYSTEM, reason="Still on the dock")

    assert (order.status, order.shipped_at, order.tracking_number) == ("packed", None, "9400")
    assert order.packed_at is not None
    progress.ship_order(order.pk, actor=SYSTEM)
    sent = OutboxMessage.objects.filter(key__startswith="order_").order_by("pk")
    names = [message.key.partition(":")[0] for message in sent]
    assert names == ["order_placed", "order_shipped", "order_not_shipped", "order_shipped"]


@pytest.mark.parametrize("status", ["packed", "delivered", "cancelled"])
def test_only_what_is_shipped_is_taken_back(status: str) -> None:
    with pytest.raises(IllegalTransition):
        progress.unship_order(order_in(status).pk, actor=SYSTEM, reason="x")


def test_money_that_left_since_holds_what_is_taken_back(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order())
    progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM)
    payment = order.payments.get()
    sandbox.refund_in_dashboard(str(payment.intent_id), deliver=False)
    adopting.adopt_refunds(payment.pk)

    order = progress.unship_order(order.pk, actor=SYSTEM, reason="Refunded")

    assert (order.terms_hold, order.hold_reasons) == (True, ["money_left"])
