"""Checks that the bank sends back after staff had taken them."""

from django.db import transaction

from lld.core import audit, idempotency
from lld.core.actors import Actor
from lld.core.errors import raise_if
from orders import locks, rules
from orders.enums import AttentionKind, EntryKind, OrderStatus
from orders.models import Order
from orders.services import credit, ledger, notifications, refunds
from orders.services.attention import raise_attention
from orders.services.ledger import Entry


@transaction.atomic
def bounce_payment(payment_id: int, *, actor: Actor, reason: str) -> Order:
    """Book what has left again: the order owes it, and is held. No fee is booked.

    What waits to be handed out of this check is withdrawn, and a surplus leaves the store credit as far as it is
    there. NotFound; Forbidden; Conflict for what is no check, and for one that has bounced before.
    """
    order, payment = locks.lock_payment_and_order(payment_id)
    raise_if(rules.why_not_bounce(payment, actor))
    assert order is not None, "the database keeps no settled payment without an order"
    payment.charged_back = payment.amount
    payment.save(update_fields=["charged_back"])
    refunds.make_room(payment)
    key = f"bounced:{payment.pk}"
    ledger.post_entries(
        order, [Entry(EntryKind.CHARGEBACK, payment.amount, key=key, payment=payment, note=reason)], actor=actor
    )
    spent = credit.take_back_surplus(payment, actor=actor, why="Its check bounced")
    sentence = f"A check over {payment.amount} bounced: {reason}."
    if order.status == OrderStatus.CANCELLED:
        sentence += " Its order is cancelled."
    if payment.given_back:
        sentence += f" {payment.given_back} of it had been given back."
    if spent:
        sentence += f" {spent} of its surplus had been spent as store credit."
    raise_attention(
        order, AttentionKind.CHARGED_BACK, sentence, key=key, amount=payment.amount + spent, payment=payment
    )
    notifications.notify_check_bounced(order, payment)
    audit.record("payment.bounce", actor=actor, target=payment, after={"amount": payment.amount}, reason=reason)
    idempotency.seal()
    return order
