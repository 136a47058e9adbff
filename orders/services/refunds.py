"""Giving money back: requested in the transaction that owes it, sent afterwards, never doubled.

What is being given back is counted on the payment when it is requested, so that all refunds of one payment never come
to more than it brought. Before one is sent a second time Stripe is asked whether the first arrived.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import structlog
from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Least
from django.utils import timezone

from lld.core import audit
from lld.core.actors import SYSTEM, Actor
from lld.core.errors import Conflict, ErrorCode, InvalidInput, raise_if
from lld.core.money import ZERO
from lld.gateways import stripe
from orders import locks, rules
from orders.enums import (
    AttentionKind,
    CreditReason,
    EntryKind,
    PaymentMethod,
    PaymentState,
    RefundDestination,
    RefundState,
)
from orders.models import Order, Payment, Refund
from orders.services import credit, ledger, notifications
from orders.services.attention import raise_attention, settle_attention
from orders.services.ledger import Entry

log = structlog.get_logger(__name__)

# Payments that brought money, booked or set aside.
BROUGHT = (PaymentState.SUCCEEDED, PaymentState.UNAPPLIED)
# How the keys of what a cancellation owes back begin.
CANCELLED = "cancelled:"
# By this Stripe's lists name our row.
METADATA = "lld_refund"
# Matters of money that nobody has said yet what it is for.
SET_ASIDE = (AttentionKind.LATE_PAYMENT, AttentionKind.PAYMENT_MISMATCH)
# Of Stripe's refund statuses; the others wait for something.
FINAL = {"succeeded": RefundState.SUCCEEDED, "failed": RefundState.FAILED, "canceled": RefundState.FAILED}


@dataclass(frozen=True)
class Outcome:
    """What a cancellation gave back, as the API reports it."""

    refund_id: str | None
    amount: Decimal
    status: str
    error: str | None


def request_refunds(order: Order, *, reason: str, occasion: str = "") -> list[Refund]:
    """Owe back all that a cancelled order has brought, set-aside money too, in the transaction of its lock.

    `occasion` names why there is something again after it was cancelled.
    """
    # A bank transfer that is still under way goes back when it arrives: the order is cancelled by then.
    brought = Payment.objects.filter(order=order, state__in=BROUGHT).order_by("pk")
    return [
        request_refund(payment, payment.left, key=f"{CANCELLED}{payment.pk}{occasion}", reason=reason)
        for payment in brought
        if payment.left
    ]


def request_refund(
    payment: Payment,
    amount: Decimal,
    *,
    key: str,
    reason: str,
    destination: RefundDestination | None = None,
    actor: Actor = SYSTEM,
) -> Refund:
    """Owe a part of a payment back, once a `key`, in the transaction that holds its order's lock.

    Without a destination it goes back the way it came; what did not come by Stripe is for staff to hand out.
    Conflict when more than is left of the payment would go back.
    """
    known = Refund.objects.filter(key=key).first()
    if known is not None:
        return known
    _count_given_back(payment, amount)
    if destination is None:
        destination = RefundDestination.STRIPE if payment.intent_id else RefundDestination.HAND
    by_stripe = destination == RefundDestination.STRIPE
    refund = Refund.objects.create(
        payment=payment,
        order=payment.order,
        key=key,
        amount=amount,
        destination=destination,
        state=RefundState.REQUESTED if by_stripe else RefundState.MANUAL,
        reason=reason[:200],
        requested_by=str(actor),
        next_try_at=timezone.now() if by_stripe else None,
    )
    if destination == RefundDestination.CREDIT:
        _keep_as_credit(refund, actor)
        _tell(refund)
    elif not by_stripe:
        raise_attention(
            payment.order,
            AttentionKind.MANUAL_REFUND,
            f"Hand back {refund.amount} received by {payment.get_method_display().lower()}.",
            key=f"manual-refund:{refund.pk}",
            amount=refund.amount,
            refund=refund,
        )
    return refund


@transaction.atomic
def retry_refund(refund_id: int, *, actor: Actor) -> Refund:
    """Let one that failed be sent again; `carry_out_refund` sends it. Conflict for any other."""
    locks.lock_order_of_refund(refund_id)
    refund = locks.lock_refund(refund_id)
    raise_if(rules.why_not_retry_refund(refund, actor))
    refund.state, refund.error, refund.refund_id = RefundState.REQUESTED, "", None
    refund.attempts, refund.round, refund.next_try_at = 0, refund.round + 1, timezone.now()
    refund.settled_at = None
    refund.save(update_fields=["state", "error", "refund_id", "attempts", "round", "next_try_at", "settled_at"])
    settle_attention(refund=refund)
    audit.record("refund.retry", actor=actor, target=refund)
    return refund


@transaction.atomic
def record_handed_out(refund_id: int, *, how: PaymentMethod, actor: Actor, note: str) -> Refund:
    """Write down that it was given back by hand; whoever asks has made sure that Stripe did not. Conflict."""
    order = locks.lock_order_of_refund(refund_id)
    refund = locks.lock_refund(refund_id)
    raise_if(rules.why_not_hand_out(refund, actor))
    # What its bank sent back is booked under the round that it was sent in.
    refund.round += 1
    refund.destination = RefundDestination.HAND
    refund.handed_out_by, refund.note = str(actor), f"{how.label}. {note}".strip()[:500]
    if how == PaymentMethod.STORE_CREDIT:
        refund.destination = RefundDestination.CREDIT
        _keep_as_credit(refund, actor)
    else:
        _finish(refund)
        if order is not None:
            _post(order, refund, actor=actor)
    settle_attention(refund=refund)
    _tell(refund)
    audit.record("refund.handed_out", actor=actor, target=refund, after={"how": how, "amount": refund.amount})
    return refund


def _keep_as_credit(refund: Refund, actor: Actor) -> None:
    order = refund.order
    if order is None or order.customer_id is None:
        sentence = "A guest has no store credit: give it back another way."
        raise InvalidInput(sentence, fields={"to": [sentence]})
    credit.post_credit(
        customer_id=order.customer_id,
        amount=refund.amount,
        reason=CreditReason.REFUND,
        actor=actor,
        key=f"refund:{refund.stripe_key}",
        order=order,
    )
    _finish(refund)
    _post(locks.lock_order_even_deleted(order.pk), refund, actor=actor)


def make_room(payment: Payment, more: Decimal = ZERO, *, refused: int | None = None) -> Decimal:
    """Withdraw or lower what was to go back of a locked payment, but has not, newest first: what still is too much.

    So far as `more` leaves it another way, or its bank has taken it: its payer is not given the same money twice.
    What was sent and not answered stays as it is, since Stripe may make it yet, but for one that it has `refused`.
    """
    missing: Decimal = payment.given_back + payment.charged_back + more - payment.amount
    not_sent = Q(state=RefundState.REQUESTED, refund_id=None) & (Q(attempts=0) | Q(pk=refused))
    waiting = Refund.objects.filter(not_sent | Q(state__in=[RefundState.FAILED, RefundState.MANUAL]), payment=payment)
    for refund in waiting.order_by("-pk"):
        if missing <= 0:
            break
        less = min(missing, refund.amount)
        missing -= less
        payment.given_back -= less
        _lower(refund, less)
    payment.save(update_fields=["given_back"])
    return missing if missing > 0 else ZERO


def _lower(refund: Refund, less: Decimal) -> None:
    # Under the key that it was asked by, Stripe would repeat its answer to the old sum.
    refund.round += 1
    if less == refund.amount:
        refund.state, refund.next_try_at, refund.settled_at = RefundState.WITHDRAWN, None, timezone.now()
        settle_attention(refund=refund)
    else:
        refund.amount -= less
        if refund.state == RefundState.REQUESTED:
            refund.attempts, refund.next_try_at = 0, timezone.now()
    refund.save(update_fields=["amount", "state", "round", "attempts", "next_try_at", "settled_at"])


def _finish(refund: Refund) -> None:
    refund.state, refund.error, refund.next_try_at = RefundState.SUCCEEDED, "", None
    refund.settled_at = timezone.now()
    written = ["state", "error", "round", "next_try_at", "settled_at", "destination", "handed_out_by", "note"]
    refund.save(update_fields=written)
    settle_set_aside(refund.payment)


def _count_given_back(payment: Payment, amount: Decimal) -> None:
    # Of what it was when it was looked at: another may have put it to another order meanwhile.
    as_seen = Payment.objects.filter(pk=payment.pk, state=payment.state, order=payment.order_id)
    counted = as_seen.filter(given_back__lte=F("amount") - F("charged_back") - amount)
    if not counted.update(given_back=F("given_back") + amount):
        raise Conflict("More than is left of this payment cannot go back.", code=ErrorCode.CONFLICT)
    payment.refresh_from_db(fields=["given_back"])


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
    if refund.destination != RefundDestination.STRIPE:
        # Given back another way since it failed there: what Stripe still says of it is old.
        return refund
    state = FINAL.get(result.status, RefundState.PENDING)
    # The customer's bank may send back what it had taken; any other news of a finished refund is old.
    came_back = refund.state == RefundState.SUCCEEDED and state == RefundState.FAILED
    if refund.state in {RefundState.SUCCEEDED, RefundState.MANUAL} and not came_back:
        return refund
    if refund.state == RefundState.FAILED and refund.refund_id == result.id:
        # Stripe's last word of it, whichever answer arrives here last.
        return refund
    if refund.state == RefundState.WITHDRAWN:
        if state == RefundState.FAILED:
            return refund
        _count_again(refund)
    if state != RefundState.FAILED and refund.amount != result.amount and refund.requested_by != ledger.AT_STRIPE:
        _count_as_made(refund, result.amount)
    refund.refund_id = result.id
    refund.state = state
    refund.error = result.failure
    waits = refund.state == RefundState.PENDING
    refund.next_try_at = timezone.now() + timedelta(hours=6) if waits else None
    refund.settled_at = None if waits else timezone.now()
    refund.save(update_fields=["refund_id", "amount", "state", "error", "next_try_at", "settled_at"])
    if refund.state == RefundState.FAILED:
        attend_failure(refund)
    else:
        _tell(refund)
    if refund.state == RefundState.SUCCEEDED:
        settle_set_aside(refund.payment)
    if order is not None and (refund.state == RefundState.SUCCEEDED or came_back):
        _post(order, refund, came_back=came_back)
    elif order is not None:
        ledger.derive_money(order)
    return refund


def _count_as_made(refund: Refund, amount: Decimal) -> None:
    """Stripe made one for another sum, which it was asked for before that was lowered."""
    counted = Least(F("amount"), F("given_back") + (amount - refund.amount))
    Payment.objects.filter(pk=refund.payment_id).update(given_back=counted)
    raise_attention(
        refund.order,
        AttentionKind.REFUNDED_AT_STRIPE,
        f"Stripe gave back {amount} where {refund.amount} was due.",
        key=f"made-otherwise:{refund.pk}:{refund.round}",
        amount=amount,
        refund=refund,
    )
    refund.amount = amount


def _count_again(refund: Refund) -> None:
    """Stripe makes one that was withdrawn. Its money is gone, whatever has been done with it since."""
    counted = Least(F("amount"), F("given_back") + refund.amount)
    Payment.objects.filter(pk=refund.payment_id).update(given_back=counted)
    raise_attention(
        refund.order,
        AttentionKind.REFUNDED_AT_STRIPE,
        f"A refund of {refund.amount} was withdrawn, and Stripe made it all the same.",
        key=f"made-after-all:{refund.pk}",
        amount=refund.amount,
        refund=refund,
    )


def _tell(refund: Refund) -> None:
    """What a cancellation gives back was told with that, unless it goes another way since."""
    if refund.key != f"{CANCELLED}{refund.payment_id}" or refund.round > 1:
        notifications.notify_refunded(refund)


def settle_set_aside(payment: Payment) -> None:
    """Money that was set aside, and has all gone back by whatever way, waits for nobody any more."""
    if payment.state != PaymentState.UNAPPLIED:
        return
    went_back = Refund.objects.filter(payment=payment, state=RefundState.SUCCEEDED)
    if sum(went_back.values_list("amount", flat=True), payment.charged_back) >= payment.amount:
        settle_attention(payment=payment, kind__in=SET_ASIDE)


def refund_entry(refund: Refund, *, came_back: bool = False) -> Entry:
    """What a refund that was carried out is in an order's books, or one that its bank sent back."""
    how = f"Sent back by the bank ({refund.error or 'no reason given'})" if came_back else refund.note
    return Entry(
        EntryKind.REFUND,
        -refund.amount if came_back else refund.amount,
        key=f"refund-{'returned' if came_back else 'done'}:{refund.stripe_key}:{refund.round}",
        payment=refund.payment,
        refund=refund,
        note=". ".join(part for part in (how, refund.reason) if part)[:500],
    )


def _post(order: Order, refund: Refund, *, came_back: bool = False, actor: Actor = SYSTEM) -> None:
    # Set-aside money never came into the order's books.
    if refund.payment.state == PaymentState.SUCCEEDED:
        ledger.post_entries(order, [refund_entry(refund, came_back=came_back)], actor=actor)


def attend_failure(refund: Refund) -> None:
    """Put one that failed before a person."""
    raise_attention(
        refund.order,
        AttentionKind.REFUND_FAILED,
        f"A refund of {refund.amount} failed: {refund.error or 'no reason given'}",
        key=f"refund-failed:{refund.pk}:{refund.round}",
        amount=refund.amount,
        refund=refund,
    )
