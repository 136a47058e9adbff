"""Bad debt: giving up what is owed for goods that have gone, and taking that back when the money comes after all."""

from decimal import Decimal
from uuid import uuid4

from django.db import transaction

from lld.core import audit, idempotency
from lld.core.actors import Actor
from lld.core.errors import InvalidInput, raise_if
from orders import locks, rules
from orders.enums import EntryKind
from orders.models import Order
from orders.services import ledger, saving
from orders.services.ledger import Entry


@transaction.atomic
def write_off_order(
    order_id: int, *, actor: Actor, reason: str, amount: Decimal | None = None, expected_version: int | None = None
) -> Order:
    """Give up `amount` of what is owed, or all of it. The order costs the same, and is not paid.

    Forbidden; Conflict for what has not gone out, and when nothing is owed; InvalidInput for more than is owed.
    """
    order = locks.lock_order(order_id)
    saving.check_version(order, expected_version)
    raise_if(rules.why_not_write_off(order, actor))
    amount = order.balance if amount is None else amount
    if not 0 < amount <= order.balance:
        sentence = f"Enter an amount up to the balance of {order.balance}."
        raise InvalidInput(sentence, fields={"amount": [sentence]}, extra={"balance": order.balance})
    _post(order, -amount, "order.write_off", actor=actor, reason=reason)
    return order


@transaction.atomic
def reinstate_order(order_id: int, *, actor: Actor, reason: str, expected_version: int | None = None) -> Order:
    """Owe again all that was written off. Forbidden; Conflict when nothing was."""
    order = locks.lock_order(order_id)
    saving.check_version(order, expected_version)
    raise_if(rules.why_not_reinstate(order, actor))
    _post(order, order.written_off, "order.reinstate", actor=actor, reason=reason)
    return order


def _post(order: Order, amount: Decimal, action: str, *, actor: Actor, reason: str) -> None:
    entry = Entry(EntryKind.WRITE_OFF, amount, key=f"write-off:{uuid4().hex}", note=reason)
    ledger.post_entries(order, [entry], actor=actor)
    audit.record(action, actor=actor, target=order, after={"amount": amount}, reason=reason)
    idempotency.seal()
