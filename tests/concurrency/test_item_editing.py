"""What is in an order is edited while others edit, place and move."""

import threading
from decimal import Decimal

import pytest
from django.db.models import Sum

from accounts.models import User
from catalog.models import Product
from lld.core.actors import SYSTEM
from lld.core.errors import DomainError
from orders import locks
from orders.enums import OrderStatus
from orders.models import Order, OrderLine
from orders.services import item_editing, progress
from orders.services.quoting import Item
from tests.concurrency.storm import storm
from tests.factories import CustomerFactory, counted, figures, place, priced

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def on_one_limit() -> list[OrderLine]:
    """Lines of two orders of 125 on terms of 400. A product each, whose locks make nobody wait."""
    customer = CustomerFactory(terms=Decimal("400.00"))
    return [place((priced("100.00"), 1), customer=customer).lines.get() for _ in range(2)]


def edits_at_once(lines: list[OrderLine]) -> list[bool]:
    """Both orders come to 225: which of them are held."""

    def edit(number: int) -> None:
        line = lines[number]
        item_editing.edit_items(line.order_id, [Item(2, line.product_id)], actor=SYSTEM)

    storm(2, edit)
    return sorted(Order.objects.get(pk=line.order_id).terms_hold for line in lines)


def test_credit_limit_is_not_shared_by_two_edits() -> None:
    assert [edits_at_once(on_one_limit()) for _ in range(5)] == [[False, True]] * 5


def test_control_without_customer_lock_both_edits_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    meeting = threading.Barrier(2)

    def read_without_lock(user_id: int) -> User:
        meeting.wait(10)
        return User.objects.select_related("profile").get(pk=user_id)

    def without_lock() -> list[bool]:
        lines = on_one_limit()
        with monkeypatch.context() as patch:
            patch.setattr(locks, "lock_customer", read_without_lock)
            return edits_at_once(lines)

    assert [False, False] in [without_lock() for _ in range(20)]


def edit_against_steps() -> tuple[Order, Product]:
    """One edits up, one edits down, one confirms, one cancels."""
    product = counted(20)
    order = place((product, 4), payment_method="check")

    def act(number: int) -> None:
        if number == 0:
            progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
        elif number == 1:
            progress.cancel_order(order.pk, actor=SYSTEM)
        else:
            item_editing.edit_items(order.pk, [Item(number, product.pk)], actor=SYSTEM)

    results = storm(8, act)
    broken = [result for result in results if isinstance(result, Exception) and not isinstance(result, DomainError)]
    assert not broken, broken
    return order, product


def test_stock_is_what_the_lines_hold_whatever_came_first() -> None:
    for _ in range(8):
        order, product = edit_against_steps()

        held = OrderLine.objects.filter(order=order).aggregate(
            reserved=Sum("stock_reserved"), taken=Sum("stock_taken")
        )
        assert figures(product) == (20 - held["taken"], held["reserved"])
        order.refresh_from_db()
        line = order.lines.get()
        assert line.stock_reserved + line.stock_taken in {0, line.quantity}
        assert order.subtotal == line.line_total
