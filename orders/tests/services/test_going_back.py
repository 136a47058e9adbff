"""Money on its way back: it pays for nothing any more, and arrives once."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from lld.core.actors import SYSTEM, Actor
from lld.core.errors import Conflict
from lld.gateways import stripe
from orders.enums import OrderStatus, PaymentMethod, RefundDestination
from orders.errors import PaymentRequired
from orders.models import AttentionEntry, Order, Payment, Refund
from orders.services import (
    adopting,
    disputes,
    giving_back,
    intents,
    payments,
    progress,
    refund_delivery,
    refunds,
    withdrawing,
    writing_off,
)
from sandbox.testing import SandboxClient
from tests.factories import CustomerFactory, card_order, paid_by_card, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def pay(order: Order, received: str = "0") -> Order:
    order, _ = payments.record_manual_payment(
        order.pk, actor=SYSTEM, method=PaymentMethod.CASH, received=Decimal(received)
    )
    return order


def refund(order: Order, amount: str) -> Refund:
    _, (requested,) = giving_back.refund_order(order.pk, actor=SYSTEM, amount=Decimal(amount), reason="Lids missing")
    return requested


def test_part_payment_that_goes_back_does_not_let_the_order_out() -> None:
    order = pay(place(payment_method="check", released=False), "30")

    refund(order, "30")

    order.refresh_from_db()
    assert (order.total_amount, order.going_back, order.balance) == (Decimal(15), Decimal(30), Decimal(15))
    assert order.payment_status == "unpaid"
    with pytest.raises(PaymentRequired):
        progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM)


def test_goodwill_on_its_way_leaves_a_paid_order_paid_and_owes_nothing_twice() -> None:
    order = pay(place(payment_method="check"))

    waiting = refund(order, "10")

    order.refresh_from_db()
    assert (order.balance, order.payment_status, order.going_back) == (Decimal(0), "paid", Decimal(10))
    refund_delivery.hand_out_refund(waiting.pk, how=PaymentMethod.CASH, actor=SYSTEM)
    order.refresh_from_db()
    assert (order.balance, order.payment_status, order.going_back) == (Decimal(0), "partially_refunded", Decimal(0))


def test_withdrawn_goodwill_never_leaves_the_order_unpaid() -> None:
    order = pay(place(payment_method="check"))
    paid_at = order.paid_at

    withdrawing.withdraw_refund(refund(order, "10").pk, actor=SYSTEM, reason="Lids found")

    order.refresh_from_db()
    assert (order.balance, order.going_back, order.paid_at) == (Decimal(0), Decimal(0), paid_at)


def test_next_payment_is_asked_for_what_goes_back_too() -> None:
    order = pay(place(payment_method="check"), "30")
    giving_back.adjust_order(order.pk, actor=SYSTEM, amount=Decimal(-15), reason="Dented")
    waiting = refund(order, "10")
    giving_back.adjust_order(order.pk, actor=SYSTEM, amount=Decimal(25), reason="Not dented at all")

    order = pay(order)

    refund_delivery.hand_out_refund(waiting.pk, how=PaymentMethod.CASH, actor=SYSTEM)
    order.refresh_from_db()
    assert (order.balance, order.amount_paid) == (Decimal(0), Decimal(55))


def test_goodwill_beside_bad_debt_is_not_owed_again() -> None:
    order = pay(place(payment_method="check"), "30")
    progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM)
    writing_off.write_off_order(order.pk, actor=SYSTEM, reason="Bankrupt")

    waiting = refund(order, "10")
    refund_delivery.hand_out_refund(waiting.pk, how=PaymentMethod.CASH, actor=SYSTEM)

    order.refresh_from_db()
    assert (order.balance, order.written_off, order.total_amount) == (Decimal(0), Decimal(15), Decimal(35))


def test_lowering_beside_bad_debt_gives_up_less() -> None:
    order = pay(place(payment_method="check"), "30")
    progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM)
    writing_off.write_off_order(order.pk, actor=SYSTEM, reason="Bankrupt")

    order = giving_back.adjust_order(order.pk, actor=SYSTEM, amount=Decimal(-10), reason="Dented")

    assert (order.balance, order.written_off) == (Decimal(0), Decimal(5))


@pytest.fixture
def meanwhile(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], object]], None]:
    """Let something happen while a refund is on its way to Stripe."""
    real = stripe.create_refund

    def arrange(happens: Callable[[], object]) -> None:
        def create(**order: object) -> stripe.Refund:
            monkeypatch.setattr(stripe, "create_refund", real)
            happens()
            return real(**order)  # type: ignore[arg-type]  # passed on as it came

        monkeypatch.setattr(stripe, "create_refund", create)

    return arrange


def test_refund_in_the_dashboard_does_not_send_ours_twice(
    sandbox: SandboxClient, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    """45.00, of which 30 went back as credit and 10 are on their way: 10 in the dashboard leave 5 too few."""
    order = paid_by_card(sandbox, place(customer=CustomerFactory(), payment_method="credit_card"))
    payment = Payment.objects.get()
    giving_back.refund_order(order.pk, actor=SYSTEM, amount=Decimal(30), reason="x", to=RefundDestination.CREDIT)
    ours = refund(order, "10")

    def dashboard() -> None:
        sandbox.refund_in_dashboard(str(payment.intent_id), 1000, deliver=False)
        with pytest.raises(Conflict, match="under way"):
            adopting.adopt_refunds(payment.pk)

    meanwhile(dashboard)
    refund_delivery.carry_out_refund(ours.pk)
    adopting.adopt_refunds(payment.pk)

    made = [row["amount"] for row in sandbox.ledger("stripe", "refund")]
    ours.refresh_from_db()
    assert (sorted(made), ours.amount, ours.state) == ([1000, 1000], Decimal(10), "succeeded")
    detail = AttentionEntry.objects.get(kind="refunded_at_stripe").detail
    assert "5.00 of it had been given back another way" in detail


def test_ours_that_stripe_refuses_gives_way(
    sandbox: SandboxClient, meanwhile: Callable[[Callable[[], object]], None]
) -> None:
    order = paid_by_card(sandbox, card_order())
    payment = Payment.objects.get()
    ours = refund(order, "20")

    meanwhile(lambda: sandbox.refund_in_dashboard(str(payment.intent_id), 4000, deliver=False))
    refund_delivery.carry_out_refund(ours.pk)

    made = [row["amount"] for row in sandbox.ledger("stripe", "refund")]
    ours.refresh_from_db()
    assert (sorted(made), ours.amount, ours.state) == ([500, 4000], Decimal(5), "succeeded")


def test_second_refund_under_one_name_is_told(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order())
    payment = Payment.objects.get()
    ours = refund_delivery.carry_out_refund(refund(order, "20").pk)
    stripe.create_refund(
        intent_id=str(payment.intent_id), amount=Decimal(5), key="other", metadata={refunds.METADATA: ours.stripe_key}
    )

    adopting.adopt_refunds(payment.pk)

    order.refresh_from_db()
    assert order.amount_refunded == Decimal(25)


def test_ledger_says_how_each_refund_went(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order())
    ours = refund(order, "20")
    for status, failure in (("succeeded", ""), ("failed", "lost_or_stolen_card")):
        refunds.record_refund(ours.pk, stripe.Refund(id="re_1", status=status, amount=Decimal(20), failure=failure))
    office = Actor("staff", 1, "ana", role="staff")

    refunds.record_handed_out(ours.pk, how=PaymentMethod.CASH, actor=office, note="At the counter")

    rows = order.ledger.filter(kind="refund").order_by("pk").values_list("amount", "note", "actor")
    assert list(rows) == [
        (Decimal(20), "Lids missing", "system"),
        (Decimal(-20), "Sent back by the bank (lost_or_stolen_card). Lids missing", "system"),
        (Decimal(20), "Cash. At the counter. Lids missing", str(office)),
    ]


def test_bank_transfer_that_is_set_aside_stays_one(sandbox: SandboxClient) -> None:
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)
    payments.apply_intent(intent.id)
    giving_back.adjust_order(order.pk, actor=SYSTEM, amount=Decimal(-5), reason="Dented")

    sandbox.settle_intent(intent.id, "succeeded", deliver=False)
    payments.apply_intent(intent.id)

    payment = Payment.objects.get()
    assert (payment.state, payment.method) == ("unapplied", "ach")


def test_failed_refund_is_not_revived_by_an_older_answer(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order())
    ours = refund(order, "20")
    made = stripe.Refund(id="re_1", status="failed", amount=Decimal(20), failure="expired_or_canceled_card")
    refunds.record_refund(ours.pk, made)

    late = stripe.Refund(id="re_1", status="succeeded", amount=Decimal(20))

    assert refunds.record_refund(ours.pk, late).state == "failed"
    order.refresh_from_db()
    assert order.amount_refunded == Decimal(0)


def test_refund_that_stripe_made_for_another_sum_is_booked_as_made(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order())
    ours = refund(order, "20")
    Refund.objects.filter(pk=ours.pk).update(amount=Decimal(15))
    Payment.objects.update(given_back=Decimal(15))

    refunds.record_refund(ours.pk, stripe.Refund(id="re_1", status="succeeded", amount=Decimal(20)))

    order.refresh_from_db()
    assert (order.amount_refunded, Payment.objects.get().given_back) == (Decimal(20), Decimal(20))
    assert AttentionEntry.objects.get().detail == "Stripe gave back 20 where 15.00 was due."


def test_older_answer_does_not_reopen_a_dispute(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    order = paid_by_card(sandbox, card_order())
    opened = sandbox.dispute_intent(str(Payment.objects.get().intent_id), deliver=False)["id"]
    real = stripe.fetch_dispute

    def slow(dispute_id: str) -> stripe.Dispute:
        monkeypatch.setattr(stripe, "fetch_dispute", real)
        older = real(dispute_id)
        sandbox.close_dispute(dispute_id, "won", deliver=False)
        disputes.apply_dispute(dispute_id)
        return older

    monkeypatch.setattr(stripe, "fetch_dispute", slow)
    disputes.apply_dispute(opened)

    order.refresh_from_db()
    assert (order.charged_back, order.payment_status) == (Decimal(0), "paid")
