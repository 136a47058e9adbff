"""Giving money back: requested in the transaction that owes it, sent afterwards, never doubled.

A payment has at most one refund row. Before it is sent a second time Stripe is asked whether the first arrived.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import structlog
from django.db import transaction
from django.db.models import F, Sum
from django.utils import timezone

from lld.core.errors import GatewayError, NotConfigured
from lld.core.money import ZERO
from lld.gateways import stripe
from orders import locks
from orders.enums import AttentionKind, PaymentState, PaymentStatus, RefundState
from orders.models import Order, Payment, Refund
from orders.services import saving
from orders.services.attention import raise_attention

log = structlog.get_logger(__name__)

# They reach over more than the day for which Stripe repeats a stored failure under its key.
MOST_TRIES = 14
# Longer than asking Stripe and sending take together, with the SDK's repeats and timeouts.
LEASE = timedelta(minutes=5)

# Of Stripe's refund statuses; the others wait for something.
_FINAL = {"succeeded": RefundState.SUCCEEDED, "failed": RefundState.FAILED, "canceled": RefundState.FAILED}


@dataclass(frozen=True)
class Outcome:
    """What a cancellation gave back, as the API reports it."""

    refund_id: str | None
    amount: Decimal
    status: str
    error: str | None


def request_refunds(order: Order, *, reason: str) -> list[Refund]:
    """Owe back every payment of an order, in the caller's transaction, which holds the order's lock."""
    # A bank transfer that is still under way goes back when it arrives: the order is cancelled by then.
    payments = Payment.objects.filter(order=order, state=PaymentState.SUCCEEDED, refund=None)
    return [request_refund(payment, reason=reason) for payment in payments.order_by("pk")]


def request_refund(payment: Payment, *, reason: str) -> Refund:
    """Owe one payment back. Money that did not come by Stripe is for staff to hand out."""
    by_stripe = payment.intent_id is not None
    refund = Refund.objects.create(
        payment=payment,
        order=payment.order,
        amount=payment.amount,
        state=RefundState.REQUESTED if by_stripe else RefundState.MANUAL,
        reason=reason[:200],
        next_try_at=timezone.now() if by_stripe else None,
    )
    if not by_stripe:
        raise_attention(
            payment.order,
            AttentionKind.MANUAL_REFUND,
            f"Hand back {refund.amount} received by {payment.get_method_display().lower()}.",
            key=f"manual-refund:{refund.pk}",
        )
    return refund


def carry_out_refund(refund_id: int) -> Refund:
    """Send one refund to Stripe if it is due; the row afterwards says how it stands."""
    if not _claim(refund_id):
        return Refund.objects.get(pk=refund_id)
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    try:
        result = _send(refund)
    except (GatewayError, NotConfigured) as error:
        return _record_failure(refund_id, error)
    return record_refund(refund_id, result)


def carry_out_refund_now(refund_id: int) -> Refund:
    """The same without waiting for its moment, on an operator's word."""
    Refund.objects.filter(pk=refund_id).exclude(next_try_at=None).update(next_try_at=timezone.now())
    return carry_out_refund(refund_id)


def carry_out_refunds(order_id: int) -> Outcome | None:
    """Send what an order's cancellation owes; None when nothing was paid."""
    ids = list(Refund.objects.filter(order_id=order_id).order_by("pk").values_list("pk", flat=True))
    for refund_id in ids:
        carry_out_refund(refund_id)
    return sum_up_refunds(Refund.objects.filter(pk__in=ids).order_by("pk"))


def sum_up_refunds(refunds: Iterable[Refund]) -> Outcome | None:
    """Several refunds of one order as one: their sum, the first that is not done, the first error."""
    rows = list(refunds)
    if not rows:
        return None
    undone = next((row for row in rows if row.state != RefundState.SUCCEEDED), rows[0])
    return Outcome(
        refund_id=next((row.refund_id for row in rows if row.refund_id), None),
        amount=sum((row.amount for row in rows), ZERO),
        status=undone.state,
        error=next((row.error for row in rows if row.error), None),
    )


@transaction.atomic
def record_refund(refund_id: int, result: stripe.Refund) -> Refund:
    """Write down what Stripe says of a refund. Saying it twice changes nothing."""
    order = locks.lock_order_of_refund(refund_id)
    refund = locks.lock_refund(refund_id)
    state = _FINAL.get(result.status, RefundState.PENDING)
    # The customer's bank may send back what it had taken; any other news of a finished refund is old.
    came_back = refund.state == RefundState.SUCCEEDED and state == RefundState.FAILED
    if refund.state in {RefundState.SUCCEEDED, RefundState.MANUAL} and not came_back:
        return refund
    refund.refund_id = result.id
    refund.state = state
    refund.error = result.failure
    waits = refund.state == RefundState.PENDING
    refund.next_try_at = timezone.now() + timedelta(hours=6) if waits else None
    refund.settled_at = None if waits else timezone.now()
    refund.save()
    if refund.state == RefundState.FAILED:
        _attend_failure(refund)
    if order is not None and (refund.state == RefundState.SUCCEEDED or came_back):
        _count(order)
    return refund


def find_due_refunds() -> list[int]:
    return list(
        Refund.objects.filter(next_try_at__lte=timezone.now())
        .order_by("next_try_at")
        .values_list("pk", flat=True)[:200]
    )


def _claim(refund_id: int) -> bool:
    """Whether this process is the one to send it now; the lease ends by itself if the process does."""
    now = timezone.now()
    return bool(
        Refund.objects.filter(pk=refund_id, next_try_at__lte=now).update(
            next_try_at=now + LEASE, attempts=F("attempts") + 1
        )
    )


def _send(refund: Refund) -> stripe.Refund:
    if refund.refund_id:
        return stripe.fetch_refund(refund.refund_id)
    intent_id = str(refund.payment.intent_id)
    if refund.attempts > 1:
        # Stripe keeps idempotency keys for a day; the metadata of a refund it made stays.
        found = stripe.find_refund(intent_id=intent_id, metadata_key="lld_refund", metadata_value=str(refund.pk))
        if found is not None:
            return found
    return stripe.create_refund(
        intent_id=intent_id,
        amount=refund.amount,
        key=refund.stripe_key,
        metadata={"lld_refund": str(refund.pk), "reason": refund.reason},
    )


@transaction.atomic
def _record_failure(refund_id: int, error: GatewayError | NotConfigured) -> Refund:
    refund = locks.lock_refund(refund_id)
    if refund.state not in {RefundState.REQUESTED, RefundState.PENDING}:
        # A webhook or another worker has learnt meanwhile how it ended.
        return refund
    gives_up = refund.attempts >= MOST_TRIES or (isinstance(error, GatewayError) and error.permanent)
    refund.error = error.sentence[:500]
    if gives_up:
        refund.state, refund.next_try_at = RefundState.FAILED, None
        _attend_failure(refund)
    else:
        refund.next_try_at = timezone.now() + timedelta(seconds=min(30 * 2**refund.attempts, 6 * 3600))
    refund.save()
    log.warning("refund_not_done", refund=refund.pk, attempts=refund.attempts, gives_up=gives_up)
    return refund


def _attend_failure(refund: Refund) -> None:
    raise_attention(
        refund.order,
        AttentionKind.REFUND_FAILED,
        f"A refund of {refund.amount} failed: {refund.error or 'no reason given'}",
        key=f"refund-failed:{refund.pk}",
    )


def _count(order: Order) -> None:
    done = Refund.objects.filter(order=order, state=RefundState.SUCCEEDED, payment__state=PaymentState.SUCCEEDED)
    order.amount_refunded = done.aggregate(sum=Sum("amount"))["sum"] or ZERO
    if order.amount_refunded:
        whole = order.amount_refunded >= order.amount_paid
        order.payment_status = PaymentStatus.REFUNDED if whole else PaymentStatus.PARTIALLY_REFUNDED
    elif order.payment_status in {PaymentStatus.REFUNDED, PaymentStatus.PARTIALLY_REFUNDED}:
        order.payment_status = PaymentStatus.UNPAID if order.balance > 0 else PaymentStatus.PAID
    saving.save_order(order, "amount_refunded", "payment_status")
