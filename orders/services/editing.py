"""Staff changes to an order that move neither goods nor money."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from accounts.models import User
from lld.core import audit, idempotency
from lld.core.actors import Actor
from lld.core.errors import Conflict, ErrorCode
from orders import locks
from orders.enums import OrderStatus
from orders.models import Order
from orders.services import progress, saving

_SHIPS_FROM = frozenset({OrderStatus.CONFIRMED, OrderStatus.PACKED})


@transaction.atomic
def change_delivery(
    order_id: int, changes: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None
) -> tuple[Order, list[str]]:
    """Change where an order goes: the order, and the columns that differ. Conflict once it has been shipped."""
    order = locks.lock_order(order_id)
    saving.check_version(order, expected_version)
    if order.status in {OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED}:
        raise Conflict(f"The order is {order.status}; its address stays as it is.", code=ErrorCode.ORDER_LOCKED)
    before = {name: getattr(order, name) for name, value in changes.items() if getattr(order, name) != value}
    for name in before:
        setattr(order, name, changes[name])
    if before:
        saving.save(order, *before)
        after = {name: changes[name] for name in before}
        audit.record("order.address", actor=actor, target=order, before=before, after=after)
    return order, sorted(before)


@transaction.atomic
def change_notes(
    order_id: int,
    *,
    actor: Actor,
    staff_notes: str | None = None,
    assigned_to: str | None = None,
    tracking_number: str | None = None,
    expected_version: int | None = None,
) -> Order:
    """Notes and assignment; a new tracking number ships the order, or nothing of this happens."""
    order = locks.lock_order(order_id)
    saving.check_version(order, expected_version)
    saving.annotate(order, staff_notes=staff_notes, assigned_to=assigned_to)
    if tracking_number and tracking_number != order.tracking_number:
        order = progress.advance_order(
            order_id, OrderStatus.SHIPPED, actor=actor, tracking_number=tracking_number, only_from=_SHIPS_FROM
        )
    idempotency.seal()
    return order


def ship_order(
    order_id: int,
    *,
    actor: Actor,
    tracking_number: str | None = None,
    carrier: str | None = None,
    expected_version: int | None = None,
) -> Order:
    """What the warehouse does at the end: from confirmed or packed only. What is left blank stays as it is."""
    return progress.advance_order(
        order_id,
        OrderStatus.SHIPPED,
        actor=actor,
        tracking_number=tracking_number or None,
        carrier=carrier or None,
        only_from=_SHIPS_FROM,
        expected_version=expected_version,
    )


@transaction.atomic
def release_hold(order_id: int, *, actor: Actor, by: User, reason: str, expected_version: int | None = None) -> Order:
    """Let an order on hold go out unpaid, on a manager's word. Conflict when it is not on hold."""
    order = locks.lock_order(order_id)
    saving.check_version(order, expected_version)
    if not order.terms_hold:
        raise Conflict("The order is not on hold.", code=ErrorCode.NOT_ON_HOLD)
    order.terms_hold = False
    order.hold_released_by = by
    saving.save(order, "terms_hold", "hold_released_by")
    audit.record(
        "order.release_hold",
        actor=actor,
        target=order,
        before={"hold_reasons": ", ".join(order.hold_reasons)},
        reason=reason,
    )
    return order
