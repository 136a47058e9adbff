"""Store credit: a balance and the ledger that explains it, spent on orders and given by staff."""

from decimal import Decimal
from uuid import uuid4

from django.db import transaction

from accounts.models import User
from lld.core import audit, idempotency
from lld.core.actors import Actor
from lld.core.errors import Conflict, InvalidInput, raise_if
from lld.core.money import MOST, ZERO
from orders import locks, rules
from orders.enums import CreditReason, EntryKind
from orders.models import CreditEntry, Order, Payment
from orders.services import ledger, saving
from orders.services.ledger import Entry


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
    if account.balance + amount > MOST:
        raise Conflict(f"An account of store credit holds no more than {MOST}.")
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


@transaction.atomic
def apply_credit(
    order_id: int, amount: Decimal, *, actor: Actor, expected_version: int | None = None
) -> tuple[Order, CreditEntry]:
    """Pay an order's balance, or a part of it, from its customer's store credit.

    Forbidden; Conflict for a guest, when nothing is owed, or when there is less credit; InvalidInput for more than
    is owed.
    """
    order = locks.lock_order(order_id)
    saving.check_version(order, expected_version)
    raise_if(rules.why_not_apply_credit(order, actor))
    if not 0 < amount <= order.balance:
        sentence = f"Enter an amount up to the balance of {order.balance}."
        raise InvalidInput(sentence, fields={"amount": [sentence]}, extra={"balance": order.balance})
    key = f"applied:{uuid4().hex}"
    entry = post_credit(
        customer_id=order.customer_id or 0,
        amount=-amount,
        reason=CreditReason.APPLIED,
        actor=actor,
        key=key,
        order=order,
    )
    ledger.post_entries(order, [Entry(EntryKind.CREDIT, -amount, key=key)], actor=actor)
    audit.record("order.apply_credit", actor=actor, target=order, after={"amount": amount})
    idempotency.seal()
    return order, entry


def give_back_credit(order: Order, amount: Decimal, *, key: str, actor: Actor) -> None:
    """Return what an order took from store credit, in the transaction that holds its lock."""
    if order.customer_id is None or not amount:
        return
    post_credit(
        customer_id=order.customer_id, amount=amount, reason=CreditReason.REFUND, actor=actor, key=key, order=order
    )
    ledger.post_entries(order, [Entry(EntryKind.CREDIT, amount, key=f"credit-{key}")], actor=actor)


def take_back_surplus(payment: Payment, *, actor: Actor, why: str) -> Decimal:
    """Take off what of a locked payment that came to nothing had become credit: how much of that is spent already."""
    surplus = CreditEntry.objects.filter(key=overpayment_key(payment)).select_related("account").first()
    if surplus is None:
        return ZERO
    customer_id = surplus.account.customer_id
    there: Decimal = min(surplus.amount, locks.lock_credit(customer_id).balance)
    if there:
        post_credit(
            customer_id=customer_id,
            amount=-there,
            reason=CreditReason.DEDUCTED,
            actor=actor,
            key=f"{overpayment_key(payment)}:back",
            order=payment.order,
            note=why,
        )
    spent: Decimal = surplus.amount - there
    return spent


def overpayment_key(payment: Payment) -> str:
    return f"overpayment:{payment.pk}"


@transaction.atomic
def issue_credit(customer: User, amount: Decimal, *, actor: Actor, note: str = "") -> CreditEntry:
    """Give store credit, or take some off with an amount below zero. Conflict for more than there is."""
    if not amount:
        sentence = "Enter an amount other than 0."
        raise InvalidInput(sentence, fields={"amount": [sentence]})
    entry = post_credit(
        customer_id=customer.pk,
        amount=amount,
        reason=CreditReason.ISSUED if amount > 0 else CreditReason.DEDUCTED,
        actor=actor,
        key=f"issued:{uuid4().hex}",
        note=note,
    )
    audit.record("credit.issue", actor=actor, target=customer, after={"amount": amount}, reason=note)
    idempotency.seal()
    return entry
