"""How a locked order is saved, so that every change raises its version."""

from lld.core.errors import StaleVersion
from orders.models import Order


def check_version(order: Order, expected: int | None) -> None:
    """StaleVersion unless the caller saw the order as it is now, or did not say what it saw."""
    if expected is not None and expected != order.version:
        raise StaleVersion("order", order.pk, order.version)


def save_order(order: Order, *fields: str) -> None:
    """Write these columns of a locked order, and its version."""
    order.version += 1
    order.save(update_fields=[*fields, "version"])
    order.refresh_from_db(fields=["balance"])


def annotate_order(order: Order, *, staff_notes: str | None, assigned_to: str | None) -> None:
    """Set what is given on a locked order."""
    given = {"staff_notes": staff_notes, "assigned_to": assigned_to}
    changed = [name for name, value in given.items() if value is not None and value != getattr(order, name)]
    for name in changed:
        setattr(order, name, given[name])
    if changed:
        save_order(order, *changed)
