"""Payments that were recorded by mistake."""

from decimal import Decimal

import pytest

from lld.core.access import Role
from lld.core.actors import SYSTEM, Actor
from lld.core.errors import Conflict, Forbidden, NotFound
from lld.core.money import ZERO
from orders.enums import OrderStatus, PaymentMethod
from orders.models import AttentionEntry, CreditAccount, Order, Payment, Refund
from orders.services import bouncing, credit, giving_back, payments, progress, refund_delivery, voiding
from sandbox.testing import SandboxClient
from tests.factories import CustomerFactory, card_order, paid_by_card, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def in_cash(received: str = "45.00", **options: object) -> tuple[Order, Payment]:
    """An order of 45.00, paid in cash."""
    order = place(payment_method="check", released=False, **options)
    record(order, received)
    return order, order.payments.get()


def record(order: Order, received: str, method: PaymentMethod = PaymentMethod.CASH) -> None:
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=method, received=Decimal(received))


def void(payment: Payment) -> Order:
    voiding.void_payment(payment.pk, actor=SYSTEM, reason="Wrong order")
    return Order.objects.get(pk=payment.order_id)


def test_voided_payment_is_owed_again_and_its_entry_reversed() -> None:
    order, payment = in_cash()

    order = void(payment)

    assert (order.balance, order.amount_paid, order.payment_status) == (Decimal(45), ZERO, "unpaid")
    assert (order.paid_at, order.charged_back, order.terms_hold) == (None, ZERO, False)
    payment.refresh_from_db()
    assert (payment.state, payment.failure) == ("cancelled", "Voided: Wrong order")
    entries = order.ledger.filter(payment=payment).values_list("kind", "amount", "note")
    assert list(entries) == [("payment", Decimal(-45), ""), ("payment", Decimal(45), "Wrong order")]
    assert not AttentionEntry.objects.exists()


def test_voided_part_leaves_the_other_payments() -> None:
    order, payment = in_cash("20.00")
    record(order, "25.00")

    order = void(payment)

    assert (order.balance, order.amount_paid, order.payment_status) == (Decimal(20), Decimal(25), "unpaid")


def test_payment_is_voided_once() -> None:
    _, payment = in_cash()
    void(payment)

    with pytest.raises(Conflict):
        void(payment)

    assert Order.objects.get().balance == Decimal(45)


def test_surplus_of_it_leaves_the_store_credit_and_what_is_spent_is_told() -> None:
    customer = CustomerFactory()
    _, payment = in_cash("60.00", customer=customer)
    credit.apply_credit(place(payment_method="check", customer=customer).pk, Decimal("10.00"), actor=SYSTEM)

    void(payment)

    assert CreditAccount.objects.get(customer=customer).balance == ZERO
    matter = AttentionEntry.objects.get(resolved_at=None)
    assert (matter.amount, matter.payment) == (Decimal(10), payment)
    assert "10.00 of its surplus had been spent" in matter.detail


def test_what_waits_to_be_handed_out_of_it_is_withdrawn() -> None:
    order, payment = in_cash()
    progress.cancel_order(order.pk, actor=SYSTEM, reason="Closed")
    assert AttentionEntry.objects.filter(resolved_at=None).exists()

    order = void(payment)

    assert (order.balance, order.amount_paid, Refund.objects.get().state) == (ZERO, ZERO, "withdrawn")
    assert Payment.objects.get().given_back == ZERO
    assert not AttentionEntry.objects.filter(resolved_at=None).exists()


def test_payment_of_which_something_went_back_did_come() -> None:
    order, payment = in_cash()
    _, [refund] = giving_back.refund_order(order.pk, actor=SYSTEM, reason="Dented", amount=Decimal("10.00"))
    refund_delivery.hand_out_refund(refund.pk, how=PaymentMethod.CASH, actor=SYSTEM)

    with pytest.raises(Conflict, match="has gone back"):
        void(payment)

    assert Order.objects.get().balance == ZERO


def test_only_what_was_recorded_by_hand_is_voided(sandbox: SandboxClient) -> None:
    by_card = paid_by_card(sandbox, card_order()).payments.get()
    order = place(payment_method="check")
    record(order, "45.00", PaymentMethod.CHECK)
    bouncing.bounce_payment(order.payments.get().pk, actor=SYSTEM, reason="No funds")

    for payment in (by_card, order.payments.get()):
        with pytest.raises(Conflict):
            void(payment)
    with pytest.raises(NotFound):
        voiding.void_payment(404, actor=SYSTEM, reason="x")


def test_order_that_has_gone_out_is_owed_again() -> None:
    order, payment = in_cash()
    progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM)

    order = void(payment)

    assert (order.status, order.balance, order.payment_status) == ("shipped", Decimal(45), "unpaid")


@pytest.mark.parametrize("role", [Role.STAFF, Role.SALES_REP, Role.WAREHOUSE])
def test_who_manages_nothing_voids_nothing(role: Role) -> None:
    _, payment = in_cash()
    with pytest.raises(Forbidden):
        voiding.void_payment(payment.pk, actor=Actor("staff", 1, "sam", role), reason="x")


def test_customer_who_was_told_of_it_is_told_of_the_mistake(sandbox: SandboxClient) -> None:
    _, payment = in_cash()

    order = void(payment)

    mail = sandbox.mail()[0]
    assert mail["subject"] == f"Correction: payment for order {order.number}"
    assert "We told you that $45.00 for" in mail["text"]
    assert "Still to pay: $45.00" in mail["text"]


def test_customer_who_was_told_nothing_stays_so(sandbox: SandboxClient) -> None:
    order = place(payment_method="check")
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH, notify=False)

    void(order.payments.get())

    assert [mail["subject"] for mail in sandbox.mail()] == [f"Order {order.number} received"]
