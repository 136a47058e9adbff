"""Money coming in: by Stripe, where Stripe's own word counts, or recorded by staff."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from lld.core import audit, idempotency
from lld.core.actors import SYSTEM, Actor
from lld.core.errors import Conflict, ErrorCode, GatewayError, InvalidInput, raise_if
from lld.core.money import ZERO
from lld.gateways import stripe
from orders import locks, rules
from orders.enums import AttentionKind, CreditReason, EntryKind, OrderStatus, PaymentMethod, PaymentState
from orders.models import Order, Payment
from orders.services import credit, disputes, ledger, notifications, refund_delivery, refunds, saving
from orders.services.attention import raise_attention, settle_attention
from orders.services.latest_word import Overtaken, record_latest
from orders.services.ledger import Entry

# The note of what came by a payment link: its intent is Checkout's, and not ours to take down.
BY_LINK = "Payment link"
# What Stripe's word of an intent may change in its row; what others write meanwhile stays.
_FOLLOWED = (
    "order", "method", "state", "amount", "intent_id", "failure", "settled_at", "next_check_at"
)  # fmt: skip

T = TypeVar("T")

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Problem:
    """Why money that came is not what the order owes. `surplus`: nothing is owed any more, it goes back."""

    sentence: str
    surplus: bool = False


@transaction.atomic
def record_manual_payment(
    order_id: int,
    *,
    actor: Actor,
    method: PaymentMethod,
    received: Decimal = ZERO,
    note: str = "",
    expected_version: int | None = None,
    at: datetime | None = None,
    notify: bool = True,
) -> tuple[Order, Decimal]:
    """Money that staff hold in hand: the order, and what of it became store credit.

    `received` zero means the balance; less is a part payment; more becomes credit of the customer, once. `at`
    back-dates the payment. Forbidden to who takes no money; Conflict when nothing is owed; InvalidInput for a surplus
    of a guest, who has nowhere to keep it.
    """
    order = locks.lock_order(order_id)
    saving.check_version(order, expected_version)
    raise_if(rules.why_not_record_payment(order, actor))
    amount = min(received or order.balance, order.balance)
    surplus = max(received - order.balance, ZERO)
    if surplus and order.customer_id is None:
        sentence = f"A guest has no store credit for the surplus of {surplus}: enter {order.balance} or less."
        raise InvalidInput(sentence, fields={"amount_received": [sentence]})
    payment = Payment.objects.create(
        order=order,
        method=method,
        state=PaymentState.SUCCEEDED,
        amount=amount,
        note=note,
        recorded_by=str(actor),
        settled_at=at or timezone.now(),
    )
    if surplus and order.customer_id is not None:
        credit.post_credit(
            customer_id=order.customer_id,
            amount=surplus,
            reason=CreditReason.OVERPAYMENT,
            actor=actor,
            key=credit.overpayment_key(payment),
            order=order,
        )
    _post(order, payment, actor=actor)
    if notify:
        notifications.notify_payment_received(order, payment, surplus=surplus)
    audit.record(
        "order.mark_paid",
        actor=actor,
        target=order,
        after={"received": received or amount, "applied": amount, "credited": surplus, "method": method},
        reason=note,
    )
    idempotency.seal()
    return order, surplus


def confirm_intent(*, order_number: str, intent_id: str) -> Order:
    """Record the payment that a customer says was made, if Stripe says the same; a bank transfer as under way.

    InvalidInput or Conflict, and nothing changed, when the intent is unknown, not paid, refunded, of another
    order, currency or amount. Confirming again what was recorded is no error.
    """
    try:
        _, order = _look(intent_id, lambda intent, seen: _confirm(order_number, intent, seen))
    except GatewayError as error:
        if not error.permanent:
            raise
        sentence = "There is no such payment."
        raise InvalidInput(sentence, fields={"payment_intent_id": [sentence]}) from error
    return order


def _confirm(order_number: str, intent: stripe.Intent, seen: object) -> Order:
    order = locks.lock_order_by_number(order_number)
    payment = _locked_payment(intent, order, seen)
    if payment is not None and payment.state == PaymentState.SUCCEEDED:
        return order
    if payment is not None and payment.state == PaymentState.UNAPPLIED and not _waits_for_order(payment):
        raise Conflict(payment.failure or "This payment was set aside.", code=ErrorCode.PAYMENT_MISMATCH)
    if intent.status not in {"succeeded", "processing"}:
        raise Conflict("This payment was not completed.", code=ErrorCode.PAYMENT_INCOMPLETE)
    problem = _problem(intent, order)
    if payment is None or problem is not None:
        sentence = problem.sentence if problem else "This payment was not made for this order."
        raise Conflict(sentence, code=ErrorCode.PAYMENT_MISMATCH)
    if intent.status == "processing":
        # A bank transfer is this order's from now on, whatever happens until it arrives.
        _follow(order, payment, intent)
    else:
        _receive(order, payment, intent)
    return order


def apply_intent(intent_id: str) -> stripe.Intent:
    """Make our books say what Stripe says of an intent now: the intent. Repeats and any order of events are fine."""
    intent, owed_back = _look(intent_id, _apply)
    if owed_back is not None:
        refund_delivery.carry_out_refund(owed_back)
    return intent


def _apply(intent: stripe.Intent, seen: object) -> int | None:
    """A refund's key when money must go back."""
    order = _order_of(intent)
    payment = _locked_payment(intent, order, seen) or _adopt(intent, order)
    if payment is None:
        log.warning("intent_not_ours", intent=intent.id)
        return None
    if payment.state in {PaymentState.SUCCEEDED, PaymentState.UNAPPLIED}:
        return None
    if intent.status == "succeeded" and order is not None:
        return _receive_or_set_aside(order, payment, intent)
    _follow(order, payment, intent)
    return None


def _look(intent_id: str, record: Callable[[stripe.Intent, object], T]) -> tuple[stripe.Intent, T]:
    return record_latest(lambda: stripe.fetch_intent(intent_id), recorded=lambda: _recorded(intent_id), record=record)


def _recorded(intent_id: str) -> object:
    """What is written down of an intent: something else after whatever is recorded."""
    facts = ("state", "failure", "order", "amount", "given_back", "charged_back", "settled_at")
    return Payment.objects.filter(intent_id=intent_id).values_list(*facts).first()


def _receive_or_set_aside(order: Order, payment: Payment, intent: stripe.Intent) -> int | None:
    """Take the money, or keep it apart and tell a person; a refund's key when it must go back."""
    problem = _problem(intent, order, is_bound=payment.state == PaymentState.PROCESSING)
    if problem is None:
        _receive(order, payment, intent)
        return None
    payment.order, payment.state, payment.amount = order, PaymentState.UNAPPLIED, intent.received
    payment.method = _method(intent)
    payment.failure, payment.settled_at, payment.next_check_at = problem.sentence, timezone.now(), None
    payment.save(update_fields=_FOLLOWED)
    ledger.derive_money(order)
    kind = AttentionKind.LATE_PAYMENT if problem.surplus else AttentionKind.PAYMENT_MISMATCH
    _attend(order, payment, kind, f"{intent.received} came: {problem.sentence}")
    # Nothing is left of one whose refund in the dashboard was heard of first, and failed: that is a person's to send.
    if not problem.surplus or intent.refunded or not payment.left:
        return None
    return refunds.request_refund(payment, payment.left, key=f"unowed:{payment.pk}", reason="Not owed").pk


def _problem(intent: stripe.Intent, order: Order, *, is_bound: bool = False) -> Problem | None:
    """Why it does not pay the balance. What is bound to the order may be a part, if more is owed by now."""
    if intent.metadata.get("order") not in {None, order.number}:
        return Problem("This payment was made for another order.")
    if intent.currency != settings.CURRENCY:
        return Problem("This payment is in another currency.")
    if intent.refunded:
        return Problem("This payment was refunded.")
    if order.status == OrderStatus.CANCELLED or order.deleted_at is not None:
        return Problem("The order is cancelled.", surplus=True)
    if order.balance <= 0 and order.written_off:
        return Problem("What was owed is written off: reinstate it, then apply this.")
    if order.balance <= 0:
        return Problem("The order is paid already.", surplus=True)
    came = intent.amount if intent.status == "processing" else intent.received
    if came != order.balance and not (is_bound and came < order.balance):
        return Problem(f"The payment is {came}, but {order.balance} is owed.")
    return None


def _waits_for_order(payment: Payment) -> bool:
    """Whether it was set aside because nobody said what it is for."""
    return payment.order_id is None and not payment.given_back


def _receive(order: Order, payment: Payment, intent: stripe.Intent) -> None:
    payment.order = order
    payment.method = _method(intent)
    payment.amount = intent.received
    payment.state = PaymentState.SUCCEEDED
    payment.settled_at = timezone.now()
    payment.next_check_at = None
    payment.failure = ""
    payment.save(update_fields=_FOLLOWED)
    settle_attention(payment=payment)
    _post(order, payment, actor=SYSTEM)
    notifications.notify_payment_received(order, payment)
    audit.record("order.paid", actor=SYSTEM, target=order, after={"amount": payment.amount, "intent": intent.id})


def _post(order: Order, payment: Payment, *, actor: Actor) -> None:
    entry = Entry(EntryKind.PAYMENT, -payment.amount, key=f"payment:{payment.pk}", payment=payment)
    entries = [entry, *disputes.chargeback_entries(payment)]
    ledger.post_entries(order, entries, actor=actor, at=payment.settled_at)


def _follow(order: Order | None, payment: Payment, intent: stripe.Intent) -> None:
    """An intent that brought no money: under way, failed, given up, or still waiting."""
    if intent.method_type:
        payment.method = _method(intent)
    was_under_way = payment.state == PaymentState.PROCESSING
    if intent.status == "canceled":
        # Of one that failed we have taken the intent down ourselves.
        payment.state = PaymentState.FAILED if payment.state == PaymentState.FAILED else PaymentState.CANCELLED
        payment.next_check_at = None
    elif intent.status == "processing" and order is not None:
        payment.state, payment.next_check_at = PaymentState.PROCESSING, timezone.now() + timedelta(hours=6)
        payment.order = order
    elif intent.status == "succeeded":
        _wait_for_order(payment, intent)
    elif intent.failure:
        payment.failure = intent.failure[:500]
        if was_under_way:
            # A bank transfer does not come back; a declined card may be followed by a good one.
            payment.state = PaymentState.FAILED
        # Looked at again in any case: this answer may be older than one that was written down before it.
        payment.next_check_at = compute_next_check(payment)
        if order is not None:
            raise_attention(
                order,
                AttentionKind.PAYMENT_FAILED,
                intent.failure,
                key=f"failed:{payment.pk}",
                amount=payment.amount,
                payment=payment,
            )
    else:
        payment.next_check_at = compute_next_check(payment)
    payment.save(update_fields=_FOLLOWED)
    if order is not None:
        ledger.derive_money(order)
        if was_under_way and payment.state == PaymentState.FAILED and order.balance > 0:
            notifications.notify_transfer_failed(order, payment)


def _wait_for_order(payment: Payment, intent: stripe.Intent) -> None:
    """Paid at checkout, but the order that it is for was not named yet; after a day a person must look."""
    payment.settled_at = payment.settled_at or timezone.now()
    if payment.settled_at > timezone.now() - timedelta(days=1):
        payment.next_check_at = compute_next_check(payment)
        return
    payment.state, payment.amount, payment.next_check_at = PaymentState.UNAPPLIED, intent.received, None
    detail = f"{intent.received} was paid at checkout by {payment.payer_email or 'a guest'}, but no order came."
    _attend(None, payment, AttentionKind.PAYMENT_MISMATCH, detail)


def _attend(order: Order | None, payment: Payment, kind: AttentionKind, detail: str) -> None:
    key = f"unapplied:{payment.pk}"
    raise_attention(order, kind, detail, key=key, amount=payment.amount, payment=payment)
    refunds.settle_set_aside(payment)


def _locked_payment(intent: stripe.Intent, order: Order | None, seen: object) -> Payment | None:
    """Our row of an intent: by its id, or by ours in its metadata when the answer that named it was lost.

    Locked, so that one intent cannot be bound to two orders at once. None when it is another order's; Overtaken when
    something else than what was `seen` is recorded by now.
    """
    known = Payment.objects.filter(intent_id=intent.id).values_list("pk", flat=True).first()
    ours = Payment.objects.filter(stripe_key=intent.metadata.get("payment", "")).values_list("pk", flat=True)
    pk = known or ours.first()
    payment = locks.lock_payment(pk) if pk is not None else None
    if _recorded(intent.id) != seen:
        raise Overtaken
    if payment is None or payment.intent_id not in {None, intent.id}:
        return None
    if order is not None and payment.order_id not in {None, order.pk}:
        return None
    payment.intent_id = intent.id
    return payment


def _order_of(intent: stripe.Intent) -> Order | None:
    """Lock the order that an intent pays for, deleted or not."""
    pk = Payment.objects.filter(intent_id=intent.id).values_list("order_id", flat=True).first()
    if pk is None and (number := intent.metadata.get("order")):
        pk = Order.objects.filter(number=number).values_list("pk", flat=True).first()
    return None if pk is None else locks.lock_order_even_deleted(pk)


def _adopt(intent: stripe.Intent, order: Order | None) -> Payment | None:
    """A row for an intent that Stripe made itself, from one of our payment links, once money is on its way."""
    if order is None or "link" not in intent.metadata:
        return None
    under_way = intent.status in {"processing", "succeeded"}
    if not under_way and not intent.failure:
        return None
    return Payment.objects.create(
        order=order,
        method=_method(intent),
        state=PaymentState.PROCESSING if under_way else PaymentState.FAILED,
        amount=intent.amount,
        intent_id=intent.id,
        note=BY_LINK,
        next_check_at=timezone.now() + timedelta(minutes=10),
    )


def _method(intent: stripe.Intent) -> PaymentMethod:
    return PaymentMethod.ACH if intent.method_type == "us_bank_account" else PaymentMethod.CREDIT_CARD


def compute_next_check(payment: Payment) -> datetime:
    """Ask again after as long again as the payment is old, from two minutes to six hours."""
    age = timezone.now() - payment.created_at
    return timezone.now() + min(max(age, timedelta(minutes=2)), timedelta(hours=6))
