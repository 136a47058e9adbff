"""Refunds that were asked for by mistake are withdrawn, and the money is where it was."""

from decimal import Decimal
from typing import Any

import pytest

from lld.core.actors import SYSTEM, Actor
from lld.core.errors import Conflict, Forbidden
from lld.core.models import AuditEntry
from lld.core.money import ZERO
from lld.gateways import stripe
from orders.enums import PaymentMethod, PaymentState, RefundDestination, RefundState
from orders.models import AttentionEntry, Order, Payment, Refund
from orders.services import credit, giving_back, payments, progress, refund_delivery, refunds, set_aside, withdrawing
from sandbox.testing import SandboxClient
from tests.factories import CustomerFactory, card_order, paid_by_card, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def in_cash(**options: Any) -> Order:
    """45.00, paid in cash."""
    order = place(payment_method="check", **options)
    return payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)[0]


def give_back(order: Order, amount: str) -> Refund:
    _, requested = giving_back.refund_order(order.pk, actor=SYSTEM, reason="Dented", amount=Decimal(amount))
    return requested[0]


def withdraw(refund: Refund) -> Order:
    withdrawing.withdraw_refund(refund.pk, actor=SYSTEM, reason="Wrong order")
    return Order.objects.get()


def failed(sandbox: SandboxClient, refund: Refund) -> Refund:
    """The bank of the card has sent it back."""
    refund = refund_delivery.carry_out_refund(refund.pk)
    sandbox.settle_refund(str(refund.refund_id), "failed", deliver=False)
    return refunds.record_refund(refund.pk, stripe.fetch_refund(str(refund.refund_id)))


def test_withdrawn_refund_leaves_all_as_it_was() -> None:
    order = in_cash()
    refund = give_back(order, "10.00")

    order = withdraw(refund)

    refund.refresh_from_db()
    assert (refund.state, refund.note) == ("withdrawn", "Withdrawn: Wrong order")
    assert (order.total_amount, order.balance, order.payment_status) == (Decimal("45.00"), ZERO, "paid")
    assert order.payments.get().given_back == ZERO
    assert not AttentionEntry.objects.filter(resolved_at=None).exists()
    assert AuditEntry.objects.get(action="refund.withdraw").reason == "Wrong order"


def test_what_failed_at_stripe_is_withdrawn(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order(), "pm_card_refundFail")
    refund = failed(sandbox, give_back(order, "10.00"))

    order = withdraw(refund)

    assert (order.total_amount, order.balance, order.amount_refunded) == (Decimal("45.00"), ZERO, ZERO)


def test_goodwill_of_before_is_still_owed() -> None:
    """Adjusted first, and refunded for that: only the refund was a mistake."""
    order = in_cash()
    giving_back.adjust_order(order.pk, Decimal("-4.00"), actor=SYSTEM, reason="Late")

    order = withdraw(give_back(order, "10.00"))

    assert (order.total_amount, order.balance) == (Decimal("41.00"), Decimal("-4.00"))


def test_each_of_the_refunds_of_one_occasion_undoes_its_part() -> None:
    order = place(payment_method="check")
    for part in ("20.00", "25.00"):
        payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH, received=Decimal(part))
    _, [newer, older] = giving_back.refund_order(order.pk, actor=SYSTEM, reason="x", amount=Decimal("30.00"))

    assert withdraw(newer).total_amount == Decimal("40.00")
    order = withdraw(older)

    assert (order.total_amount, order.balance) == (Decimal("45.00"), ZERO)


def test_same_money_is_given_back_after_all() -> None:
    order = in_cash()
    withdraw(give_back(order, "45.00"))

    refund = give_back(order, "45.00")

    assert (refund.state, order.payments.get().given_back) == ("manual", Decimal("45.00"))


def test_cancelled_order_keeps_no_money() -> None:
    order = in_cash()
    progress.cancel_order(order.pk, actor=SYSTEM)

    with pytest.raises(Conflict):
        withdraw(Refund.objects.get())

    assert Refund.objects.get().state == "manual"


def aside(order: Order) -> Payment:
    return Payment.objects.create(
        order=order, method=PaymentMethod.CASH, state=PaymentState.UNAPPLIED, amount=Decimal("45.00")
    )


def test_money_set_aside_waits_for_a_person_again_and_may_be_returned() -> None:
    payment = aside(place(payment_method="check"))
    withdraw(set_aside.return_payment(payment.pk, actor=SYSTEM, reason="Not ours"))

    matter = AttentionEntry.objects.get(resolved_at=None)

    assert (matter.payment, matter.amount) == (payment, Decimal("45.00"))
    again = set_aside.return_payment(payment.pk, actor=SYSTEM, reason="Not ours")
    payment.refresh_from_db()
    assert (again.state, payment.given_back) == ("manual", Decimal("45.00"))
    assert not AttentionEntry.objects.filter(resolved_at=None, payment=payment).exists()


def test_late_money_for_a_cancelled_order_may_stay_for_another() -> None:
    cancelled = place(payment_method="check")
    payment = aside(cancelled)
    progress.cancel_order(cancelled.pk, actor=SYSTEM)
    withdrawing.withdraw_refund(Refund.objects.get().pk, actor=SYSTEM, reason="Orders again")

    order = set_aside.apply_payment(payment.pk, actor=SYSTEM, order_number=place(payment_method="check").number)

    assert (order.balance, order.payment_status) == (ZERO, "paid")


@pytest.mark.parametrize("state", [state for state in RefundState if state not in {"failed", "manual"}])
def test_only_what_waits_for_a_person_is_withdrawn(state: RefundState) -> None:
    refund = give_back(in_cash(), "10.00")
    Refund.objects.update(state=state)

    with pytest.raises(Conflict):
        withdraw(refund)

    assert Payment.objects.get().given_back == Decimal("10.00")


def test_refund_that_stripe_made_is_not_withdrawn(sandbox: SandboxClient) -> None:
    """Every answer was lost, and we gave up; Stripe had made it the first time."""
    refund = give_back(paid_by_card(sandbox, card_order()), "10.00")
    refund_delivery._send(refund)
    Refund.objects.update(state=RefundState.FAILED, next_try_at=None)

    with pytest.raises(Conflict):
        withdraw(refund)

    refund.refresh_from_db()
    order = Order.objects.get()
    assert (refund.state, order.amount_refunded, order.total_amount) == ("succeeded", Decimal(10), Decimal(35))


def test_old_news_of_a_withdrawn_refund_changes_nothing(sandbox: SandboxClient) -> None:
    refund = failed(sandbox, give_back(paid_by_card(sandbox, card_order(), "pm_card_refundFail"), "10.00"))
    withdraw(refund)

    refunds.record_refund(refund.pk, stripe.fetch_refund(str(refund.refund_id)))

    refund.refresh_from_db()
    assert refund.state == "withdrawn"
    assert not AttentionEntry.objects.filter(resolved_at=None).exists()


def test_withdrawn_refund_that_stripe_makes_after_all_is_booked_and_told(sandbox: SandboxClient) -> None:
    refund = give_back(paid_by_card(sandbox, card_order()), "10.00")
    Refund.objects.update(state=RefundState.FAILED, next_try_at=None)
    withdraw(refund)

    made = refund_delivery._send(refund)
    refunds.record_refund(refund.pk, made)

    order = Order.objects.get()
    assert (order.payments.get().given_back, order.amount_refunded) == (Decimal("10.00"), Decimal("10.00"))
    assert (order.balance, Refund.objects.get().state) == (Decimal("10.00"), "succeeded")
    assert AttentionEntry.objects.get(resolved_at=None).kind == "refunded_at_stripe"


def test_who_gives_no_money_back_withdraws_nothing() -> None:
    refund = give_back(in_cash(), "10.00")
    with pytest.raises(Forbidden):
        withdrawing.withdraw_refund(refund.pk, actor=Actor("staff", 1, "sam", "warehouse"), reason="x")


def test_part_that_went_to_store_credit_stays_there() -> None:
    """5.00 were paid by credit: the whole occasion gave back 15.00."""
    customer = CustomerFactory()
    credit.issue_credit(customer, Decimal("5.00"), actor=SYSTEM)
    order = place(payment_method="check", customer=customer)
    credit.apply_credit(order.pk, Decimal("5.00"), actor=SYSTEM)
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    refund = give_back(order, "45.00")

    order = withdraw(refund)

    assert refund.destination == RefundDestination.HAND
    assert (order.total_amount, order.balance, order.credit_applied) == (Decimal("40.00"), ZERO, ZERO)
