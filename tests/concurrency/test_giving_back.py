"""Refunds, set-aside money and store credit at once: no cent goes two ways."""

from decimal import Decimal

import pytest

from lld.core.actors import SYSTEM
from lld.core.errors import DomainError
from orders import locks
from orders.enums import PaymentMethod, PaymentState
from orders.models import Order, Payment
from orders.services import credit, giving_back, payments, progress, refunds, set_aside
from tests.concurrency.storm import storm
from tests.factories import CustomerFactory, card_order, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def apply_against_cancel() -> tuple[list[object], Payment]:
    """Money set aside for one order is put to another while the first is cancelled."""
    first, other = card_order(), card_order()
    payment = Payment.objects.create(
        order=first, method=PaymentMethod.CASH, state=PaymentState.UNAPPLIED, amount=first.balance
    )

    def act(number: int) -> None:
        if number:
            progress.cancel_order(first.pk, actor=SYSTEM)
        else:
            set_aside.apply_payment(payment.pk, actor=SYSTEM, order_number=other.number)

    results = storm(2, act)
    payment.refresh_from_db()
    return results, payment


def went_both_ways(results: list[object], payment: Payment) -> bool:
    is_broken = any(isinstance(result, Exception) and not isinstance(result, DomainError) for result in results)
    return is_broken or (payment.state == PaymentState.SUCCEEDED and payment.given_back > 0)


def test_set_aside_money_is_applied_or_goes_back() -> None:
    for _ in range(8):
        assert not went_both_ways(*apply_against_cancel())


def test_control_with_only_one_order_locked_money_goes_both_ways(monkeypatch: pytest.MonkeyPatch) -> None:
    def lock_the_last(order_ids: object) -> dict[int, Order]:
        *_, target = order_ids  # type: ignore[misc]  # a generator of ids
        return {target: locks.lock_order_even_deleted(target)}

    def count_anyway(payment: Payment, amount: Decimal) -> None:
        Payment.objects.filter(pk=payment.pk).update(given_back=amount)

    monkeypatch.setattr(locks, "lock_orders_even_deleted", lock_the_last)
    monkeypatch.setattr(refunds, "_count_given_back", count_anyway)

    assert any(went_both_ways(*apply_against_cancel()) for _ in range(60))


def refunds_at_once() -> Order:
    order = place(payment_method="check")
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    storm(6, lambda _: giving_back.refund_order(order.pk, actor=SYSTEM, reason="x", amount=Decimal("10.00")))
    order.refresh_from_db()
    return order


def test_refunds_at_once_come_to_no_more_than_was_paid() -> None:
    order = refunds_at_once()

    assert order.payments.get().given_back == Decimal("40.00")
    assert order.total_amount == Decimal("5.00")
    assert order.refunds.count() == 4


def refunds_of_one_version() -> int:
    """How many get through of those that saw the order as it was before any of them."""
    order = place(payment_method="check")
    order, _ = payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    seen = order.version
    storm(
        4,
        lambda _: giving_back.refund_order(
            order.pk, actor=SYSTEM, reason="x", amount=Decimal("10.00"), expected_version=seen
        ),
    )
    return order.refunds.count()


def test_refunds_at_once_of_one_version_are_one() -> None:
    assert refunds_of_one_version() == 1


def test_control_without_order_lock_several_refunds_are_of_one_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "lock_order", lambda order_id: Order.objects.get(pk=order_id))

    assert any(refunds_of_one_version() > 1 for _ in range(20))


def test_credit_of_one_customer_is_spent_once() -> None:
    customer = CustomerFactory()
    credit.issue_credit(customer, Decimal("30.00"), actor=SYSTEM)
    orders = [place(payment_method="check", customer=customer) for _ in range(4)]

    storm(4, lambda number: credit.apply_credit(orders[number].pk, Decimal("20.00"), actor=SYSTEM))

    applied = [Order.objects.get(pk=order.pk).credit_applied for order in orders]
    assert sorted(applied) == [0, 0, 0, Decimal("20.00")]
