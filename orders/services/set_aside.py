"""Money that came, but that no order owed: it is put to an order, or goes back."""

from django.conf import settings
from django.db import transaction

from lld.core import audit, idempotency
from lld.core.actors import Actor
from lld.core.errors import Conflict, ErrorCode, NotFound, raise_if
from lld.gateways import stripe
from orders import locks, rules
from orders.enums import EntryKind, PaymentState, RefundState
from orders.models import Order, Payment, Refund
from orders.services import disputes, ledger, notifications, refunds
from orders.services.adopting import adopt_refunds
from orders.services.attention import settle_attention
from orders.services.ledger import Entry


def apply_payment(payment_id: int, *, actor: Actor, order_number: str = "") -> Order:
    """Put set-aside money to the order that it came for, or to another; what that does not owe goes back.

    NotFound; Conflict when it is not set aside, has gone back at Stripe, is in another currency, or the order waits
    for no money. GatewayError.
    """
    _ask_stripe(payment_id, actor)
    return _apply(payment_id, actor=actor, order_number=order_number)


def _ask_stripe(payment_id: int, actor: Actor) -> None:
    """Adopt what went back meanwhile. Conflict when it is no money of ours."""
    payment = Payment.objects.filter(pk=payment_id).first()
    if payment is None or payment.intent_id is None:
        return
    raise_if(rules.why_not_apply_payment(payment, actor))
    if stripe.fetch_intent(payment.intent_id).currency != settings.CURRENCY:
        raise Conflict("This payment is in another currency.", code=ErrorCode.PAYMENT_MISMATCH)
    adopt_refunds(payment_id)


@transaction.atomic
def _apply(payment_id: int, *, actor: Actor, order_number: str) -> Order:
    order = _lock_orders(payment_id, order_number)
    payment = _lock_payment(payment_id, actor)
    raise_if(rules.why_not_pay(order))
    payment.order, payment.state = order, PaymentState.SUCCEEDED
    payment.save(update_fields=["order", "state"])
    entry = Entry(EntryKind.PAYMENT, -payment.amount, key=f"payment:{payment.pk}", payment=payment)
    left_again = [*_refunded(payment), *disputes.chargeback_entries(payment)]
    Refund.objects.filter(payment=payment).update(order=order)
    settled = ledger.post_entries(order, [entry, *left_again], actor=actor)
    if order.balance < 0:
        key = f"surplus:{payment.pk}"
        refunds.request_refund(payment, -order.balance, key=key, reason="More than was owed", actor=actor)
        ledger.derive_money(order)
    if settled:
        notifications.notify_payment_received(order, payment)
    settle_attention(payment=payment, kind__in=refunds.SET_ASIDE)
    audit.record("payment.apply", actor=actor, target=payment, after={"order": order.number})
    idempotency.seal()
    return order


@transaction.atomic
def return_payment(payment_id: int, *, actor: Actor, reason: str) -> Refund:
    """Give what is left of set-aside money back; `refund_delivery.carry_out_refund` sends it. NotFound; Conflict."""
    _, payment = locks.lock_payment_and_order(payment_id)
    raise_if(rules.why_not_apply_payment(payment, actor))
    refund = refunds.request_refund(payment, payment.left, key=f"returned:{payment.pk}", reason=reason, actor=actor)
    settle_attention(payment=payment, kind__in=refunds.SET_ASIDE)
    audit.record("payment.return", actor=actor, target=payment, after={"amount": refund.amount}, reason=reason)
    idempotency.seal()
    return refund


def _lock_orders(payment_id: int, order_number: str) -> Order:
    """The order that is to have the money. The one that it came for is locked, too: cancelling that gives it back."""
    came_for = Payment.objects.filter(pk=payment_id).values_list("order_id", flat=True).first()
    target = came_for
    if order_number:
        target = Order.objects.existing().filter(number=order_number).values_list("pk", flat=True).first()
        if target is None:
            raise NotFound("There is no such order.")
    if target is None:
        if not Payment.objects.filter(pk=payment_id).exists():
            raise NotFound("There is no such payment.")
        raise Conflict("Name the order that this payment is for.", code=ErrorCode.CONFLICT)
    locked = locks.lock_orders_even_deleted(pk for pk in (came_for, target) if pk is not None)
    if locked[target].deleted_at is not None:
        raise NotFound("There is no such order.")
    return locked[target]


def _lock_payment(payment_id: int, actor: Actor) -> Payment:
    payment = locks.lock_payment(payment_id)
    if payment is None:
        raise NotFound("There is no such payment.")
    raise_if(rules.why_not_apply_payment(payment, actor))
    return payment


def _refunded(payment: Payment) -> list[Entry]:
    """What of it has gone back while it was set aside, as the order's books have it from now on."""
    done = Refund.objects.filter(payment=payment, state=RefundState.SUCCEEDED)
    return [refunds.refund_entry(refund) for refund in done]
