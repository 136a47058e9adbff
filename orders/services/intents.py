"""Opening Stripe payments: the row is committed with its key, then Stripe is asked, then the answer recorded."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from lld.core.errors import Conflict, ErrorCode, GatewayError, GatewayTimeout, InvalidInput, raise_if
from lld.gateways import stripe
from orders import locks, rules
from orders.enums import OrderStatus, PaymentMethod, PaymentState
from orders.models import Order, Payment
from orders.services import notifications, payments

ABANDONED_AFTER = timedelta(days=3)
# The deposits take two days to arrive, and the payer has ten to look for them.
VERIFIED_WITHIN = timedelta(days=14)
KEY_LASTS = timedelta(hours=20)

_DEAD = {"canceled", "succeeded", "processing"}


def open_intent(
    *, amount: Decimal, order_number: str = "", customer_name: str = "", customer_email: str = ""
) -> stripe.Intent:
    """The intent for an order's balance, or for any sum to be bound to an order when it is confirmed.

    An order has one open intent: asking again returns it. Its receipt goes to the order's own address, since anybody
    may ask who knows the number; without an order, to `customer_email`. InvalidInput for another `amount` than owed.
    """
    payer = {"payer_name": customer_name, "payer_email": customer_email}
    payment = _claim_payment(amount, order_number, payer)
    if payment.intent_id:
        intent = stripe.fetch_intent(payment.intent_id)
        if intent.status not in _DEAD:
            return intent
        payments.apply_intent(intent.id)
        payment = _claim_payment(amount, order_number, payer)
    return _create(payment)


def read_client_secret(intent_id: str) -> str:
    """What the storefront confirms an intent with. It is Stripe's to keep, not ours."""
    return stripe.fetch_intent(intent_id).client_secret


def _create(payment: Payment) -> stripe.Intent:
    """Ask Stripe for the row's intent. All of the request comes from the row: a repeat must not differ."""
    number = payment.order.number if payment.order else ""
    metadata = {"payment": payment.stripe_key, "order": number, "payer": payment.payer_name}
    try:
        intent = stripe.create_intent(
            amount=payment.amount,
            key=payment.stripe_key,
            metadata={name: value for name, value in metadata.items() if value},
            description=f"Order {number}" if number else "Order at checkout",
            receipt_email=payment.payer_email,
        )
    except GatewayError as error:
        if error.permanent:
            _close(payment, PaymentState.FAILED, error.sentence)
        elif error.unknown and not isinstance(error, GatewayTimeout):
            # For a day Stripe repeats a 5xx under its key, so the next try needs a row with another one. What may
            # have been made all the same is an intent that nobody holds the secret of.
            _close(payment, PaymentState.CANCELLED, error.sentence)
        raise
    rows = Payment.objects.filter(pk=payment.pk)
    opened = rows.filter(state=PaymentState.CREATING).update(
        intent_id=intent.id, state=PaymentState.OPEN, next_check_at=payments.compute_next_check(payment)
    )
    over = [PaymentState.CANCELLED, PaymentState.FAILED]
    given_up = not opened and rows.filter(state__in=over).update(intent_id=intent.id, next_check_at=timezone.now())
    if given_up:
        # Nobody gets its secret, and the next check takes it down at Stripe.
        raise Conflict("What is owed has changed meanwhile. Ask again.", code=ErrorCode.CONFLICT)
    return intent


@transaction.atomic
def _claim_payment(amount: Decimal, order_number: str, payer: Mapping[str, str]) -> Payment:
    """The order's open payment of this amount, else a new row; a row of another amount is given up."""
    if not order_number:
        if not rules.SMALLEST <= amount <= rules.LARGEST:
            sentence = f"Enter an amount from {rules.SMALLEST} to {rules.LARGEST}."
            raise InvalidInput(sentence, fields={"amount": [sentence]})
        return _new_row(amount, None, payer)
    order = locks.lock_order_by_number(order_number)
    raise_if(rules.why_not_pay(order))
    if amount != order.balance:
        sentence = f"The balance of this order is {order.balance}."
        raise InvalidInput(sentence, fields={"amount": [sentence]}, extra={"balance": order.balance})
    raise_if(rules.why_not_pay_by_card(order))
    waiting = Payment.objects.filter(order=order, state__in=[PaymentState.CREATING, PaymentState.OPEN]).first()
    fresh = timezone.now() - KEY_LASTS
    if waiting is not None and waiting.amount == amount and (waiting.intent_id or waiting.created_at > fresh):
        return waiting
    if waiting is not None:
        # The next check takes its intent down at Stripe.
        waiting.state = PaymentState.CANCELLED
        waiting.next_check_at = timezone.now() if waiting.intent_id else None
        waiting.save(update_fields=["state", "next_check_at"])
    return _new_row(amount, order, _payer_of(order))


def _payer_of(order: Order) -> dict[str, str]:
    return {"payer_name": order.delivery_name, "payer_email": notifications.find_address(order)}


def _new_row(amount: Decimal, order: Order | None, payer: Mapping[str, str]) -> Payment:
    return Payment.objects.create(
        order=order,
        method=PaymentMethod.CREDIT_CARD,
        state=PaymentState.CREATING,
        amount=amount,
        next_check_at=timezone.now() + timedelta(minutes=2),
        **payer,
    )


def check_payment(payment_id: int) -> None:
    """Reconcile one unsettled payment with Stripe: an answer or a webhook was lost, or nobody came back."""
    payment = Payment.objects.select_related("order").get(pk=payment_id)
    if payment.next_check_at is None:
        return
    # Moved on first: one that always fails must not keep the others from their turn.
    Payment.objects.filter(pk=payment_id, next_check_at=payment.next_check_at).update(
        next_check_at=payments.compute_next_check(payment)
    )
    if payment.intent_id is None:
        _finish_creating(payment)
        return
    intent = payments.apply_intent(payment.intent_id)
    payment.refresh_from_db()
    if payment.next_check_at is None or intent.status in _DEAD or not _is_abandoned(payment, intent):
        return
    if payment.note == payments.BY_LINK:
        # Checkout's, whose pages are open for a day: nobody can pay it any more, and nobody but Stripe may end it.
        Payment.objects.filter(pk=payment_id).update(next_check_at=None)
        return
    _cancel(intent.id)


def end_intent(payment_id: int) -> None:
    """Write down what an intent brought or brings, and otherwise end it at Stripe. GatewayError."""
    payment = Payment.objects.get(pk=payment_id)
    try:
        intent = payments.apply_intent(str(payment.intent_id))
    except GatewayError as error:
        # Stripe has no such intent, so nobody can pay by it.
        if error.vendor_code != "resource_missing":
            raise
        return
    payment.refresh_from_db()
    # Checkout's own ends with its page.
    if payment.next_check_at is not None and intent.status not in _DEAD and payment.note != payments.BY_LINK:
        _cancel(intent.id)


def _cancel(intent_id: str) -> None:
    try:
        stripe.cancel_intent(intent_id)
    except GatewayError as error:
        # Paid at this instant, or ended by somebody else: what it is now counts.
        if error.vendor_code != "payment_intent_unexpected_state":
            raise
    payments.apply_intent(intent_id)


def find_due_checks(*, order_id: int | None = None) -> list[int]:
    """Payments whose time has come: of all orders, or of one."""
    due = Payment.objects.filter(next_check_at__lte=timezone.now()).order_by("next_check_at")
    if order_id is not None:
        due = due.filter(order=order_id)
    return list(due.values_list("pk", flat=True)[:200])


def _finish_creating(payment: Payment) -> None:
    if payment.created_at < timezone.now() - KEY_LASTS:
        # Whatever Stripe made is an intent that nobody holds the secret of.
        _close(payment, PaymentState.CANCELLED, "Never opened.")
        return
    _create(payment)


def _is_abandoned(payment: Payment, intent: stripe.Intent) -> bool:
    if payment.state == PaymentState.PROCESSING:
        return False
    lasts = VERIFIED_WITHIN if intent.verifies_account else ABANDONED_AFTER
    old = payment.created_at < timezone.now() - lasts
    if payment.note == payments.BY_LINK:
        return old
    order = payment.order
    settled = order is not None and (order.balance <= 0 or order.status == OrderStatus.CANCELLED)
    return settled or old or payment.state in {PaymentState.CANCELLED, PaymentState.FAILED}


def _close(payment: Payment, state: PaymentState, reason: str) -> None:
    Payment.objects.filter(pk=payment.pk, state__in=[PaymentState.CREATING, PaymentState.OPEN]).update(
        state=state, failure=reason[:500], next_check_at=None
    )
