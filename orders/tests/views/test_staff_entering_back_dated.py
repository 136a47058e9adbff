"""Orders from the books happened then, not now; and what was promised to one order is not taken by another."""

import pytest

from catalog.enums import StockReason
from lld.core.actors import SYSTEM
from lld.core.models import OutboxMessage
from orders.models import Order, Payment
from tests import stock
from tests.factories import ProductFactory, as_staff, order_body, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]

DAY = "2026-03-05T18:00:00Z"


def test_an_old_cancelled_order_sends_no_mail() -> None:
    body = order_body((ProductFactory(), 2), created_at=DAY, status="cancelled")
    assert as_staff().post("/api/staff/orders", body).status_code == 201
    assert not OutboxMessage.objects.filter(channel="email").exists()


def test_an_old_paid_order_was_paid_then() -> None:
    as_staff().post("/api/staff/orders", order_body((ProductFactory(), 2), created_at=DAY, payment_method="cash"))
    order = Order.objects.get()
    assert order.paid_at == order.created_at == Payment.objects.get().settled_at


def test_an_order_without_a_promise_does_not_take_what_was_promised_to_another() -> None:
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


def test_less_than_a_cent_is_not_everything() -> None:
    order = place(payment_method="check")
    answer = as_staff().post(f"/api/staff/orders/{order.pk}/mark-paid", {"amount_received": 0.004})
    assert "amount_received" in answer.json()["fields"]
    order.refresh_from_db()
    assert order.amount_paid == 0
