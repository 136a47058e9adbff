"""Carrying refunds out at Stripe: one worker at a time, asked again until its outcome is known."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.db.models import Case, F, When
from django.utils import timezone

from lld.core.actors import Actor
from lld.core.errors import Conflict, ErrorCode, GatewayBusy, GatewayError, NotConfigured, raise_if
from lld.gateways import stripe
from orders import locks, rules
from orders.enums import PaymentMethod, RefundState
from orders.models import Refund
from orders.services import refunds
from orders.services.adopting import adopt_refunds
from orders.services.refunds import FINAL, METADATA, Outcome

log = structlog.get_logger(__name__)

# They reach over more than the day for which Stripe repeats a stored failure under its key.
MOST_TRIES = 14
# Longer than asking Stripe and sending take together, with the SDK's repeats and timeouts.
LEASE = timedelta(minutes=5)


def carry_out_refund(refund_id: int) -> Refund:
    """Send one refund to Stripe if it is due; the row afterwards says how it stands."""
    if not _claim(refund_id):
        return Refund.objects.get(pk=refund_id)
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    try:
        result = _send(refund)
    except (GatewayError, NotConfigured) as error:
        if isinstance(error, GatewayError) and error.permanent and _is_less_now(refund):
            return carry_out_refund(refund_id)
        return _record_failure(refund_id, error)
    return refunds.record_refund(refund_id, result)


def carry_out_refund_now(refund_id: int) -> Refund:
    """The same without waiting for its moment, on an operator's word."""
    Refund.objects.filter(pk=refund_id).exclude(next_try_at=None).update(next_try_at=timezone.now())
    return carry_out_refund(refund_id)


def carry_out_refunds(order_id: int) -> Outcome | None:
    """Send what an order's cancellation owes; None when nothing was paid."""
    owed = Refund.objects.filter(order_id=order_id, key__startswith=refunds.CANCELLED)
    ids = list(owed.order_by("pk").values_list("pk", flat=True))
    for refund_id in ids:
        carry_out_refund(refund_id)
    return refunds.sum_up_refunds(owed.exclude(state=RefundState.WITHDRAWN).order_by("pk"))


def carry_out_due_refunds(order_id: int) -> None:
    """Send what an order owes back now, after the transaction that requested it."""
    for refund_id in find_due_refunds(order_id=order_id):
        carry_out_refund(refund_id)


def find_due_refunds(*, order_id: int | None = None) -> list[int]:
    """Refunds whose time has come: of all orders, or of one."""
    due = Refund.objects.filter(next_try_at__lte=timezone.now()).order_by("next_try_at")
    if order_id is not None:
        due = due.filter(order=order_id)
    return list(due.values_list("pk", flat=True)[:200])


def _claim(refund_id: int) -> bool:
    """Whether this process is the one to send it now; the lease ends by itself if the process does."""
    now = timezone.now()
    return bool(
        Refund.objects.filter(pk=refund_id, next_try_at__lte=now).update(
            next_try_at=now + LEASE,
            # Asking how an accepted one stands is no try: a bank may take weeks.
            attempts=F("attempts") + Case(When(refund_id=None, then=1), default=0),
        )
    )


def _send(refund: Refund) -> stripe.Refund:
    if refund.refund_id:
        return stripe.fetch_refund(refund.refund_id)
    intent_id = str(refund.payment.intent_id)
    if refund.attempts > 1 or refund.round > 1:
        # Stripe keeps idempotency keys for a day; the metadata of a refund it made stays.
        found = _find_at_stripe(refund)
        if found is not None:
            return found
    return stripe.create_refund(
        intent_id=intent_id,
        amount=refund.amount,
        key=f"{refund.stripe_key}:{refund.round}",
        metadata={METADATA: refund.stripe_key, "reason": refund.reason},
    )


def _is_less_now(refund: Refund) -> bool:
    """Whether Stripe refused because somebody gave money of the same payment back in its dashboard."""
    try:
        adopt_refunds(refund.payment_id, refused=refund.pk)
    except (GatewayError, Conflict):
        return False
    now = Refund.objects.get(pk=refund.pk)
    return now.state == RefundState.WITHDRAWN or now.amount < refund.amount


def _find_at_stripe(refund: Refund) -> stripe.Refund | None:
    """One that Stripe has made of it, and that did not fail: its keys last a day, its metadata for ever."""
    for found in stripe.list_refunds(str(refund.payment.intent_id)):
        if found.metadata.get(METADATA) == refund.stripe_key and FINAL.get(found.status) != RefundState.FAILED:
            return found
    return None


@transaction.atomic
def _record_failure(refund_id: int, error: GatewayError | NotConfigured) -> Refund:
    refund = locks.lock_refund(refund_id)
    if refund.state not in {RefundState.REQUESTED, RefundState.PENDING}:
        # A webhook or another worker has learnt meanwhile how it ended.
        return refund
    if isinstance(error, GatewayBusy) and refund.refund_id is None:
        # Nothing was sent: that was no try.
        refund.attempts -= 1
    # What Stripe has accepted is never given up: however long its bank takes, it is not to be paid a second time.
    gives_up = refund.refund_id is None and (
        refund.attempts >= MOST_TRIES or (isinstance(error, GatewayError) and error.permanent)
    )
    refund.error = error.sentence[:500]
    if gives_up:
        refund.state, refund.next_try_at = RefundState.FAILED, None
        refunds.attend_failure(refund)
    else:
        refund.next_try_at = timezone.now() + timedelta(seconds=min(30 * 2**refund.attempts, 6 * 3600))
    refund.save(update_fields=["attempts", "error", "state", "next_try_at"])
    log.warning("refund_not_done", refund=refund.pk, attempts=refund.attempts, gives_up=gives_up)
    return refund


def hand_out_refund(refund_id: int, *, how: PaymentMethod, actor: Actor, note: str = "") -> Refund:
    """Record that staff gave the money back by another way, as store credit too.

    Conflict unless it failed or was theirs to hand out, and when Stripe turns out to have paid it after all.
    """
    refund = Refund.objects.select_related("payment").get(pk=refund_id)
    raise_if(rules.why_not_hand_out(refund, actor))
    refuse_if_made(refund)
    return refunds.record_handed_out(refund_id, how=how, actor=actor, note=note)


def refuse_if_made(refund: Refund) -> None:
    """Conflict, and written down, when Stripe turns out to have carried a refund out of which we heard nothing."""
    if refund.payment.intent_id and (found := _find_at_stripe(refund)):
        refunds.record_refund(refund.pk, found)
        raise Conflict("Stripe has carried this refund out after all.", code=ErrorCode.CONFLICT)
