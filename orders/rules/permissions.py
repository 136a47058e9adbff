"""The rules as lists: everything that may be done, and what speaks against it now."""

from dataclasses import dataclass

from lld.core.actors import Actor
from lld.core.errors import DomainError
from orders.enums import PROGRESS, AttentionKind, OrderStatus
from orders.models import AttentionEntry, Order, Payment, Refund
from orders.rules.lapsing import why_not_keep
from orders.rules.money import (
    why_not_adjust,
    why_not_apply_credit,
    why_not_ask_for_payment,
    why_not_record_payment,
    why_not_refund,
    why_not_reinstate,
    why_not_write_off,
)
from orders.rules.movements import (
    why_not_apply_payment,
    why_not_bounce,
    why_not_hand_out,
    why_not_resolve,
    why_not_retry_refund,
    why_not_void,
    why_not_withdraw,
)
from orders.rules.progress import (
    why_not_advance,
    why_not_cancel,
    why_not_delete,
    why_not_edit_items,
    why_not_readdress,
    why_not_release,
    why_not_unship,
)


@dataclass(frozen=True)
class Permission:
    """One thing to do, whether it may be done, and a sentence that says why not."""

    name: str
    allowed: bool
    reason: str | None


def _permission(name: str, why_not: DomainError | None) -> Permission:
    return Permission(name, why_not is None, why_not.sentence if why_not else None)


def transitions(order: Order, by: Actor) -> list[Permission]:
    """Every status that an order can be moved to, and what speaks against it now."""
    moves = [_permission(target, why_not_advance(order, target, by)) for target in PROGRESS[1:]]
    return [*moves, _permission(OrderStatus.CANCELLED, why_not_cancel(order, by))]


def actions(order: Order, by: Actor) -> list[Permission]:
    """Everything else that staff do with an order, and what speaks against it now."""
    return [
        _permission("edit_address", why_not_readdress(order)),
        _permission("edit_items", why_not_edit_items(order, by)),
        _permission("mark_paid", why_not_record_payment(order, by)),
        _permission("create_payment_link", why_not_ask_for_payment(order, by)),
        _permission("refund", why_not_refund(order, by)),
        _permission("adjust", why_not_adjust(order, by)),
        _permission("apply_credit", why_not_apply_credit(order, by)),
        _permission("unship", why_not_unship(order, by)),
        _permission("write_off", why_not_write_off(order, by)),
        _permission("reinstate", why_not_reinstate(order, by)),
        _permission("release_hold", why_not_release(order, by)),
        _permission("keep", why_not_keep(order, by)),
        _permission("delete", why_not_delete(order, by)),
    ]


def ways_of_payment(payment: Payment, by: Actor) -> list[Permission]:
    """What staff do about a payment, and what speaks against it now."""
    why_not = why_not_apply_payment(payment, by)
    return [
        _permission("apply_payment", why_not),
        _permission("return_payment", why_not),
        _permission("bounce_payment", why_not_bounce(payment, by)),
        _permission("void_payment", why_not_void(payment, by)),
    ]


def ways_of_refund(refund: Refund, by: Actor) -> list[Permission]:
    """What staff do about a refund, and what speaks against it now."""
    return [
        _permission("retry_refund", why_not_retry_refund(refund, by)),
        _permission("hand_out_refund", why_not_hand_out(refund, by)),
        _permission("withdraw_refund", why_not_withdraw(refund, by)),
    ]


def ways_out(entry: AttentionEntry, by: Actor) -> list[Permission]:
    """What can be done about a matter, and what speaks against it now."""
    ways: list[Permission] = []
    if entry.kind == AttentionKind.OVERPAID and entry.order is not None:
        ways.append(_permission("refund", why_not_refund(entry.order, by)))
    if entry.payment is not None:
        ways += ways_of_payment(entry.payment, by)
    if entry.refund is not None:
        ways += ways_of_refund(entry.refund, by)
    return [*ways, _permission("resolve", why_not_resolve(entry))]
