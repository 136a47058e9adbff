"""Rows that change hands between the look and the lock."""

import pytest
from django.db import transaction

from lld.core.actors import SYSTEM
from lld.core.errors import Conflict, NotFound
from orders import locks
from orders.enums import PaymentMethod
from orders.models import Order, Payment
from orders.services import payments
from tests.factories import place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def test_payment_that_is_put_to_another_order_meanwhile_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    order, other = place(payment_method="check"), place(payment_method="check")
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CHECK)
    payment, real = order.payments.get(), locks.lock_order_even_deleted

    def moved(order_id: int) -> Order:
        Payment.objects.filter(pk=payment.pk).update(order=other)
        return real(order_id)

    monkeypatch.setattr(locks, "lock_order_even_deleted", moved)

    with transaction.atomic(), pytest.raises(Conflict, match="another order"):
        locks.lock_payment_and_order(payment.pk)


def test_payment_that_does_not_exist_is_not_found() -> None:
    with transaction.atomic(), pytest.raises(NotFound):
        locks.lock_payment_and_order(1)
