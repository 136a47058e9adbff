"""Refunds that were asked for by mistake: the money stays here."""

from django.db import transaction
from django.utils import timezone

from lld.core import audit, idempotency
from lld.core.actors import Actor
from lld.core.errors import raise_if
from orders import locks, rules
from orders.enums import AttentionKind, PaymentState, RefundState
from orders.models import Payment, Refund
from orders.services import giving_back, ledger, refund_delivery, stats
from orders.services.attention import raise_attention, settle_attention


def withdraw_refund(refund_id: int, *, actor: Actor, reason: str) -> Refund:
    """Take a refund back that waits for a person; what the order was lowered by for it, it costs again.

    Goodwill of before stays, as a balance below zero; so does what was noted as returned. Money that is set aside
    waits for a person once more. Forbidden; Conflict for any other, for what a cancelled order would keep, and when
    Stripe turns out to have paid it after all. GatewayError.
    """
    refund = Refund.objects.select_related("payment", "order").get(pk=refund_id)
    raise_if(rules.why_not_withdraw(refund, actor))
    refund_delivery.refuse_if_made(refund)
    return _withdraw(refund, actor=actor, reason=reason)


@transaction.atomic
def _withdraw(seen: Refund, *, actor: Actor, reason: str) -> Refund:
    order = locks.lock_order_of_refund(seen.pk)
    payment = locks.lock_payment(seen.payment_id)
    assert payment is not None, "payments are never deleted"
    refund = locks.lock_refund(seen.pk)
    refund.order, refund.payment = order, payment
    raise_if(rules.why_not_withdraw(refund, actor))
    undone = giving_back.goodwill_undone(order, refund) if order is not None else []
    _free_money(refund, payment, reason)
    if order is not None:
        ledger.post_entries(order, undone, actor=actor)
        stats.recount_customer(order.customer_id)
    if payment.state == PaymentState.UNAPPLIED:
        raise_attention(
            order,
            AttentionKind.PAYMENT_MISMATCH,
            f"{refund.amount} is not given back, and set aside: put it to an order, or return it.",
            key=f"unapplied:{payment.pk}:{refund.pk}",
            amount=refund.amount,
            payment=payment,
        )
    audit.record("refund.withdraw", actor=actor, target=refund, after={"amount": refund.amount}, reason=reason)
    idempotency.seal()
    return refund


def _free_money(refund: Refund, payment: Payment, reason: str) -> None:
    """What it counted on its payment can be given back another time."""
    payment.given_back -= refund.amount
    payment.save(update_fields=["given_back"])
    refund.state, refund.settled_at, refund.next_try_at = RefundState.WITHDRAWN, timezone.now(), None
    refund.note = f"Withdrawn: {reason}"[:500]
    # What it was for may be asked for once more; and under the key that Stripe knows nothing is.
    refund.key, refund.round = f"{refund.key}:withdrawn:{refund.pk}", refund.round + 1
    refund.save(update_fields=["state", "settled_at", "next_try_at", "note", "key", "round"])
    settle_attention(refund=refund)
