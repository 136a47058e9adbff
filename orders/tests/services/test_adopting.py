"""What is done about our payments in Stripe's own dashboard."""

from decimal import Decimal

import pytest

from lld.core.actors import SYSTEM
from lld.gateways import stripe
from orders.enums import RefundDestination
from orders.models import AttentionEntry, Order, Payment, Refund
from orders.services import adopting, giving_back, intents, payments, progress, refund_delivery, refunds
from sandbox.testing import SandboxClient
from tests.factories import CustomerFactory, card_order, paid_by_card

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def in_dashboard(order: Order, amount: str) -> None:
    intent_id = str(order.payments.get().intent_id)
    stripe.create_refund(intent_id=intent_id, amount=Decimal(amount), key=f"dashboard {amount}", metadata={})


def test_refund_in_the_dashboard_is_owed_again_and_told(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order())
    in_dashboard(order, "10.00")

    for _ in range(2):
        adopting.adopt_refunds(order.payments.get().pk)

    order.refresh_from_db()
    assert (order.amount_refunded, order.balance) == (Decimal("10.00"), Decimal("10.00"))
    assert order.payment_status == "partially_refunded"
    assert AttentionEntry.objects.get().kind == "refunded_at_stripe"


def test_cancelling_after_a_part_refund_in_the_dashboard_gives_the_rest_back(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order())
    in_dashboard(order, "10.00")

    progress.cancel_order(order.pk, actor=SYSTEM)
    outcome = refund_delivery.carry_out_refunds(order.pk)

    assert outcome is not None
    assert (outcome.status, outcome.amount) == ("succeeded", Decimal("35.00"))
    assert [entry["amount"] for entry in sandbox.ledger("stripe", "refund")] == [1000, 3500]
    assert Payment.objects.get().given_back == Decimal("45.00")
    order.refresh_from_db()
    assert (order.amount_refunded, order.payment_status) == (Decimal("45.00"), "refunded")


def test_cancelling_after_all_went_back_in_the_dashboard_asks_for_nothing(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order())
    in_dashboard(order, "45.00")

    progress.cancel_order(order.pk, actor=SYSTEM)
    assert refund_delivery.carry_out_refunds(order.pk) is None

    assert sorted(Refund.objects.values_list("state", flat=True)) == ["succeeded", "withdrawn"]
    order.refresh_from_db()
    assert order.payment_status == "refunded"


def test_what_went_back_twice_is_told_and_breaks_nothing(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order(customer=CustomerFactory()))
    to_credit = {"to": RefundDestination.CREDIT, "reason": "x", "actor": SYSTEM}
    giving_back.refund_order(order.pk, amount=Decimal("20.00"), **to_credit)
    in_dashboard(order, "45.00")

    for _ in range(2):
        adopting.adopt_refunds(order.payments.get().pk)

    order.refresh_from_db()
    assert order.amount_refunded == Decimal("45.00")
    assert "20.00 of it had been given back another way" in AttentionEntry.objects.get().detail


def test_refund_that_stripe_has_accepted_is_not_withdrawn(sandbox: SandboxClient) -> None:
    """Its answer was lost; then somebody gave the rest back in the dashboard."""
    order = paid_by_card(sandbox, card_order())
    _, [refund] = giving_back.refund_order(order.pk, actor=SYSTEM, reason="x", amount=Decimal("20.00"))
    refund_delivery._send(refund)
    in_dashboard(order, "25.00")

    adopting.adopt_refunds(order.payments.get().pk)

    refund.refresh_from_db()
    order.refresh_from_db()
    assert (refund.state, refund.amount, order.amount_refunded) == ("succeeded", Decimal(20), Decimal(45))


def test_what_failed_here_and_went_back_in_the_dashboard_went_back_once(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order(), "pm_card_refundFail")
    progress.cancel_order(order.pk, actor=SYSTEM)
    refund_delivery.carry_out_refunds(order.pk)
    failed = Refund.objects.get()
    sandbox.settle_refund(str(failed.refund_id), "failed", deliver=False)
    refunds.record_refund(failed.pk, stripe.fetch_refund(str(failed.refund_id)))
    in_dashboard(order, "45.00")

    adopting.adopt_refunds(order.payments.get().pk)
    refunds.record_refund(failed.pk, stripe.fetch_refund(str(failed.refund_id)))

    assert list(Refund.objects.order_by("pk").values_list("state", flat=True)) == ["withdrawn", "succeeded"]
    assert not AttentionEntry.objects.filter(resolved_at=None).exists()
    order.refresh_from_db()
    assert (order.amount_refunded, Payment.objects.get().given_back) == (Decimal(45), Decimal(45))


def test_refund_in_the_dashboard_that_failed_is_not_with_the_customer_twice(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order(customer=CustomerFactory()), "pm_card_refundFail")
    giving_back.refund_order(
        order.pk, actor=SYSTEM, reason="Late", amount=Decimal("45.00"), to=RefundDestination.CREDIT
    )
    payment = order.payments.get()
    found = sandbox.refund_in_dashboard(str(payment.intent_id), deliver=False)
    adopting.adopt_refunds(payment.pk)
    assert "twice" in AttentionEntry.objects.get(resolved_at=None).detail

    sandbox.settle_refund(found["id"], "failed", deliver=False)
    adopting.adopt_refunds(payment.pk)

    assert not AttentionEntry.objects.filter(resolved_at=None).exists()


def test_payment_whose_refund_was_heard_of_first_and_failed_is_left_to_a_person(sandbox: SandboxClient) -> None:
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_card_refundFail", deliver=False)
    refund_id = sandbox.refund_in_dashboard(intent.id, deliver=False)["id"]
    adopting.adopt_refunds(Payment.objects.get().pk)
    sandbox.settle_refund(refund_id, "failed", deliver=False)
    refunds.record_refund(Refund.objects.get().pk, stripe.fetch_refund(refund_id))
    progress.cancel_order(order.pk, actor=SYSTEM)

    payments.apply_intent(intent.id)

    assert (Payment.objects.get().state, Refund.objects.get().state) == ("unapplied", "failed")
    assert AttentionEntry.objects.filter(resolved_at=None, refund=Refund.objects.get()).exists()
