"""What may be done with one payment, refund, check, or matter that needs attention."""

from lld.core.access import MANAGING, TAKING_MONEY
from lld.core.actors import Actor, is_one_of
from lld.core.errors import Conflict, DomainError, ErrorCode, Forbidden
from orders.enums import AttentionKind, OrderStatus, PaymentMethod, PaymentState, RefundState
from orders.models import AttentionEntry, Payment, Refund


def why_not_apply_payment(payment: Payment, by: Actor) -> DomainError | None:
    """Forbidden to who takes no money; Conflict unless something is left of money set aside."""
    if not is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not take money.")
    if payment.state != PaymentState.UNAPPLIED:
        return Conflict("This payment is not set aside.", code=ErrorCode.CONFLICT)
    if not payment.left:
        return Conflict("All of this payment goes back already.", code=ErrorCode.NOTHING_DUE)
    return None


def why_not_bounce(payment: Payment, by: Actor) -> DomainError | None:
    """Forbidden to who takes no money; Conflict unless it is a check that was taken, and has not bounced before."""
    if not is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not take money.")
    is_taken = payment.state == PaymentState.SUCCEEDED and payment.intent_id is None
    if payment.method != PaymentMethod.CHECK or not is_taken:
        return Conflict("Only a check that was taken bounces.", code=ErrorCode.CONFLICT)
    if payment.charged_back:
        return Conflict("This check has bounced before.", code=ErrorCode.CONFLICT)
    return None


def why_not_void(payment: Payment, by: Actor) -> DomainError | None:
    """Forbidden to all but managers; Conflict unless it was recorded by hand, stands, and nothing has gone back."""
    if not is_one_of(by, MANAGING):
        return Forbidden("Only admin and manager void payments.")
    if payment.intent_id is not None or payment.state != PaymentState.SUCCEEDED:
        return Conflict("Only a payment that was recorded by hand is voided.", code=ErrorCode.CONFLICT)
    if payment.charged_back:
        return Conflict("This check has bounced: that is in the books.", code=ErrorCode.CONFLICT)
    waiting = [RefundState.MANUAL, RefundState.WITHDRAWN]
    if Refund.objects.filter(payment=payment).exclude(state__in=waiting).exists():
        return Conflict("Something of this payment has gone back: it did come.", code=ErrorCode.CONFLICT)
    return None


def why_not_decide_check(by: Actor) -> DomainError | None:
    """Forbidden to who takes no money."""
    return None if is_one_of(by, TAKING_MONEY) else Forbidden("Your role does not take money.")


def why_not_retry_refund(refund: Refund, by: Actor) -> DomainError | None:
    """Forbidden to who gives no money back; Conflict unless it failed at Stripe."""
    if not is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not give money back.")
    if refund.state != RefundState.FAILED:
        return Conflict(f"The refund is {refund.state}; only one that failed is sent again.", code=ErrorCode.CONFLICT)
    return _why_not_twice(refund)


def why_not_hand_out(refund: Refund, by: Actor) -> DomainError | None:
    """Forbidden to who gives no money back; Conflict unless it failed or waits for a hand."""
    if not is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not give money back.")
    if refund.state not in {RefundState.FAILED, RefundState.MANUAL}:
        return Conflict(f"The refund is {refund.state}; it is not handed out.", code=ErrorCode.CONFLICT)
    return _why_not_twice(refund)


def _why_not_twice(refund: Refund) -> DomainError | None:
    """Conflict while the payer's bank has what would go back: until a dispute of it is won."""
    payment = refund.payment
    if payment.given_back + payment.charged_back <= payment.amount:
        return None
    return Conflict("The payer's bank has taken this money back: wait for its decision.", code=ErrorCode.CONFLICT)


def why_not_withdraw(refund: Refund, by: Actor) -> DomainError | None:
    """Forbidden to who gives no money back; Conflict unless it waits for a person; or once cancelled."""
    if not is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not give money back.")
    if refund.state not in {RefundState.FAILED, RefundState.MANUAL}:
        return Conflict(f"The refund is {refund.state}, and waits for nobody.", code=ErrorCode.CONFLICT)
    order, payment = refund.order, refund.payment
    kept = payment.amount - payment.charged_back - payment.given_back + refund.amount
    is_booked = payment.state == PaymentState.SUCCEEDED
    if order is not None and order.status == OrderStatus.CANCELLED and is_booked and kept > 0:
        return Conflict("The order is cancelled: what it brought goes back.", code=ErrorCode.ORDER_LOCKED)
    return None


def why_not_resolve(entry: AttentionEntry) -> DomainError | None:
    """Conflict while money is set aside or not given back: it is the money that has to move first."""
    payment, refund, order = entry.payment, entry.refund, entry.order
    if entry.kind == AttentionKind.OVERPAID and order is not None and order.balance < 0:
        return Conflict("More is paid still than this order costs: give it back.", code=ErrorCode.CONFLICT)
    if payment is not None and payment.state == PaymentState.UNAPPLIED and payment.left:
        return Conflict("The money is still set aside: apply it, or give it back.", code=ErrorCode.CONFLICT)
    if refund is not None and refund.state in {RefundState.FAILED, RefundState.MANUAL}:
        return Conflict("The money has not gone back yet: send it again, or hand it out.", code=ErrorCode.CONFLICT)
    return None


def why_not_send_check(by: Actor) -> DomainError | None:
    """Forbidden to staff who take no money."""
    return None if is_one_of(by, TAKING_MONEY) else Forbidden("Your role does not take money.")
