"""What a payer's bank takes back, and gives back."""

from collections.abc import Callable
from decimal import Decimal

import pytest

from lld.core.actors import SYSTEM
from lld.core.errors import Conflict
from lld.core.money import ZERO
from orders.enums import OrderStatus
from orders.models import AttentionEntry, Dispute, Order, Payment
from orders.services import disputes, editing, giving_back, progress, refund_delivery, stripe_events
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
