"""How a locked order is saved, so that every change raises its version."""

from lld.core.errors import StaleVersion
from orders import rules
from orders.models import Order


def check_version(order: Order, expected: int | None) -> None:
    """StaleVersion unless the caller saw the order as it is now, or did not say what it saw."""
    if expected is not None and expected != order.version:
        raise StaleVersion("order", order.pk, order.version)


def save_order(order: Order, *fields: str) -> None:
    """Write these columns of a locked order, and its version; and take back what its change makes void."""
    order.version += 1
    order.save(update_fields=[*fields, *_take_back(order), "version"])
    order.balance = order.compute_balance()


def _take_back(order: Order) -> list[str]:
    """Columns of what holds only for an order that may lapse: who the guest is, and that the last day has begun."""
    void = []
    if order.guest_marks is not None and not rules.is_unanswered(order):
        order.guest_marks = None
        void.append("guest_marks")
    if rules.has_void_notice(order):
        order.lapse_notice_at = None
        void.append("lapse_notice_at")
    return void


def annotate_order(order: Order, *, staff_notes: str | None, assigned_to: str | None) -> None:
    """Set what is given on a locked order."""
    given = {"staff_notes": staff_notes, "assigned_to": assigned_to}
    changed = [name for name, value in given.items() if value is not None and value != getattr(order, name)]
    for name in changed:
        setattr(order, name, given[name])
    if changed:
        save_order(order, *changed)
