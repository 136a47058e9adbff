"""What is done about our payments in Stripe's own dashboard, or by a bank: our books follow."""

from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from lld.core.errors import Conflict, ErrorCode
from lld.core.money import ZERO
from lld.gateways import stripe
from orders import locks
from orders.enums import AttentionKind, OrderStatus, RefundDestination, RefundState
from orders.models import Order, Payment, Refund
from orders.services import ledger, refunds
from orders.services.attention import raise_attention, settle_attention


def adopt_refunds(payment_id: int, *, refused: int | None = None) -> None:
    """Take into our books what Stripe gave back of a payment without being asked by us.

    What we have asked for, but Stripe has not accepted, is brought down to what is left. Conflict, and nothing is
    adopted, while there is no room for all of it and one of ours is under way that Stripe may make or refuse yet;
    `refused` is one that it has refused.
    """
    payment = Payment.objects.get(pk=payment_id)
    if payment.intent_id is None:
        return
    found = stripe.list_refunds(payment.intent_id)
    _record_accepted(payment, found)
    with transaction.atomic():
        order, locked = locks.lock_payment_and_order(payment_id)
        _settle_failed(found)
        strangers = _strangers(locked, found)
        if not strangers:
            return
        came = sum((refund.amount for refund in strangers), ZERO)
        if refunds.make_room(locked, came, refused=refused) and _unanswered(locked, besides=refused):
            raise Conflict("A refund of this payment is under way: try again when it has ended.", code=ErrorCode.BUSY)
        for refund in strangers:
            _adopt(order, locked, refund)
        if order is not None:
            # Those that arrived at once were booked on another copy of it.
            order.refresh_from_db()
            ledger.derive_money(order)


def _record_accepted(payment: Payment, found: list[stripe.Refund]) -> None:
    """Our own, whose answers were lost: what Stripe has accepted is not asked for less."""
    unheard = Refund.objects.filter(payment=payment, refund_id=None, destination=RefundDestination.STRIPE)
    ours = dict(unheard.values_list("stripe_key", "pk"))
    for refund in found:
        pk = ours.get(refund.metadata.get(refunds.METADATA, ""))
        if pk is not None and refunds.FINAL.get(refund.status) != RefundState.FAILED:
            refunds.record_refund(pk, refund)


def _unanswered(payment: Payment, *, besides: int | None) -> bool:
    """Whether one of ours was sent, and has no answer yet."""
    sent = Refund.objects.filter(payment=payment, state=RefundState.REQUESTED, refund_id=None, attempts__gt=0)
    return sent.exclude(pk=besides or 0).exists()


def _settle_failed(found: list[stripe.Refund]) -> None:
    """What did not arrive after all is not with the customer twice, and nothing is owed again because of it."""
    for refund in found:
        if refunds.FINAL.get(refund.status) == RefundState.FAILED:
            settle_attention(key=_matter(refund))


def _matter(found: stripe.Refund) -> str:
    return f"adopted:{found.id}"


def _strangers(payment: Payment, found: list[stripe.Refund]) -> list[stripe.Refund]:
    """Those that are not in our books, and did not fail. One of ours that Stripe has made twice is among them."""
    ours = dict(Refund.objects.filter(payment=payment).values_list("stripe_key", "refund_id"))
    return [
        refund
        for refund in found
        if refund.id not in ours.values()
        and ours.get(refund.metadata.get(refunds.METADATA, ""), refund.id) is not None
        and refunds.FINAL.get(refund.status) != RefundState.FAILED
    ]


def _adopt(order: Order | None, payment: Payment, found: stripe.Refund) -> None:
    part = min(found.amount, payment.amount - payment.given_back)
    _tell(order, payment, found, part)
    if not part:
        return
    payment.given_back += part
    payment.save(update_fields=["given_back"])
    refund = Refund.objects.create(
        payment=payment,
        order=payment.order,
        key=f"stripe:{found.id}",
        amount=part,
        destination=RefundDestination.STRIPE,
        state=RefundState.PENDING,
        refund_id=found.id,
        reason="Given back in Stripe's dashboard",
        requested_by=ledger.AT_STRIPE,
        next_try_at=timezone.now(),
    )
    refunds.record_refund(refund.pk, found)


def _tell(order: Order | None, payment: Payment, found: stripe.Refund, part: Decimal) -> None:
    """Put it before a person where money is owed again, or where it went back twice."""
    sentence = f"{found.amount} was given back in Stripe's dashboard. "
    if part < found.amount:
        sentence += f"{found.amount - part} of it had been given back another way: the customer has it twice."
    elif order is not None and order.status != OrderStatus.CANCELLED:
        sentence += "What the order costs is owed again: lower it, or ask for the money."
    else:
        return
    raise_attention(
        order,
        AttentionKind.REFUNDED_AT_STRIPE,
        sentence,
        key=_matter(found),
        amount=found.amount,
        payment=payment,
    )
