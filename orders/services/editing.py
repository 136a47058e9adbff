"""Staff changes to an order that move neither goods nor money."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from lld.core import audit, idempotency
from lld.core.actors import Actor
from lld.core.errors import raise_if
from lld.core.phones import with_extension
from orders import locks, rules
from orders.enums import OrderStatus
from orders.models import Order
from orders.services import progress, saving


@transaction.atomic
def change_delivery(
    order_id: int, changes: Mapping[str, Any], *, actor: Actor, expected_version: int | None = None
) -> tuple[Order, list[str]]:
    """Change where an order goes: the order, and the columns that differ. Conflict once it has been shipped."""
    order = locks.lock_order(order_id)
    saving.check_version(order, expected_version)
    raise_if(rules.why_not_readdress(order))
    changes = with_extension(changes, "delivery_phone", order.delivery_phone)
    before = {name: getattr(order, name) for name, value in changes.items() if getattr(order, name) != value}
    for name in before:
        setattr(order, name, changes[name])
    if before:
        order.address_version += 1
        saving.save_order(order, *before, "address_version")
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
    saving.annotate_order(order, staff_notes=staff_notes, assigned_to=assigned_to)
    if tracking_number and tracking_number != order.tracking_number:
        order = progress.advance_order(
            order_id, OrderStatus.SHIPPED, actor=actor, tracking_number=tracking_number, only_from=rules.SHIPS_FROM
        )
    idempotency.seal()
    return order


@transaction.atomic
def release_hold(order_id: int, *, actor: Actor, by: User, reason: str, expected_version: int | None = None) -> Order:
    """Let an order on hold go out unpaid, on a manager's word. Conflict when it is not on hold; Forbidden."""
    order = locks.lock_order(order_id)
    saving.check_version(order, expected_version)
    raise_if(rules.why_not_release(order, actor))
    order.terms_hold = False
    order.hold_released_at, order.hold_released_by = timezone.now(), by
    saving.save_order(order, "terms_hold", "hold_released_at", "hold_released_by")
    audit.record(
        "order.release_hold",
        actor=actor,
        target=order,
        before={"hold_reasons": ", ".join(order.hold_reasons)},
        reason=reason,
    )
    return order


@transaction.atomic
def keep_order(order_id: int, *, actor: Actor, reason: str, expected_version: int | None = None) -> Order:
    """Wait for an order's money for as long as it takes. Forbidden; Conflict for one that does not lapse."""
    order = locks.lock_order(order_id)
    saving.check_version(order, expected_version)
    raise_if(rules.why_not_keep(order, actor))
    order.kept_at = timezone.now()
    saving.save_order(order, "kept_at")
    audit.record("order.keep", actor=actor, target=order, reason=reason)
    idempotency.seal()
    return order
