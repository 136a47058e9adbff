"""Whether an order moves on, back or away, and whether what is in it and where it goes may change."""

from collections.abc import Set
from decimal import Decimal

from django.db.models import Sum

from lld.core.access import MANAGING, SELLING, TAKING_MONEY, Role
from lld.core.actors import SYSTEM, Actor, is_one_of
from lld.core.errors import Conflict, DomainError, ErrorCode, Forbidden
from lld.core.money import ZERO
from orders.enums import (
    CANCELLABLE,
    PROGRESS,
    HoldReason,
    OrderStatus,
    PaymentMethod,
    PaymentState,
    PaymentStatus,
    may_move,
)
from orders.errors import IllegalTransition, OnHold, PaymentRequired
from orders.models import Order, Payment
from orders.rules.reasons import reason_missing
from orders.rules.seeing import sees_money
from orders.rules.terms import find_hold_reasons

# From where the warehouse sends a parcel off, and from where it arrives: it skips no step, as the office may.
SHIPS_FROM = frozenset({OrderStatus.CONFIRMED, OrderStatus.PACKED})
DELIVERS_FROM = frozenset({OrderStatus.SHIPPED})
_EDITABLE = frozenset({OrderStatus.PENDING, OrderStatus.CONFIRMED})
_OVER = frozenset({OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED})


def why_not_advance(
    order: Order, target: OrderStatus, by: Actor, *, only_from: Set[OrderStatus] = frozenset(PROGRESS)
) -> DomainError | None:
    """IllegalTransition backwards, to where it is, or from elsewhere than `only_from`; OnHold, PaymentRequired."""
    if target == OrderStatus.CANCELLED or order.status not in only_from or not may_move(order.status, target):
        return IllegalTransition(order.status, target)
    if order.terms_hold:
        return OnHold(order.hold_reasons)
    return _why_not_unpaid(order, order.balance if sees_money(by) else None)


def may_go_unpaid(order: Order) -> bool:
    """Whether what is owed does not keep it here: on terms, released, or at a bank, and terms carry it so long."""
    return _why_not_unpaid(order, order.balance) is None


def _why_not_unpaid(order: Order, shown: Decimal | None) -> DomainError | None:
    """PaymentRequired, with what is `shown` of the balance; OnHold when terms do not carry what a bank is at.

    Until the bank has said its word the order is as unpaid as one on terms. Its own balance has counted towards the
    limit since it was placed, so that two cannot leave on the same room.
    """
    if order.status not in CANCELLABLE or order.balance <= 0:
        return None
    if order.payment_method == PaymentMethod.NET30 or order.hold_released_at is not None:
        return None
    if not _is_all_under_way(order):
        return PaymentRequired(shown)
    reasons = find_hold_reasons(order.customer, order.balance, besides=order)
    if HoldReason.NOT_APPROVED in reasons:
        return PaymentRequired(shown)
    return OnHold(reasons) if reasons else None


def _is_all_under_way(order: Order) -> bool:
    return order.payment_status == PaymentStatus.PROCESSING and sum_transfers(order) >= order.balance


def sum_transfers(order: Order) -> Decimal:
    """What banks are bringing, and has not arrived."""
    coming = Payment.objects.filter(order=order, state=PaymentState.PROCESSING).aggregate(sum=Sum("amount"))["sum"]
    return coming or ZERO


def moves_orders(by: Actor) -> bool:
    """Whether this is someone who moves orders at all: everyone of ours, those that they see."""
    return is_one_of(by, frozenset(Role))


def why_not_release(order: Order, by: Actor) -> DomainError | None:
    """Conflict when nothing keeps it; Forbidden to all but managers."""
    if not order.terms_hold and may_go_unpaid(order):
        return Conflict("The order is not on hold.", code=ErrorCode.NOT_ON_HOLD)
    return None if is_one_of(by, MANAGING) else Forbidden("Only admin and manager release holds.")


def why_not_unship(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to all but managers; IllegalTransition unless it is shipped; Conflict as bad debt."""
    if not is_one_of(by, MANAGING):
        return Forbidden("Only admin and manager take back that an order was shipped.")
    if order.status != OrderStatus.SHIPPED:
        return IllegalTransition(order.status, OrderStatus.PACKED)
    if order.written_off:
        return Conflict("What is owed was written off as gone: reinstate it first.", code=ErrorCode.CONFLICT)
    return None


def why_not_cancel(order: Order, by: Actor) -> DomainError | None:
    """IllegalTransition once it was shipped, or when it was cancelled before; Forbidden to who gives no money back.

    Reps and the warehouse cancel what nothing has come in for; a rep, only before it is packed.
    """
    if not may_move(order.status, OrderStatus.CANCELLED):
        return IllegalTransition(order.status, OrderStatus.CANCELLED)
    if is_one_of(by, TAKING_MONEY):
        return None
    if has_money_in(order):
        return Forbidden("Your role does not give money back, and some has come in for this order.")
    if by.role == Role.SALES_REP and order.status == OrderStatus.PACKED:
        return Forbidden("The order is packed: ask the warehouse or the office to cancel it.")
    return None


def has_money_in(order: Order) -> bool:
    """Whether cancelling it gives something back, now or when it arrives: money, also set aside, or credit."""
    if order.amount_paid or order.credit_applied or order.payment_status == PaymentStatus.PROCESSING:
        return True
    return Payment.objects.filter(order=order, state=PaymentState.UNAPPLIED).exists()


def why_not_cancel_unexplained(order: Order, by: Actor, reason: str) -> DomainError | None:
    """InvalidInput without a reason where money has come in."""
    if reason.strip() or by == SYSTEM or not has_money_in(order):
        return None
    return reason_missing("Money has come in for this order: say why it is cancelled.")


def why_not_several_unexplained(count: int, reason: str) -> DomainError | None:
    """InvalidInput without a reason for what changes several orders at once."""
    if reason.strip() or count < 2:
        return None
    return reason_missing(f"Say why {count} orders are changed at once.")


def why_not_delete(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to all but managers; Conflict once money or credit came in, or it was shipped."""
    if not is_one_of(by, MANAGING):
        return Forbidden("Only admin and manager delete orders.")
    if order.amount_paid or order.credit_applied or order.shipped_at is not None:
        return Conflict("An order that was paid or shipped cannot be deleted.", code=ErrorCode.ORDER_LOCKED)
    return None


def why_not_readdress(order: Order) -> DomainError | None:
    """Conflict once it has gone, or will not go."""
    if order.status not in _OVER:
        return None
    return Conflict(f"The order is {order.status}; its address stays as it is.", code=ErrorCode.ORDER_LOCKED)


def why_not_edit_items(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to who sells nothing; Conflict once packed.

    Reps edit what is pending and nothing has come in for: the rest moves money.
    """
    if not is_one_of(by, SELLING):
        return Forbidden("Your role does not change what is ordered.")
    if order.status not in _EDITABLE:
        return Conflict(f"The order is {order.status}; what is in it stays.", code=ErrorCode.ORDER_LOCKED)
    if is_one_of(by, TAKING_MONEY):
        return None
    if order.status != OrderStatus.PENDING or has_money_in(order):
        return Forbidden("Once confirmed or paid, an order is changed by the office.")
    return None
