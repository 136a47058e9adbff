"""Checks that the bank sends back: what came in has left again."""

from decimal import Decimal
from typing import Any

import pytest

from lld.core.actors import SYSTEM, Actor
from lld.core.errors import Conflict, Forbidden, NotFound
from lld.core.money import ZERO
from orders.enums import OrderStatus, PaymentMethod
from orders.models import AttentionEntry, CreditAccount, Order, Payment, Refund
from orders.services import bouncing, credit, giving_back, payments, progress, refund_delivery
from tests.factories import CustomerFactory, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def by_check(received: str = "45.00", **options: Any) -> tuple[Order, Payment]:
    """An order of 45.00, paid by a check."""
    order = place(payment_method="check", released=False, **options)
    payments.record_manual_payment(
        order.pk, actor=SYSTEM, method=PaymentMethod.CHECK, received=Decimal(received), note="Check 1207"
    )
    return order, order.payments.get()


def bounce(payment: Payment) -> Order:
    bouncing.bounce_payment(payment.pk, actor=SYSTEM, reason="No funds")
    return Order.objects.get(pk=payment.order_id)


def test_bounced_check_is_owed_again_and_holds_the_order() -> None:
    order, payment = by_check()
    progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)

    order = bounce(payment)

    assert (order.balance, order.payment_status, order.charged_back) == (Decimal(45), "unpaid", Decimal(45))
    assert (order.terms_hold, order.hold_reasons, order.paid_at) == (True, ["money_left"], None)
    payment.refresh_from_db()
    assert (payment.charged_back, payment.given_back, payment.left) == (Decimal(45), ZERO, ZERO)
    matter = AttentionEntry.objects.get(resolved_at=None)
    assert (matter.kind, matter.payment, matter.amount) == ("charged_back", payment, Decimal(45))
    assert order.ledger.order_by("pk").last().note == "No funds"


def test_bounced_order_is_paid_another_way() -> None:
    order = bounce(by_check()[1])

    order, _ = payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)

    assert (order.balance, order.payment_status, order.terms_hold) == (ZERO, "paid", False)


def test_check_bounces_once() -> None:
    _, payment = by_check()
    bounce(payment)

    with pytest.raises(Conflict):
        bounce(payment)

    assert Order.objects.get().balance == Decimal(45)


def test_what_waits_to_be_handed_out_of_it_is_withdrawn() -> None:
    order, payment = by_check()
    giving_back.refund_order(order.pk, actor=SYSTEM, reason="Dented", amount=Decimal("10.00"))

    order = bounce(payment)

    assert (Refund.objects.get().state, Payment.objects.get().given_back) == ("withdrawn", ZERO)
    # That it costs 10.00 less was agreed.
    assert (order.total_amount, order.balance) == (Decimal(35), Decimal(35))


def test_what_was_handed_out_of_it_is_owed_too() -> None:
    order, payment = by_check()
    _, [refund] = giving_back.refund_order(order.pk, actor=SYSTEM, reason="Dented", amount=Decimal("10.00"))
    refund_delivery.hand_out_refund(refund.pk, how=PaymentMethod.CASH, actor=SYSTEM)

    order = bounce(payment)

    assert (order.total_amount, order.balance) == (Decimal(35), Decimal(45))
    assert "10.00 of it had been given back" in AttentionEntry.objects.get(resolved_at=None).detail


def test_cancelled_order_owes_nothing_and_nothing_is_handed_out_for_it() -> None:
    order, payment = by_check()
    progress.cancel_order(order.pk, actor=SYSTEM)

    order = bounce(payment)

    assert (order.balance, order.payment_status, Refund.objects.get().state) == (ZERO, "unpaid", "withdrawn")


def test_surplus_of_it_leaves_the_store_credit() -> None:
    customer = CustomerFactory()
    _, payment = by_check("60.00", customer=customer)
    assert CreditAccount.objects.get(customer=customer).balance == Decimal(15)

    bounce(payment)

    assert CreditAccount.objects.get(customer=customer).balance == ZERO


def test_surplus_that_is_spent_is_told() -> None:
    customer = CustomerFactory()
    _, payment = by_check("60.00", customer=customer)
    other = place(payment_method="check", customer=customer)
    credit.apply_credit(other.pk, Decimal("10.00"), actor=SYSTEM)

    bounce(payment)

    assert CreditAccount.objects.get(customer=customer).balance == ZERO
    detail = AttentionEntry.objects.get(resolved_at=None).detail
    assert "10.00 of its surplus had been spent as store credit" in detail


def test_only_checks_bounce() -> None:
    order = place(payment_method="check")
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)

    with pytest.raises(Conflict):
        bounce(order.payments.get())
    with pytest.raises(NotFound):
        bouncing.bounce_payment(404, actor=SYSTEM, reason="x")


@pytest.mark.parametrize("role", ["sales_rep", "warehouse"])
def test_who_takes_no_money_records_no_bounce(role: str) -> None:
    _, payment = by_check()
    with pytest.raises(Forbidden):
        bouncing.bounce_payment(payment.pk, actor=Actor("staff", 1, "sam", role), reason="x")
