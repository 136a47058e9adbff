"""An order is paid in the moment in which it lapses: it is paid, or cancelled, and never both."""

from decimal import Decimal
from threading import Thread

import pytest
from django.db import connections

from lld.core.actors import SYSTEM
from lld.core.errors import DomainError
from orders import locks
from orders.enums import PaymentMethod
from orders.models import Order
from orders.services import lapsing, payments
from orders.tests.situations import strange
from tests.clock import later
from tests.concurrency.storm import storm

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def announced() -> Order:
    order = strange()
    with later(hours=49):
        lapsing.announce_lapse(order.pk)
    return order


def pay(order: Order) -> None:
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)


def lost_a_paid_order(order: Order) -> bool:
    order.refresh_from_db()
    return order.status == "cancelled" and order.amount_paid > 0


def test_paid_order_does_not_lapse_in_the_same_moment() -> None:
    for _ in range(8):
        order = announced()
        acts = (lapsing.lapse_order, lambda _, order=order: pay(order))

        with later(hours=74):
            results = storm(2, lambda number, order=order, acts=acts: acts[number](order.pk))

        assert not lost_a_paid_order(order)
        refused = [result for result in results if isinstance(result, Exception)]
        assert all(isinstance(result, DomainError) for result in refused), refused
        assert (order.status, order.amount_paid) == (
            ("cancelled", Decimal(0)) if refused else ("pending", Decimal("45.00"))
        )


def test_control_without_lock_a_paid_order_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    order = announced()

    def pay_elsewhere() -> None:
        pay(order)
        connections.close_all()

    def read_without_lock(order_id: int) -> Order:
        found = Order.objects.get(pk=order_id)
        payer = Thread(target=pay_elsewhere)
        payer.start()
        payer.join()
        return found

    monkeypatch.setattr(locks, "lock_order_even_deleted", read_without_lock)

    with later(hours=74):
        lapsing.lapse_order(order.pk)

    assert lost_a_paid_order(order)
