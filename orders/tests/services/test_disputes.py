"""What a payer's bank takes back, and gives back."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from lld.core.actors import SYSTEM
from lld.core.errors import Conflict
from lld.core.money import ZERO
from lld.gateways.stripe import Event
from orders.enums import OrderStatus, PaymentMethod
from orders.models import AttentionEntry, Dispute, Order, Payment, Refund
from orders.services import (
    attention,
    disputes,
    editing,
    giving_back,
    intents,
    links,
    payments,
    progress,
    refund_delivery,
    refunds,
    set_aside,
    stripe_events,
)
from sandbox.testing import SandboxClient
from tests.factories import StaffFactory, card_order, paid_by_card

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


@pytest.fixture
def paid(sandbox: SandboxClient) -> Order:
    """45.00 by card, and packed."""
    order = paid_by_card(sandbox, card_order(released=False))
    return progress.advance_order(order.pk, OrderStatus.PACKED, actor=SYSTEM)


@pytest.fixture
def dispute(sandbox: SandboxClient, paid: Order) -> Callable[[], str]:
    def make() -> str:
        intent_id = str(paid.payments.get().intent_id)
        return str(sandbox.dispute_intent(intent_id, deliver=False)["id"])

    return make


def test_disputed_order_owes_again_and_stays_here(paid: Order, dispute: Callable[[], str]) -> None:
    dispute_id = dispute()

    for _ in range(2):
        disputes.apply_dispute(dispute_id)

    paid.refresh_from_db()
    assert (paid.balance, paid.charged_back, paid.payment_status) == (Decimal(45), Decimal(45), "unpaid")
    assert (paid.terms_hold, paid.hold_reasons) == (True, ["money_left"])
    assert AttentionEntry.objects.get().kind == "disputed"
    with pytest.raises(Conflict):
        progress.advance_order(paid.pk, OrderStatus.SHIPPED, actor=SYSTEM)


def test_won_dispute_makes_all_as_before(sandbox: SandboxClient, paid: Order, dispute: Callable[[], str]) -> None:
    dispute_id = dispute()
    disputes.apply_dispute(dispute_id)

    sandbox.close_dispute(dispute_id, "won", deliver=False)
    disputes.apply_dispute(dispute_id)

    paid.refresh_from_db()
    assert (paid.balance, paid.charged_back, paid.payment_status, paid.terms_hold) == (ZERO, ZERO, "paid", False)
    assert Dispute.objects.get().state == "won"
    assert not AttentionEntry.objects.filter(resolved_at=None).exists()


def test_lost_dispute_leaves_it_owed(sandbox: SandboxClient, paid: Order, dispute: Callable[[], str]) -> None:
    dispute_id = dispute()
    disputes.apply_dispute(dispute_id)

    sandbox.close_dispute(dispute_id, "lost", deliver=False)
    disputes.apply_dispute(dispute_id)

    paid.refresh_from_db()
    assert (paid.balance, Payment.objects.get().charged_back) == (Decimal(45), Decimal(45))
    assert set(AttentionEntry.objects.values_list("kind", flat=True)) == {"disputed", "charged_back"}


def test_manager_releases_a_disputed_order_until_money_leaves_again(paid: Order, dispute: Callable[[], str]) -> None:
    dispute_id, manager = dispute(), StaffFactory(role="manager")
    disputes.apply_dispute(dispute_id)

    editing.release_hold(paid.pk, actor=manager.as_actor(), by=manager, reason="Known customer")
    disputes.apply_dispute(dispute_id)

    assert progress.advance_order(paid.pk, OrderStatus.SHIPPED, actor=SYSTEM).status == "shipped"


def test_cancelling_a_disputed_order_gives_nothing_back_twice(
    sandbox: SandboxClient, paid: Order, dispute: Callable[[], str]
) -> None:
    disputes.apply_dispute(dispute())

    progress.cancel_order(paid.pk, actor=SYSTEM)

    assert refund_delivery.carry_out_refunds(paid.pk) is None
    assert sandbox.ledger("stripe", "refund") == []


def test_what_webhooks_lost_is_caught_up(paid: Order, dispute: Callable[[], str]) -> None:
    dispute()
    since = paid.created_at.replace(microsecond=0)

    heard = stripe_events.catch_up(since=since)
    for event_pk in heard:
        stripe_events.process_event(event_pk)

    paid.refresh_from_db()
    assert paid.charged_back == Decimal(45)
    assert stripe_events.catch_up(since=since) == []


def test_charged_back_after_a_part_refund_is_unpaid_not_refunded(
    sandbox: SandboxClient, paid: Order, dispute: Callable[[], str]
) -> None:
    giving_back.refund_order(paid.pk, actor=SYSTEM, reason="Dented", amount=Decimal("5.00"))
    for refund_id in refund_delivery.find_due_refunds():
        refund_delivery.carry_out_refund(refund_id)

    disputes.apply_dispute(dispute())

    paid.refresh_from_db()
    assert (paid.payment_status, paid.balance) == ("unpaid", Decimal(40))


def test_dispute_told_before_its_payment_is_in_the_books_of_both(sandbox: SandboxClient) -> None:
    order = card_order(released=False)
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, deliver=False)
    disputes.apply_dispute(sandbox.dispute_intent(intent.id, deliver=False)["id"])

    payments.apply_intent(intent.id)

    order.refresh_from_db()
    assert (order.amount_paid, order.charged_back, order.balance) == (Decimal(45), Decimal(45), Decimal(45))
    assert order.payment_status == "unpaid"


def test_disputed_part_of_set_aside_money_is_not_applied(sandbox: SandboxClient) -> None:
    order = card_order(released=False)
    intent = intents.open_intent(amount=Decimal("20.00"))
    sandbox.pay_intent(intent.id, deliver=False)
    Payment.objects.update(state="unapplied", order=order)
    disputes.apply_dispute(sandbox.dispute_intent(intent.id, 1500, deliver=False)["id"])

    order = set_aside.apply_payment(Payment.objects.get().pk, actor=SYSTEM)

    assert (order.amount_paid, order.charged_back, order.balance) == (Decimal(20), Decimal(15), Decimal(40))


def test_dispute_is_heard_of_before_the_page_that_it_was_paid_on(sandbox: SandboxClient) -> None:
    """Checkout made the intent, so that its first event may be the dispute's."""
    order = card_order()
    link = links.create_link(order.number, actor=SYSTEM)
    session = sandbox.pay_link(str(link.link_id), deliver=False)
    sandbox.dispute_intent(session["payment_intent"], deliver=False)
    events, _ = sandbox.objects("event")

    hear([event for event in events if event["type"] == "charge.dispute.created"])

    order.refresh_from_db()
    assert (order.amount_paid, order.charged_back) == (Decimal(45), Decimal(45))


def hear(events: list[Any]) -> None:
    for body in events:
        subject = body["data"]["object"]
        event_pk = stripe_events.store_event(Event(body["id"], body["type"], subject["object"], subject["id"], body))
        assert event_pk is not None
        stripe_events.process_event(event_pk)


def test_dispute_won_after_the_order_was_cancelled_gives_the_money_back(
    sandbox: SandboxClient, paid: Order, dispute: Callable[[], str]
) -> None:
    dispute_id = dispute()
    disputes.apply_dispute(dispute_id)
    progress.cancel_order(paid.pk, actor=SYSTEM)
    sandbox.close_dispute(dispute_id, "won", deliver=False)

    for _ in range(2):
        disputes.apply_dispute(dispute_id)

    assert [entry["amount"] for entry in sandbox.ledger("stripe", "refund")] == [4500]
    paid.refresh_from_db()
    assert (paid.amount_paid, paid.amount_refunded) == (Decimal(45), Decimal(45))


def test_refund_that_failed_is_not_handed_out_while_the_bank_has_the_money(
    sandbox: SandboxClient, paid: Order, dispute: Callable[[], str]
) -> None:
    progress.cancel_order(paid.pk, actor=SYSTEM)
    dispute_id = dispute()
    disputes.apply_dispute(dispute_id)
    refund_delivery.carry_out_refunds(paid.pk)
    refund = Refund.objects.get()
    assert refund.state == "failed"

    with pytest.raises(Conflict):
        refund_delivery.hand_out_refund(refund.pk, how=PaymentMethod.CASH, actor=SYSTEM)
    with pytest.raises(Conflict):
        refunds.retry_refund(refund.pk, actor=SYSTEM)

    sandbox.close_dispute(dispute_id, "lost", deliver=False)
    disputes.apply_dispute(dispute_id)
    refund.refresh_from_db()
    assert (refund.state, Payment.objects.get().given_back) == ("withdrawn", ZERO)
    assert set(AttentionEntry.objects.filter(resolved_at=None).values_list("kind", flat=True)) == {"charged_back"}


def test_set_aside_money_that_a_bank_gives_back_is_put_before_a_person_again(sandbox: SandboxClient) -> None:
    order, manager = card_order(), StaffFactory(role="manager")
    intent = intents.open_intent(amount=Decimal("20.00"))
    sandbox.pay_intent(intent.id, deliver=False)
    Payment.objects.update(state="unapplied", order=order)
    dispute_id = sandbox.dispute_intent(intent.id, deliver=False)["id"]
    disputes.apply_dispute(dispute_id)
    for entry in AttentionEntry.objects.all():
        attention.resolve_attention(entry.pk, actor=SYSTEM, by=manager)

    sandbox.close_dispute(dispute_id, "won", deliver=False)
    for _ in range(2):
        disputes.apply_dispute(dispute_id)

    assert AttentionEntry.objects.get(resolved_at=None).kind == "payment_mismatch"
