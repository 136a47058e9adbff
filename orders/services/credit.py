"""Store credit: a balance and the ledger that explains it."""

from decimal import Decimal

from lld.core.actors import Actor
from lld.core.errors import Conflict
from orders import locks
from orders.enums import CreditReason
from orders.models import CreditEntry, Order


def post_credit(
    *,
    customer_id: int,
    amount: Decimal,
    reason: CreditReason,
    actor: Actor,
    key: str,
    order: Order | None = None,
    note: str = "",
) -> CreditEntry:
    """Change a balance in the caller's transaction; the same `key` changes it once.

    Conflict when more would be taken than there is.
    """
    account = locks.lock_credit(customer_id)
    existing = CreditEntry.objects.filter(key=key).first()
    if existing is not None:
        return existing
    if account.balance + amount < 0:
        raise Conflict(f"The store credit is {account.balance} and cannot give {-amount}.")
    account.balance += amount
    account.save(update_fields=["balance"])
    return CreditEntry.objects.create(
        account=account,
        order=order,
        amount=amount,
        balance_after=account.balance,
        reason=reason,
        note=note,
        actor=str(actor),
        key=key,
    )
