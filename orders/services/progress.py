"""An order's way from pending to delivered, or to cancelled, with what each step does to the stock."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from catalog.services import stock
from lld.core import audit, events, idempotency
from lld.core.actors import Actor
from lld.core.clock import business_zone
from lld.core.errors import raise_if
from orders import locks, rules
from orders.enums import PROGRESS, CheckState, OrderStatus
from orders.events import OrderAdvanced, OrderCancelled
from orders.models import Check, Order, OrderLine
from orders.services import credit, ledger, notifications, refunds, saving, stats, terms

_STAMPS = {
    OrderStatus.CONFIRMED: "confirmed_at",
    OrderStatus.PACKED: "packed_at",
    OrderStatus.SHIPPED: "shipped_at",
    OrderStatus.DELIVERED: "delivered_at",
}


@transaction.atomic
def advance_order(
    order_id: int,
    target: OrderStatus,
    *,
    actor: Actor,
    expected_version: int | None = None,
    tracking_number: str | None = None,
    carrier: str | None = None,
    only_from: frozenset[OrderStatus] = frozenset(PROGRESS),
    picked: bool = False,
    at: datetime | None = None,
    notify: bool = True,
    reason: str = "",
) -> Order:
    """Move an order forward, skipping allowed; leaving pending takes the stock.

    IllegalTransition backwards, to where it is, or from a status outside `only_from`; OnHold while terms are
    not met, PaymentRequired while it is owed otherwise; OutOfStock when less is there than was promised. `at`
    back-dates the stamps.
    """
    order = locks.lock_order(order_id)
    saving.check_version(order, expected_version)
    raise_if(rules.why_not_advance(order, target, actor, only_from=only_from))
    before = order.status
    now = at or timezone.now()
    if before == OrderStatus.PENDING:
        _take_stock(order, actor)
    fields = ["status", *_stamp(order, before, target, now)]
    if picked:
        order.picked_at = now
        fields.append("picked_at")
    if tracking_number is not None:
        order.tracking_number = tracking_number
        fields.append("tracking_number")
    if carrier is not None:
        order.carrier = carrier
        fields.append("carrier")
    if "shipped_at" in fields:
        order.due_on = terms.compute_due_date(now.astimezone(business_zone()).date(), order.customer)
        fields.append("due_on")
    order.status = target
    saving.save_order(order, *fields)
    audit.record(
        "order.status",
        actor=actor,
        target=order,
        before={"status": before},
        after={"status": target},
        reason=reason,
    )
    if notify and target == OrderStatus.SHIPPED:
        notifications.notify_order_shipped(order)
    events.publish(OrderAdvanced(order.pk, order.number, status=str(target), version=order.version))
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
    return advance_order(
        order_id,
        OrderStatus.SHIPPED,
        actor=actor,
        tracking_number=tracking_number or None,
        carrier=carrier or None,
        only_from=rules.SHIPS_FROM,
        expected_version=expected_version,
    )


def deliver_order(order_id: int, *, actor: Actor, expected_version: int | None = None) -> Order:
    """The parcel has arrived: from shipped only."""
    return advance_order(
        order_id,
        OrderStatus.DELIVERED,
        actor=actor,
        only_from=rules.DELIVERS_FROM,
        expected_version=expected_version,
    )


@transaction.atomic
def unship_order(order_id: int, *, actor: Actor, reason: str, expected_version: int | None = None) -> Order:
    """Back to packed, when it was shipped by mistake; its customer, who was told, is told. Label and stock stay."""
    order = locks.lock_order(order_id)
    saving.check_version(order, expected_version)
    raise_if(rules.why_not_unship(order, actor))
    placed_on = order.created_at.astimezone(business_zone()).date()
    order.status, order.shipped_at = OrderStatus.PACKED, None
    order.due_on = terms.compute_due_date(placed_on, order.customer)
    ledger.derive_money(order, also=("status", "shipped_at", "due_on"))
    audit.record(
        "order.unship",
        actor=actor,
        target=order,
        before={"status": OrderStatus.SHIPPED},
        after={"status": order.status},
        reason=reason,
    )
    notifications.notify_not_shipped(order)
    idempotency.seal()
    return order


@transaction.atomic
def change_status(
    order_id: int,
    target: OrderStatus,
    *,
    actor: Actor,
    staff_notes: str | None = None,
    assigned_to: str | None = None,
    reason: str = "",
    expected_version: int | None = None,
) -> Order:
    """Any move that the status machine knows, with notes that are kept only if it is made."""
    if target == OrderStatus.CANCELLED:
        order = cancel_order(order_id, actor=actor, reason=reason, expected_version=expected_version)
    else:
        order = advance_order(order_id, target, actor=actor, reason=reason, expected_version=expected_version)
    saving.annotate_order(order, staff_notes=staff_notes, assigned_to=assigned_to)
    return order


@transaction.atomic
def cancel_order(
    order_id: int,
    *,
    actor: Actor,
    reason: str = "",
    expected_version: int | None = None,
    delete: bool = False,
    notify: bool = True,
) -> Order:
    """Cancel: stock goes back, what was paid is due back, the order stops counting.

    The refunds exist as rows when this commits; `refund_delivery.carry_out_refund` sends them. IllegalTransition once
    shipped or when cancelled before; Forbidden; InvalidInput without a reason where money has come in.
    """
    order = locks.lock_order(order_id)
    saving.check_version(order, expected_version)
    raise_if(rules.why_not_cancel(order, actor))
    raise_if(rules.why_not_cancel_unexplained(order, actor, reason))
    before = order.status
    give_back_stock(order, actor)
    order.status = OrderStatus.CANCELLED
    order.cancelled_at = timezone.now()
    order.terms_hold = False
    if delete:
        order.deleted_at = order.cancelled_at
    saving.save_order(order, "status", "cancelled_at", "terms_hold", "deleted_at")
    Check.objects.filter(order=order, state=CheckState.REVIEW).update(
        state=CheckState.REJECTED, reason="Order cancelled", decided_by=str(actor), decided_at=order.cancelled_at
    )
    from_credit = order.credit_applied
    credit.give_back_credit(order, from_credit, key=f"cancelled:{order.pk}", actor=actor)
    ledger.derive_money(order)
    owed_back = refunds.request_refunds(order, reason=reason or "Order cancelled")
    stats.recount_customer(order.customer_id)
    audit.record(
        "order.delete" if delete else "order.cancel",
        actor=actor,
        target=order,
        before={"status": before},
        after={"status": order.status},
        reason=reason,
    )
    if notify and not delete:
        notifications.notify_order_cancelled(order, owed_back, credit=from_credit)
    events.publish(OrderCancelled(order.pk, order.number))
    idempotency.seal()
    return order


def delete_order(order_id: int, *, actor: Actor, reason: str = "", expected_version: int | None = None) -> None:
    """Hide an order that came to nothing. Conflict once money came in or it was shipped.

    InvalidInput without a reason where money is set aside for it, or under way.
    """
    with transaction.atomic():
        order = locks.lock_order(order_id)
        raise_if(rules.why_not_delete(order, actor))
        if order.status == OrderStatus.CANCELLED:
            saving.check_version(order, expected_version)
            order.deleted_at = timezone.now()
            saving.save_order(order, "deleted_at")
            audit.record("order.delete", actor=actor, target=order, reason=reason)
        else:
            cancel_order(order_id, actor=actor, reason=reason, expected_version=expected_version, delete=True)


def _stamp(order: Order, before: str, target: OrderStatus, now: datetime) -> list[str]:
    """Stamp every step that was made or skipped, so that no later step is without an earlier one."""
    passed = PROGRESS[PROGRESS.index(OrderStatus(before)) + 1 : PROGRESS.index(target) + 1]
    for step in passed:
        setattr(order, _STAMPS[step], now)
    return [_STAMPS[step] for step in passed]


def _take_stock(order: Order, actor: Actor) -> None:
    lines = list(OrderLine.objects.filter(order=order))
    taken = stock.deduct(
        stock.hold_products(line.product_id for line in lines),
        {line.product_id: line.quantity for line in lines},
        {line.product_id: line.stock_reserved for line in lines},
        actor=actor,
        reference=order.number,
    )
    for line in lines:
        line.stock_reserved, line.stock_taken = 0, taken[line.product_id]
    OrderLine.objects.bulk_update(lines, ["stock_reserved", "stock_taken"])


def give_back_stock(order: Order, actor: Actor) -> None:
    """Return what the order's lines hold, promised or taken; they hold nothing afterwards, so once."""
    lines = list(OrderLine.objects.filter(order=order))
    held = stock.hold_products(line.product_id for line in lines if line.stock_reserved or line.stock_taken)
    reserved = {line.product_id: line.stock_reserved for line in lines}
    taken = {line.product_id: line.stock_taken for line in lines}
    stock.release(held, reserved, actor=actor, reference=order.number)
    stock.restore(held, taken, actor=actor, reference=order.number)
    OrderLine.objects.filter(order=order).update(stock_reserved=0, stock_taken=0)
