"""Whether an order may be paid, lowered, given back or given up, and who enters one at which price."""

from datetime import datetime
from decimal import Decimal

from django.conf import settings
from django.db.models import F

from lld.core.access import MANAGING, SELLING, TAKING_MONEY, Role
from lld.core.actors import Actor, is_one_of
from lld.core.errors import Conflict, DomainError, ErrorCode, Forbidden
from lld.core.money import ZERO, rounded
from orders.enums import OrderStatus, PaymentState, PaymentStatus
from orders.models import CreditAccount, Order, Payment

# What Stripe takes by card, in dollars.
SMALLEST, LARGEST = Decimal("0.50"), Decimal("999999.99")


def why_not_pay(order: Order) -> DomainError | None:
    """Conflict unless it waits for money that is not under way."""
    why_not = _why_not_take(order)
    if why_not is None and order.payment_status == PaymentStatus.PROCESSING:
        return Conflict("A payment for this order is under way.", code=ErrorCode.CONFLICT)
    return why_not


def _why_not_take(order: Order) -> DomainError | None:
    """Conflict unless something is owed."""
    if order.status == OrderStatus.CANCELLED:
        return Conflict("The order is cancelled.", code=ErrorCode.ORDER_LOCKED)
    if order.balance <= 0:
        return Conflict("Nothing is owed on this order.", code=ErrorCode.NOTHING_DUE)
    return None


def why_not_pay_by_card(order: Order) -> DomainError | None:
    """The same for a payment intent or a payment link; Conflict, too, for a balance that cards do not take."""
    why_not = why_not_pay(order)
    if why_not is None and order.balance < SMALLEST:
        return Conflict(f"Cards take no less than {SMALLEST}.", code=ErrorCode.CONFLICT)
    return why_not


def why_not_ask_for_payment(order: Order, by: Actor) -> DomainError | None:
    """The same for a link that staff send; Forbidden to who sells nothing."""
    if by.kind == "staff" and not is_one_of(by, SELLING):
        return Forbidden("Your role does not take money.")
    return why_not_pay_by_card(order)


def why_not_record_payment(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to who takes no money; Conflict unless the order owes some.

    Money in hand is taken while a transfer is under way, which anybody can begin who knows the order's number.
    """
    if not is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not take money.")
    return _why_not_take(order)


def why_not_refund(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to who gives no money back; Conflict when nothing is left of what came in."""
    if not is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not give money back.")
    if not _has_left(order):
        return Conflict("Nothing is left that could go back.", code=ErrorCode.NOTHING_DUE)
    return None


def _has_left(order: Order) -> bool:
    """Whether something that came in has not gone back, and is not going. Cancelled orders do not sum the latter."""
    left_again = order.amount_refunded + order.going_back + order.charged_back
    if order.status != OrderStatus.CANCELLED:
        return bool(order.amount_paid + order.credit_applied > left_again)
    back = F("given_back") + F("charged_back")
    return Payment.objects.filter(order=order, state=PaymentState.SUCCEEDED, amount__gt=back).exists()


def why_not_adjust(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to who takes no money; Conflict once cancelled."""
    if not is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not change what is owed.")
    if order.status == OrderStatus.CANCELLED:
        return Conflict("The order is cancelled.", code=ErrorCode.ORDER_LOCKED)
    return None


def why_not_write_off(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to all but managers; Conflict for what has not gone out, and when nothing is owed."""
    if not is_one_of(by, MANAGING):
        return Forbidden("Only admin and manager write off what is owed.")
    if order.status not in {OrderStatus.SHIPPED, OrderStatus.DELIVERED}:
        return Conflict("Goods that have not gone out are no bad debt: adjust or cancel.", code=ErrorCode.CONFLICT)
    return why_not_pay(order)


def why_not_reinstate(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to who takes no money; Conflict when nothing is written off."""
    if not is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not take money.")
    return None if order.written_off else Conflict("Nothing is written off.", code=ErrorCode.NOTHING_DUE)


def why_not_lower(by: Actor, *, subtotal: Decimal, lowered: Decimal) -> DomainError | None:
    """Forbidden where an order is `lowered`, by discount and adjustments in all, beyond the role's share of it."""
    limit = settings.DISCOUNT_LIMITS.get(by.role, ZERO if by.role == Role.WAREHOUSE else None)
    if limit is None or lowered <= (most := rounded(subtotal * limit)):
        return None
    return Forbidden(f"Your role may lower what this order costs by up to {most} in all.")


def why_not_enter(
    by: Actor,
    *,
    number: str,
    created_at: datetime | None,
    status: str,
    payment_status: str | None,
    sales_rep_id: int | None,
) -> DomainError | None:
    """Forbidden to who sells nothing, and to all but managers for what only they set on an order that they enter."""
    if not is_one_of(by, SELLING):
        return Forbidden("Your role does not change what is ordered.")
    if is_one_of(by, MANAGING):
        return None
    reserved = {
        "order_number": bool(number),
        "created_at": created_at is not None,
        "status": status != OrderStatus.PENDING,
        "payment_status": payment_status not in {None, PaymentStatus.UNPAID},
        "sales_rep_id": sales_rep_id not in {None, by.id},
    }
    refused = [name for name, given in reserved.items() if given]
    return Forbidden(f"Only admin and manager may set {', '.join(refused)}.") if refused else None


def why_not_apply_credit(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to who takes no money; Conflict for a guest, without credit, or when nothing is owed."""
    if not is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not take money.")
    if order.customer_id is None:
        return Conflict("A guest has no store credit.", code=ErrorCode.CONFLICT)
    why_not = why_not_pay(order)
    if why_not is None and not CreditAccount.objects.filter(customer=order.customer_id, balance__gt=0).exists():
        return Conflict("The customer has no store credit.", code=ErrorCode.NOTHING_DUE)
    return why_not
