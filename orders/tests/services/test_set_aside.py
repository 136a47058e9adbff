"""Money that no order owed finds an order, or its way back; refunds that failed find another."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from lld.core.actors import SYSTEM
from lld.core.errors import Conflict, NotFound
from lld.core.money import ZERO
from lld.gateways import stripe
from orders.enums import PaymentMethod, RefundState
from orders.models import AttentionEntry, CreditAccount, Order, Payment, Refund
from orders.services import attention, disputes, intents, payments, progress, refund_delivery, refunds, set_aside
from orders.services.adopting import adopt_refunds
from sandbox.testing import SandboxClient
from tests.factories import CustomerFactory, StaffFactory, card_order, paid_by_card, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def too_little(sandbox: SandboxClient) -> tuple[Order, Payment]:
    """45.00 came for an order that costs more meanwhile."""
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, deliver=False)
    Payment.objects.update(next_check_at=timezone.now())
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH, received=Decimal("5.00"))
    payments.apply_intent(intent.id)
    return order, Payment.objects.get(intent_id=intent.id)


def test_set_aside_money_is_applied_and_the_surplus_goes_back(sandbox: SandboxClient) -> None:
    order, payment = too_little(sandbox)
    assert payment.state == "unapplied"

    set_aside.apply_payment(payment.pk, actor=SYSTEM)
    for refund_id in refund_delivery.find_due_refunds():
        refund_delivery.carry_out_refund(refund_id)

    order.refresh_from_db()
    assert (order.balance, order.amount_paid, order.amount_refunded) == (ZERO, Decimal("50.00"), Decimal("5.00"))
    assert [entry["amount"] for entry in sandbox.ledger("stripe", "refund")] == [500]
    assert not AttentionEntry.objects.filter(resolved_at=None).exists()


def test_set_aside_money_is_applied_to_another_order(sandbox: SandboxClient) -> None:
    _, payment = too_little(sandbox)
    other = card_order()

    other = set_aside.apply_payment(payment.pk, actor=SYSTEM, order_number=other.number)

    assert (other.balance, other.payment_status) == (ZERO, "paid")


def test_set_aside_money_is_returned_once(sandbox: SandboxClient) -> None:
    _, payment = too_little(sandbox)

    refund = set_aside.return_payment(payment.pk, actor=SYSTEM, reason="Not ours")
    refund_delivery.carry_out_refund(refund.pk)

    assert [entry["amount"] for entry in sandbox.ledger("stripe", "refund")] == [4500]
    with pytest.raises(Conflict):
        set_aside.return_payment(payment.pk, actor=SYSTEM, reason="Again")
    with pytest.raises(Conflict):
        set_aside.apply_payment(payment.pk, actor=SYSTEM)


def test_cancelling_gives_set_aside_money_back(sandbox: SandboxClient) -> None:
    order, _ = too_little(sandbox)

    progress.cancel_order(order.pk, actor=SYSTEM)
    refund_delivery.carry_out_refunds(order.pk)

    assert [entry["amount"] for entry in sandbox.ledger("stripe", "refund")] == [4500]
    assert {row.state for row in Refund.objects.all()} == {"succeeded", "manual"}


def test_matter_is_not_resolved_while_its_money_has_not_moved(sandbox: SandboxClient) -> None:
    _, payment = too_little(sandbox)
    entry = AttentionEntry.objects.get(payment=payment)

    with pytest.raises(Conflict):
        attention.resolve_attention(entry.pk, actor=SYSTEM, by=StaffFactory())

    entry.refresh_from_db()
    assert entry.resolved_at is None


def failed(sandbox: SandboxClient, **options: object) -> Refund:
    """Of a cancelled order; its bank sent the money back."""
    order = paid_by_card(sandbox, card_order(**options), "pm_card_refundFail")
    progress.cancel_order(order.pk, actor=SYSTEM)
    refund_delivery.carry_out_refunds(order.pk)
    refund = Refund.objects.get()
    sandbox.settle_refund(str(refund.refund_id), "failed", deliver=False)
    return refunds.record_refund(refund.pk, stripe.fetch_refund(str(refund.refund_id)))


def test_failed_refund_is_sent_again_under_another_key(sandbox: SandboxClient) -> None:
    refund = failed(sandbox)
    assert refund.state == "failed"

    refunds.retry_refund(refund.pk, actor=SYSTEM)
    again = refund_delivery.carry_out_refund(refund.pk)

    assert again.state == "succeeded"
    assert len(sandbox.ledger("stripe", "refund")) == 2
    assert Order.objects.get().amount_refunded == Decimal("45.00")


def test_failed_refund_is_handed_out(sandbox: SandboxClient) -> None:
    refund = failed(sandbox)

    refund = refund_delivery.hand_out_refund(refund.pk, how=PaymentMethod.CASH, actor=SYSTEM, note="At the counter")

    assert (refund.state, refund.handed_out_by, refund.note) == ("succeeded", "system", "Cash. At the counter")
    order = Order.objects.get()
    assert (order.amount_refunded, order.payment_status) == (Decimal("45.00"), "refunded")
    with pytest.raises(Conflict):
        refund_delivery.hand_out_refund(refund.pk, how=PaymentMethod.CASH, actor=SYSTEM)


def test_failed_refund_becomes_store_credit(sandbox: SandboxClient) -> None:
    customer = CustomerFactory()
    refund = failed(sandbox, customer=customer)

    refund_delivery.hand_out_refund(refund.pk, how=PaymentMethod.STORE_CREDIT, actor=SYSTEM)

    assert CreditAccount.objects.get(customer=customer).balance == Decimal("45.00")


def test_refund_that_stripe_made_is_not_handed_out_again(sandbox: SandboxClient) -> None:
    """Every answer was lost, and we gave up; Stripe had made it the first time."""
    order = paid_by_card(sandbox, card_order())
    progress.cancel_order(order.pk, actor=SYSTEM)
    refund = Refund.objects.get()
    refund_delivery._send(refund)
    Refund.objects.update(state=RefundState.FAILED, next_try_at=None)

    with pytest.raises(Conflict):
        refund_delivery.hand_out_refund(refund.pk, how=PaymentMethod.CASH, actor=SYSTEM)

    refund.refresh_from_db()
    assert refund.state == "succeeded"


def test_pending_bank_refund_is_never_given_up(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order(), "pm_card_pendingRefund")
    progress.cancel_order(order.pk, actor=SYSTEM)
    refund_delivery.carry_out_refunds(order.pk)

    for _ in range(20):
        refund_delivery.carry_out_refund_now(Refund.objects.get().pk)
    sandbox.fault("stripe", "status_500", times=3)
    refund = refund_delivery.carry_out_refund_now(Refund.objects.get().pk)

    assert (refund.state, refund.attempts) == ("pending", 1)


def test_manual_refund_is_handed_out() -> None:
    order = place(payment_method="check")
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    progress.cancel_order(order.pk, actor=SYSTEM)

    refund_delivery.hand_out_refund(Refund.objects.get().pk, how=PaymentMethod.CHECK, actor=SYSTEM)

    order.refresh_from_db()
    assert (order.amount_refunded, order.payment_status) == (Decimal("45.00"), "refunded")
    assert not AttentionEntry.objects.filter(resolved_at=None).exists()


def test_late_news_of_a_refund_that_was_handed_out_is_old(sandbox: SandboxClient) -> None:
    refund = failed(sandbox)
    refund_delivery.hand_out_refund(refund.pk, how=PaymentMethod.CASH, actor=SYSTEM)

    refunds.record_refund(refund.pk, stripe.fetch_refund(str(refund.refund_id)))

    refund.refresh_from_db()
    assert refund.state == "succeeded"
    assert not AttentionEntry.objects.filter(resolved_at=None).exists()


@pytest.mark.parametrize("outcome", ["succeeded", "failed"])
def test_refunds_follow_their_payment_to_another_order(sandbox: SandboxClient, outcome: str) -> None:
    """In the dashboard 10.00 of set-aside money are on their way back when it is put to another order."""
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_card_pendingRefund", deliver=False)
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH, received=Decimal("5.00"))
    payment = Payment.objects.get(intent_id=intent.id)
    refund_id = sandbox.refund_in_dashboard(intent.id, 1000, deliver=False)["id"]
    adopt_refunds(payment.pk)
    other = set_aside.apply_payment(payment.pk, actor=SYSTEM, order_number=card_order().number)
    assert (other.balance, other.going_back, other.payment_status) == (Decimal("10.00"), Decimal("10.00"), "unpaid")

    sandbox.settle_refund(refund_id, outcome, deliver=False)
    refunds.record_refund(Refund.objects.get().pk, stripe.fetch_refund(refund_id))

    other.refresh_from_db()
    order.refresh_from_db()
    gone = Decimal("10.00") if outcome == "succeeded" else ZERO
    assert (other.balance, other.amount_refunded, order.amount_refunded) == (gone, gone, ZERO)


def test_surplus_counts_what_is_on_its_way_back(sandbox: SandboxClient) -> None:
    _, payment = too_little(sandbox)
    sandbox.refund_in_dashboard(str(payment.intent_id), 300, deliver=False)
    adopt_refunds(payment.pk)
    Refund.objects.update(state=RefundState.PENDING)

    set_aside.apply_payment(payment.pk, actor=SYSTEM)

    assert Refund.objects.get(key=f"surplus:{payment.pk}").amount == Decimal("2.00")


def test_unknown_payment_is_not_found() -> None:
    with pytest.raises(NotFound):
        set_aside.apply_payment(404, actor=SYSTEM)


def carry_out() -> None:
    for refund_id in refund_delivery.find_due_refunds():
        refund_delivery.carry_out_refund(refund_id)


def put_to_its_order(sandbox: SandboxClient, payment: Payment) -> None:
    set_aside.apply_payment(payment.pk, actor=SYSTEM)


def give_it_back(sandbox: SandboxClient, payment: Payment) -> None:
    set_aside.return_payment(payment.pk, actor=SYSTEM, reason="Not ours")


def cancel_its_order(sandbox: SandboxClient, payment: Payment) -> None:
    progress.cancel_order(payment.order_id, actor=SYSTEM)
    carry_out()


def hand_out_what_failed(sandbox: SandboxClient, payment: Payment) -> None:
    progress.cancel_order(payment.order_id, actor=SYSTEM)
    refund = Refund.objects.get(payment=payment)
    Refund.objects.filter(pk=refund.pk).update(state=RefundState.FAILED, next_try_at=None)
    refund_delivery.hand_out_refund(refund.pk, how=PaymentMethod.CASH, actor=SYSTEM)


def refund_it_in_the_dashboard(sandbox: SandboxClient, payment: Payment) -> None:
    sandbox.refund_in_dashboard(str(payment.intent_id), deliver=False)
    adopt_refunds(payment.pk)


def lose_it_to_its_bank(sandbox: SandboxClient, payment: Payment) -> None:
    dispute = sandbox.dispute_intent(str(payment.intent_id), status="lost", deliver=False)
    disputes.apply_dispute(dispute["id"])


def lose_it_in_parts(sandbox: SandboxClient, payment: Payment) -> None:
    sandbox.refund_in_dashboard(str(payment.intent_id), 2000, deliver=False)
    adopt_refunds(payment.pk)
    assert about(payment)
    lose_it_to_its_bank(sandbox, payment)


def about(payment: Payment) -> bool:
    """Whether somebody is to say what it is for."""
    return AttentionEntry.objects.filter(payment=payment, kind="payment_mismatch", resolved_at=None).exists()


@pytest.mark.parametrize(
    "way",
    [
        put_to_its_order,
        give_it_back,
        cancel_its_order,
        hand_out_what_failed,
        refund_it_in_the_dashboard,
        lose_it_to_its_bank,
        lose_it_in_parts,
    ],
)
def test_matter_of_money_set_aside_is_over_when_the_money_is(
    sandbox: SandboxClient, way: Callable[[SandboxClient, Payment], None]
) -> None:
    _, payment = too_little(sandbox)
    assert about(payment)

    way(sandbox, payment)

    assert not about(payment)


def test_late_money_that_went_back_by_itself_is_no_matter_any_more(sandbox: SandboxClient) -> None:
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_card_pendingRefund", deliver=False)
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    payments.apply_intent(intent.id)
    late = AttentionEntry.objects.filter(kind="late_payment", resolved_at=None)
    assert late.exists()

    refund = Refund.objects.get()
    sandbox.settle_refund(str(refund.refund_id), "succeeded", deliver=False)
    refunds.record_refund(refund.pk, stripe.fetch_refund(str(refund.refund_id)))

    assert not late.exists()


def test_part_that_went_back_in_the_dashboard_is_owed_when_the_money_is_applied(sandbox: SandboxClient) -> None:
    order, payment = too_little(sandbox)
    sandbox.refund_in_dashboard(str(payment.intent_id), 1000, deliver=False)

    set_aside.apply_payment(payment.pk, actor=SYSTEM)

    order.refresh_from_db()
    assert (order.amount_paid, order.amount_refunded, order.balance) == (Decimal(50), Decimal(10), Decimal(5))


def test_money_that_went_back_in_the_dashboard_is_not_applied(sandbox: SandboxClient) -> None:
    order, payment = too_little(sandbox)
    sandbox.refund_in_dashboard(str(payment.intent_id), deliver=False)

    with pytest.raises(Conflict):
        set_aside.apply_payment(payment.pk, actor=SYSTEM)

    order.refresh_from_db()
    assert (order.amount_paid, order.balance) == (Decimal(5), Decimal(40))
    assert not about(payment)


def test_money_in_another_currency_is_not_applied(sandbox: SandboxClient, settings: Any) -> None:
    _, payment = too_little(sandbox)
    settings.CURRENCY = "eur"

    with pytest.raises(Conflict):
        set_aside.apply_payment(payment.pk, actor=SYSTEM)

    payment.refresh_from_db()
    assert payment.state == "unapplied"
