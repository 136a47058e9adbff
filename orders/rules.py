"""What may be done with an order now, by whom, and why not."""

from dataclasses import dataclass
from decimal import Decimal

from accounts.models import User
from lld.core.access import MANAGING, TAKING_MONEY
from orders.enums import PROGRESS, OrderStatus, PaymentStatus, may_move
from orders.models import Order

# What Stripe takes by card, in dollars.
SMALLEST, LARGEST = Decimal("0.50"), Decimal("999999.99")


@dataclass(frozen=True)
class Permission:
    """One thing to do; `reason` says why not."""

    name: str
    allowed: bool
    reason: str | None


def transitions(order: Order) -> list[Permission]:
    """Every status that the order could be moved to."""
    return [_transition(order, target) for target in (*PROGRESS[1:], OrderStatus.CANCELLED)]


def actions(order: Order, user: User) -> list[Permission]:
    """Everything else that the portal offers on an order."""
    managing = user.role in MANAGING
    gone = order.status in {OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED}
    takes_money = order.balance > 0 and order.status != OrderStatus.CANCELLED
    under_way = order.payment_status == PaymentStatus.PROCESSING
    return [
        _permission("edit_address", None if not gone else f"The order is {order.status}."),
        _permission("mark_paid", _why_no_money(takes_money, under_way, may=user.role in TAKING_MONEY)),
        _permission("create_payment_link", _why_no_link(order) or _why_no_money(takes_money, under_way, may=True)),
        _permission("release_hold", _why_no_release(order, managing)),
        _permission("delete", _why_no_delete(order, managing)),
    ]


def _permission(name: str, reason: str | None) -> Permission:
    return Permission(name, reason is None, reason)


def _transition(order: Order, target: OrderStatus) -> Permission:
    if not may_move(order.status, target):
        return Permission(target, False, f"The order is {order.status}.")
    if order.terms_hold and target != OrderStatus.CANCELLED:
        return Permission(target, False, "The order is on hold.")
    return Permission(target, True, None)


def _why_no_money(takes_money: bool, under_way: bool, *, may: bool) -> str | None:
    if not may:
        return "Your role does not take money."
    if under_way:
        return "A payment is under way."
    return None if takes_money else "Nothing is owed."


def _why_no_link(order: Order) -> str | None:
    return f"Cards take no less than {SMALLEST}." if 0 < order.balance < SMALLEST else None


def _why_no_release(order: Order, managing: bool) -> str | None:
    if not order.terms_hold:
        return "The order is not on hold."
    return None if managing else "Only admin and manager release holds."


def _why_no_delete(order: Order, managing: bool) -> str | None:
    if not managing:
        return "Only admin and manager delete orders."
    if order.amount_paid or order.shipped_at:
        return "The order was paid or shipped."
    return None
