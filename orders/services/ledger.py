"""The money of one order: entries are only ever added; what follows from them is derived here, by nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple
from uuid import uuid4

from django.db.models import Case, Q, When
from django.db.models.functions import Now
from django.utils import timezone

from lld.core import events
from lld.core.actors import Actor
from lld.core.money import ZERO
from orders import rules
from orders.enums import (
    CANCELLABLE,
    CheckState,
    EntryKind,
    HoldReason,
    LinkState,
    OrderStatus,
    PaymentMethod,
    PaymentState,
    PaymentStatus,
    RefundState,
)
from orders.events import DemandsChanged, OrderPaid
from orders.models import Check, LedgerEntry, Order, Payment, PaymentLink, Refund
from orders.services import saving

# Which column of an order sums which entries, and with which sign.
_SUMS: dict[str, tuple[int, frozenset[EntryKind]]] = {
    "total_amount": (1, frozenset({EntryKind.CHARGE, EntryKind.EDIT, EntryKind.ADJUSTMENT})),
    "adjustment_amount": (1, frozenset({EntryKind.ADJUSTMENT})),
    "credit_applied": (-1, frozenset({EntryKind.CREDIT})),
    "amount_paid": (-1, frozenset({EntryKind.PAYMENT})),
    "amount_refunded": (1, frozenset({EntryKind.REFUND})),
    "charged_back": (1, frozenset({EntryKind.CHARGEBACK})),
    "written_off": (-1, frozenset({EntryKind.WRITE_OFF})),
}
# Who requested a refund that was made in Stripe's dashboard.
AT_STRIPE = "stripe"
# Refunds that were requested, and are not in an order's books yet.
UNDER_WAY = (RefundState.REQUESTED, RefundState.PENDING, RefundState.MANUAL, RefundState.FAILED)
_DERIVED = ("going_back", "payment_status", "payment_method", "paid_at", "terms_hold", "hold_reasons")
_ASKING = (PaymentState.CREATING, PaymentState.OPEN)
_STANDING = (LinkState.CREATING, LinkState.ACTIVE)


@dataclass(frozen=True)
class Entry:
    """What is to be posted. `amount` is what it adds to the balance; `key` what it is for, once."""

    kind: EntryKind
    amount: Decimal
    key: str
    payment: Payment | None = None
    refund: Refund | None = None
    note: str = ""


def post_entries(
    order: Order,
    entries: Sequence[Entry],
    *,
    actor: Actor,
    at: datetime | None = None,
    also: Sequence[str] = (),
    surplus_goes_back: bool = False,
) -> bool:
    """Add entries to a locked order, and derive what follows: whether it owes nothing from now on.

    An entry whose key is there already is not posted again. `at` back-dates them; `also` names columns that were set
    with them, to be written at once. `surplus_goes_back`: what is not owed any more is about to be refunded.
    """
    now = at or timezone.now()
    rows = [
        LedgerEntry(
            order=order,
            kind=entry.kind,
            amount=entry.amount,
            key=entry.key,
            payment=entry.payment,
            refund=entry.refund,
            note=entry.note,
            actor=str(actor),
            happened_at=now,
        )
        for entry in entries
    ]
    LedgerEntry.objects.bulk_create(rows, ignore_conflicts=True)
    settled = derive_money(order, also=also)
    if order.balance < 0 and order.written_off and not surplus_goes_back:
        # What was given up has come after all: it is not owed back.
        back = min(order.written_off, -order.balance)
        note = "Came after all"
        entry = Entry(EntryKind.WRITE_OFF, back, key=f"written-off-came:{uuid4().hex}", note=note)
        return post_entries(order, [entry], actor=actor, at=at)
    return settled


def open_ledger(order: Order, *, actor: Actor) -> None:
    """Charge a new order. Nothing can have been paid yet, so that nothing follows but for one that costs nothing."""
    LedgerEntry.objects.create(
        order=order,
        kind=EntryKind.CHARGE,
        amount=order.total_amount,
        key=f"charge:{order.pk}",
        actor=str(actor),
        happened_at=order.created_at,
    )
    if not order.total_amount:
        derive_money(order)


def derive_money(order: Order, *, also: Sequence[str] = ()) -> bool:
    """Bring a locked order's columns to what its ledger and its payments say: whether it owes nothing from now on.

    Nothing else writes `payment_status`, `paid_at` or a sum. What was asked for an older balance is taken down.
    """
    before = {name: getattr(order, name) for name in (*_SUMS, *_DERIVED)}
    entries = _read_entries(order)
    for name, (sign, kinds) in _SUMS.items():
        setattr(order, name, sign * sum((entry.amount for entry in entries if entry.kind in kinds), ZERO))
    order.going_back = _sum_going_back(order)
    balance = order.compute_balance()
    is_paid = balance <= 0 and order.status != OrderStatus.CANCELLED and not order.written_off
    settled = is_paid and order.paid_at is None
    if settled:
        _settle(order, entries[0])
    elif not is_paid and order.status != OrderStatus.CANCELLED:
        order.paid_at = None
    order.payment_status = _derive_status(order, balance)
    _derive_hold(order, balance)
    changed = [name for name, value in before.items() if getattr(order, name) != value]
    if changed or also or rules.has_void_notice(order):
        saving.save_order(order, *{*changed, *also})
    _take_down_demands(order, balance)
    return settled


class _Posted(NamedTuple):
    """What an order's columns are derived from. `method`: how its payment was made, if it is one."""

    pk: int
    kind: str
    amount: Decimal
    happened_at: datetime
    method: str | None


def _read_entries(order: Order) -> list[_Posted]:
    """All of an order's, the last one first. They are few: to sum them in SQL takes Django longer to write."""
    entries = LedgerEntry.objects.filter(order=order).order_by("-pk")
    rows = entries.values_list("pk", "kind", "amount", "happened_at", "payment__method")
    return [_Posted(*row) for row in rows]


def _sum_going_back(order: Order) -> Decimal:
    """Refunds of what was paid that have not arrived in the books. A cancelled order owes them, and nothing else.

    Nobody here has promised one from the dashboard: once its bank has refused it, it is money that we have.
    """
    if not order.amount_paid or order.status == OrderStatus.CANCELLED:
        return ZERO
    refunds = Refund.objects.filter(order=order, payment__state=PaymentState.SUCCEEDED, state__in=UNDER_WAY)
    refunds = refunds.exclude(state=RefundState.FAILED, requested_by=AT_STRIPE)
    return sum(refunds.values_list("amount", flat=True), ZERO)


def _settle(order: Order, last: _Posted) -> None:
    """A part payment leaves an order on its terms; the one that settles it says how it was paid."""
    order.paid_at = last.happened_at
    if last.method is not None:
        order.payment_method = last.method
    elif last.kind == EntryKind.CREDIT:
        order.payment_method = PaymentMethod.STORE_CREDIT
    events.publish(OrderPaid(order.pk, order.number, entry_id=last.pk))


def _derive_hold(order: Order, balance: Decimal) -> None:
    """What was paid, and has left again unasked, keeps an order here until a manager has released it since."""
    other = [reason for reason in order.hold_reasons if reason != HoldReason.MONEY_LEFT]
    if order.status not in CANCELLABLE:
        order.terms_hold = False
    elif balance <= 0:
        order.terms_hold, order.hold_reasons = False, other
    elif (order.amount_refunded or order.charged_back) and _money_left_unasked(order):
        order.terms_hold, order.hold_reasons = True, [*other, str(HoldReason.MONEY_LEFT)]
    elif other and order.status == OrderStatus.PENDING and order.payment_method == PaymentMethod.NET30:
        # Owed on terms that are not met, also when it owed nothing for a while.
        order.terms_hold = order.hold_released_at is None


def _money_left_unasked(order: Order) -> bool:
    """Whether a bank or somebody at Stripe took money out since a manager last released the order."""
    unasked = Q(kind=EntryKind.REFUND, refund__requested_by=AT_STRIPE)
    if order.charged_back:
        unasked |= Q(kind=EntryKind.CHARGEBACK)
    entries = LedgerEntry.objects.filter(unasked, order=order, amount__gt=0)
    if order.hold_released_at is not None:
        entries = entries.filter(created_at__gt=order.hold_released_at)
    return entries.exists()


def _derive_status(order: Order, balance: Decimal) -> PaymentStatus:
    kept = order.amount_paid - order.amount_refunded - order.charged_back
    if balance > 0:
        attempt = _latest_attempt(order)
        if attempt == PaymentStatus.PROCESSING:
            return attempt
    else:
        attempt = None
    if order.charged_back and balance > 0:
        return attempt or PaymentStatus.UNPAID
    if order.amount_refunded:
        in_part = order.amount_refunded < order.amount_paid
        return PaymentStatus.PARTIALLY_REFUNDED if in_part else PaymentStatus.REFUNDED
    if attempt is not None:
        return attempt
    if order.status == OrderStatus.CANCELLED:
        return PaymentStatus.PAID if kept > 0 else PaymentStatus.UNPAID
    return PaymentStatus.PAID if balance <= 0 and not order.written_off else PaymentStatus.UNPAID


def _latest_attempt(order: Order) -> PaymentStatus | None:
    """What the attempts to pay come to: money under way hides a declined card, not the other way round."""
    attempts = list(Payment.objects.filter(order=order).order_by("pk").values_list("state", "failure"))
    if any(state == PaymentState.PROCESSING for state, _ in attempts):
        return PaymentStatus.PROCESSING
    tried = [
        state == PaymentState.FAILED or (bool(failure) and state != PaymentState.SUCCEEDED)
        for state, failure in attempts
        if state not in {PaymentState.UNAPPLIED, PaymentState.CANCELLED}
    ]
    if Check.objects.filter(order=order, state=CheckState.REVIEW).exists():
        return PaymentStatus.CHECK_REVIEW
    return PaymentStatus.FAILED if tried and tried[-1] else None


def _take_down_demands(order: Order, balance: Decimal) -> None:
    """End what asks for another sum than is owed now. Who takes it down at Stripe is told after commit."""
    intents = Payment.objects.filter(order=order, state__in=_ASKING).exclude(amount=balance)
    # One whose answer is still to come is taken down by whoever waits for it.
    next_check = Case(When(intent_id=None, then=None), default=Now())
    ended = intents.update(state=PaymentState.CANCELLED, next_check_at=next_check)
    links = PaymentLink.objects.filter(order=order, state__in=_STANDING, expires_at__gt=timezone.now())
    ended += links.exclude(amount=balance).update(expires_at=timezone.now())
    if ended:
        events.publish(DemandsChanged(order.pk, order.number, version=order.version))
