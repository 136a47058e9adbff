"""Payments that were recorded by mistake: they never came."""

from django.db import transaction

from lld.core import audit, idempotency
from lld.core.actors import Actor
from lld.core.errors import raise_if
from orders import locks, rules
from orders.enums import AttentionKind, EntryKind, PaymentState
from orders.models import Order
from orders.services import credit, ledger, notifications, refunds
from orders.services.attention import raise_attention, settle_attention
from orders.services.ledger import Entry


@transaction.atomic
def void_payment(payment_id: int, *, actor: Actor, reason: str) -> Order:
    """Take back what staff recorded by hand: its order owes the sum again.

    What waits to be handed out of it is withdrawn, and a surplus leaves the store credit as far as it is there.
    NotFound; Forbidden to all but managers; Conflict for what Stripe collected, what bounced or was voided
    before, and when something of it has gone back.
    """
    order, payment = locks.lock_payment_and_order(payment_id)
    raise_if(rules.why_not_void(payment, actor))
    assert order is not None, "the database keeps no settled payment without an order"
    refunds.make_room(payment, payment.amount)
    payment.state, payment.failure = PaymentState.CANCELLED, f"Voided: {reason}"[:500]
    payment.save(update_fields=["state", "failure"])
    key = f"voided:{payment.pk}"
    entry = Entry(EntryKind.PAYMENT, payment.amount, key=key, payment=payment, note=reason)
    ledger.post_entries(order, [entry], actor=actor)
    settle_attention(payment=payment)
    spent = credit.take_back_surplus(payment, actor=actor, why="Its payment was voided")
    if spent:
        sentence = f"A payment of {payment.amount} was voided: {reason}. {spent} of its surplus had been spent."
        raise_attention(order, AttentionKind.PAYMENT_MISMATCH, sentence, key=key, amount=spent, payment=payment)
    notifications.notify_payment_voided(order, payment)
    audit.record("payment.void", actor=actor, target=payment, after={"amount": payment.amount}, reason=reason)
    idempotency.seal()
    return order
