"""What may be done with an order now, by whom, and why not: each question is answered here, once.

A rule returns the refusal, or None where nothing speaks against it. Services raise it under the order's lock; the
API's `allowed` and the console's buttons show its sentence. `by` is whoever asks; the program itself may do anything.
"""

from collections.abc import Set
from dataclasses import dataclass
from decimal import Decimal

from lld.core.access import MANAGING, TAKING_MONEY
from lld.core.actors import SYSTEM, Actor
from lld.core.errors import Conflict, DomainError, ErrorCode, Forbidden
from orders.enums import PROGRESS, OrderStatus, PaymentStatus, may_move
from orders.errors import IllegalTransition, OnHold
from orders.models import Order

# What Stripe takes by card, in dollars.
SMALLEST, LARGEST = Decimal("0.50"), Decimal("999999.99")
# From where the warehouse sends a parcel off, and from where it arrives: it skips no step, as the office may.
SHIPS_FROM = frozenset({OrderStatus.CONFIRMED, OrderStatus.PACKED})
DELIVERS_FROM = frozenset({OrderStatus.SHIPPED})
_OVER = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED})


@dataclass(frozen=True)
class Permission:
    """One thing to do, whether it may be done, and a sentence that says why not."""

    name: str
    allowed: bool
    reason: str | None


def transitions(order: Order) -> list[Permission]:
    """Every status that an order can be moved to, and what speaks against it now."""
    moves = [_permission(target, why_not_advance(order, target)) for target in PROGRESS[1:]]
    return [*moves, _permission(OrderStatus.CANCELLED, why_not_cancel(order))]


def actions(order: Order, by: Actor) -> list[Permission]:
    """Everything else that staff do with an order, and what speaks against it now."""
    return [
        _permission("edit_address", why_not_readdress(order)),
        _permission("mark_paid", why_not_record_payment(order, by)),
        _permission("create_payment_link", why_not_pay_by_card(order)),
        _permission("release_hold", why_not_release(order, by)),
        _permission("delete", why_not_delete(order, by)),
    ]


def why_not_advance(
    order: Order, target: OrderStatus, *, only_from: Set[OrderStatus] = frozenset(PROGRESS)
) -> DomainError | None:
    """IllegalTransition backwards, to where it is, or from elsewhere than `only_from`; OnHold."""
    if target == OrderStatus.CANCELLED or order.status not in only_from or not may_move(order.status, target):
        return IllegalTransition(order.status, target)
    return OnHold(order.hold_reasons) if order.terms_hold else None


def why_not_cancel(order: Order) -> DomainError | None:
    """IllegalTransition once it was shipped, or when it was cancelled before. Any staff who see it may cancel it."""
    if may_move(order.status, OrderStatus.CANCELLED):
        return None
    return IllegalTransition(order.status, OrderStatus.CANCELLED)


def why_not_readdress(order: Order) -> DomainError | None:
    """Conflict once it has gone, or will not go."""
    if order.status not in _OVER:
        return None
    return Conflict(f"The order is {order.status}; its address stays as it is.", code=ErrorCode.ORDER_LOCKED)


def why_not_pay(order: Order) -> DomainError | None:
    """Conflict unless it waits for money."""
    if order.status == OrderStatus.CANCELLED:
        return Conflict("The order is cancelled.", code=ErrorCode.ORDER_LOCKED)
    if order.balance <= 0:
        return Conflict("Nothing is owed on this order.", code=ErrorCode.NOTHING_DUE)
    if order.payment_status == PaymentStatus.PROCESSING:
        return Conflict("A payment for this order is under way.", code=ErrorCode.CONFLICT)
    return None


def why_not_pay_by_card(order: Order) -> DomainError | None:
    """The same for a payment intent or a payment link; Conflict, too, for a balance that cards do not take."""
    why_not = why_not_pay(order)
    if why_not is None and order.balance < SMALLEST:
        return Conflict(f"Cards take no less than {SMALLEST}.", code=ErrorCode.CONFLICT)
    return why_not


def why_not_record_payment(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to who takes no money; Conflict unless the order waits for some."""
    if not _is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not take money.")
    return why_not_pay(order)


def why_not_release(order: Order, by: Actor) -> DomainError | None:
    """Conflict when it is not on hold; Forbidden to all but managers."""
    if not order.terms_hold:
        return Conflict("The order is not on hold.", code=ErrorCode.NOT_ON_HOLD)
    return None if _is_one_of(by, MANAGING) else Forbidden("Only admin and manager release holds.")


def why_not_delete(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to all but managers; Conflict once money or credit came in, or it was shipped."""
    if not _is_one_of(by, MANAGING):
        return Forbidden("Only admin and manager delete orders.")
    if order.amount_paid or order.credit_applied or order.shipped_at is not None:
        return Conflict("An order that was paid or shipped cannot be deleted.", code=ErrorCode.ORDER_LOCKED)
    return None


def _is_one_of(by: Actor, roles: Set[str]) -> bool:
    return by == SYSTEM or by.role in roles


def _permission(name: str, why_not: DomainError | None) -> Permission:
    return Permission(name, why_not is None, why_not.sentence if why_not else None)
