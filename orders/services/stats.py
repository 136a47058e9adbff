"""Per-customer statistics, kept in the transaction of every change to an order that counts."""

from django.db.models import Count, Max, Min, Sum

from lld.core.money import ZERO
from orders import locks
from orders.models import Order

_FIGURES = ("order_count", "total_spent", "first_order_at", "last_order_at", "last_order_amount")


def count_placement(order: Order) -> None:
    """Add a new order. Nothing for guests."""
    if order.customer_id is None:
        return
    stats = locks.lock_stats(order.customer_id)
    stats.order_count += 1
    stats.total_spent += order.total_amount
    if stats.first_order_at is None or order.created_at < stats.first_order_at:
        stats.first_order_at = order.created_at
    if stats.last_order_at is None or order.created_at >= stats.last_order_at:
        stats.last_order_at = order.created_at
        stats.last_order_amount = order.total_amount
    stats.save(update_fields=_FIGURES)


def recount_customer(customer_id: int | None) -> None:
    """Compute a customer's figures anew, after an order stopped counting or changed hands."""
    if customer_id is None:
        return
    # The lock comes first: whoever changes figures at the same time is either seen by the sums or waits for them.
    stats = locks.lock_stats(customer_id)
    for name, value in compute_stats(customer_id).items():
        setattr(stats, name, value)
    stats.save(update_fields=_FIGURES)


def compute_stats(customer_id: int) -> dict[str, object]:
    """The figures as the orders say them: what a row of CustomerStats must equal."""
    counted = Order.objects.counted().filter(customer_id=customer_id)
    sums = counted.aggregate(
        order_count=Count("pk"),
        total_spent=Sum("total_amount"),
        first_order_at=Min("created_at"),
        last_order_at=Max("created_at"),
    )
    newest = counted.order_by("-created_at", "-pk").values_list("total_amount", flat=True).first()
    return {**sums, "total_spent": sums["total_spent"] or ZERO, "last_order_amount": newest}
