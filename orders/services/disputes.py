"""Disputes: what a payer's bank takes is owed again, what it gives back is not; the order waits meanwhile."""

from django.utils import timezone

from lld.core.actors import SYSTEM
from lld.gateways import stripe
from orders import locks
from orders.enums import AttentionKind, DisputeState, EntryKind, OrderStatus, PaymentState
from orders.models import Dispute, Order, Payment
from orders.services import ledger, refund_delivery, refunds
from orders.services.attention import raise_attention, settle_attention
from orders.services.latest_word import Overtaken, record_latest
from orders.services.ledger import Entry

_STATES = {
    "won": DisputeState.WON,
    "lost": DisputeState.LOST,
    "warning_needs_response": DisputeState.INQUIRY,
    "warning_under_review": DisputeState.INQUIRY,
    "warning_closed": DisputeState.WON,
    "prevented": DisputeState.WON,
}
_OVER = {DisputeState.WON, DisputeState.LOST}


def apply_dispute(dispute_id: str) -> None:
    """Make our books say what Stripe says of a dispute now. Repeats and any order of events are fine.

    Conflict while others do the same; GatewayError.
    """
    _, order = record_latest(
        lambda: stripe.fetch_dispute(dispute_id), recorded=lambda: _recorded(dispute_id), record=_record
    )
    if order is not None:
        refund_delivery.carry_out_due_refunds(order.pk)


def _recorded(dispute_id: str) -> object:
    """What is written down of a dispute: something else after whatever is recorded."""
    return Dispute.objects.filter(dispute_id=dispute_id).values_list("state", "taken", "amount", "closed_at").first()


def chargeback_entries(payment: Payment) -> list[Entry]:
    """What its bank has taken of a payment by the time that it comes into an order's books."""
    if not payment.charged_back:
        return []
    taken = Dispute.objects.filter(payment=payment).exclude(taken=0)
    return [
        Entry(EntryKind.CHARGEBACK, dispute.taken, key=f"dispute:{dispute.dispute_id}:booked", payment=payment)
        for dispute in taken
    ]


def _record(found: stripe.Dispute, seen: object) -> Order | None:
    known = Payment.objects.filter(intent_id=found.intent_id).values_list("pk", flat=True).first()
    if known is None:
        return None
    order, payment = locks.lock_payment_and_order(known)
    if _recorded(found.id) != seen:
        raise Overtaken
    state = _STATES.get(found.status, DisputeState.OPEN)
    dispute, _ = Dispute.objects.get_or_create(
        dispute_id=found.id, defaults={"payment": payment, "state": state, "amount": found.amount}
    )
    more = found.taken - dispute.taken
    dispute.state, dispute.amount, dispute.taken = state, found.amount, found.taken
    dispute.reason, dispute.answer_by = found.reason[:80], found.answer_by
    dispute.closed_at = (dispute.closed_at or timezone.now()) if state in _OVER else None
    dispute.save(update_fields=["state", "amount", "taken", "reason", "answer_by", "closed_at"])
    payment.charged_back += more
    payment.save(update_fields=["charged_back"])
    if more and order is not None and payment.state == PaymentState.SUCCEEDED:
        key, why = f"dispute:{found.id}:{found.movements}", _reason(dispute)
        note = f"Disputed: {why}" if more > 0 else f"Given back by the payer's bank: {why}"
        entry = Entry(EntryKind.CHARGEBACK, more, key=key, payment=payment, note=note)
        ledger.post_entries(order, [entry], actor=SYSTEM)
    _tell(order, payment, dispute)
    refunds.settle_set_aside(payment)
    if state == DisputeState.LOST:
        refunds.make_room(payment)
        if order is not None:
            ledger.derive_money(order)
    elif more < 0 and order is not None and order.status == OrderStatus.CANCELLED:
        refunds.request_refunds(order, reason="Dispute won", occasion=f":{found.id}")
    return order


def _reason(dispute: Dispute) -> str:
    return dispute.reason.replace("_", " ") or "no reason given"


def _tell(order: Order | None, payment: Payment, dispute: Dispute) -> None:
    """Put a dispute before a person, and its loss once more."""
    about = {"amount": dispute.amount, "payment": payment}
    key, why = f"dispute:{dispute.dispute_id}", _reason(dispute)
    if dispute.state == DisputeState.WON:
        settle_attention(key__startswith=key)
        if payment.state == PaymentState.UNAPPLIED and payment.left:
            # Somebody may have put it aside while there was nothing left to do.
            sentence = f"{dispute.amount} came back from the payer's bank, and is still set aside."
            raise_attention(order, AttentionKind.PAYMENT_MISMATCH, sentence, key=f"won-{key}", **about)
    elif dispute.state == DisputeState.LOST:
        # There is nothing left to answer.
        settle_attention(key=key)
        sentence = f"{dispute.amount} was taken back by the payer's bank ({why}), and is owed again."
        raise_attention(order, AttentionKind.CHARGED_BACK, sentence, key=f"{key}:lost", **about)
    else:
        sentence = f"{dispute.amount} is disputed ({why}): answer in Stripe's dashboard."
        raise_attention(order, AttentionKind.DISPUTED, sentence, key=key, **about)
