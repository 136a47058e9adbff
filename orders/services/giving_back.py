"""Goodwill: lowering what an order costs after it was placed, and giving back what came in for it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from django.db import transaction
from django.db.models import F, Q, Sum

from catalog.services import stock
from lld.core import audit, idempotency
from lld.core.actors import Actor
from lld.core.errors import InvalidInput, raise_if
from lld.core.money import MOST, ZERO, rounded
from orders import locks, rules
from orders.enums import EntryKind, OrderStatus, PaymentState, RefundDestination
from orders.models import LedgerEntry, Order, OrderLine, Payment, Refund
from orders.services import credit, ledger, refunds, saving, stats, terms
from orders.services.ledger import Entry

# How the keys begin of what is lowered, and given back, on one occasion.
_ADJUSTMENT, _GIVEN_BACK = "adjustment:", "given-back:"


@dataclass(frozen=True)
class Returned:
    """How many of an order's line came back."""

    line_id: int
    quantity: int


@transaction.atomic
def adjust_order(
    order_id: int, amount: Decimal, *, actor: Actor, reason: str, expected_version: int | None = None
) -> Order:
    """Change what a living order costs, below zero for goodwill. What was paid beyond it is then owed back.

    Forbidden, also beyond the role's limit; Conflict once cancelled; InvalidInput for nothing, or for more than it
    costs.
    """
    customer, order = locks.lock_order_and_customer(order_id)
    saving.check_version(order, expected_version)
    raise_if(rules.why_not_adjust(order, actor))
    if not amount or not ZERO <= order.total_amount + amount <= MOST:
        sentence = f"Enter an amount from {-order.total_amount} to {MOST - order.total_amount}, but not 0."
        raise InvalidInput(sentence, fields={"amount": [sentence]})
    if amount < 0:
        lowered = order.discount_amount - order.adjustment_amount - amount
        raise_if(rules.why_not_lower(actor, subtotal=order.subtotal, lowered=lowered))
    terms.reassess_hold(order, order.balance + amount, customer)
    saving.save_order(order, *terms.HELD)
    _post(order, _adjustment(amount, reason=reason, occasion=uuid4().hex), actor)
    audit.record("order.adjust", actor=actor, target=order, after={"amount": amount}, reason=reason)
    idempotency.seal()
    return order


@transaction.atomic
def refund_order(
    order_id: int,
    *,
    actor: Actor,
    reason: str,
    amount: Decimal | None = None,
    lines: Sequence[Returned] = (),
    to: RefundDestination | None = None,
    restock: bool = False,
    expected_version: int | None = None,
) -> tuple[Order, list[Refund]]:
    """Give back a sum, or what lines cost, without owing it again. `refund_delivery.carry_out_refund` sends it.

    Store credit that paid a part goes back last, as store credit. Forbidden; Conflict when nothing is left;
    InvalidInput for more than was paid less what went back, and for store credit of a guest.
    """
    order = locks.lock_order(order_id)
    saving.check_version(order, expected_version)
    raise_if(rules.why_not_refund(order, actor))
    if lines:
        amount = _take_lines_back(order, lines, restock=restock, actor=actor)
    most = _refundable(order)
    if amount is None or not ZERO < amount <= most:
        sentence = f"Enter an amount up to {most}."
        raise InvalidInput(sentence, fields={"amount": [sentence]}, extra={"refundable": most})
    owed_back = max(-order.balance, ZERO)
    occasion = uuid4().hex
    if order.status != OrderStatus.CANCELLED and amount > owed_back:
        lowered = _adjustment(owed_back - amount, reason=reason, occasion=occasion)
        _post(order, lowered, actor, surplus_goes_back=True)
    requested = _spread(order, amount, to=to, reason=reason, actor=actor, occasion=occasion)
    audit.record("order.refund", actor=actor, target=order, after={"amount": amount, "to": to}, reason=reason)
    idempotency.seal()
    order.refresh_from_db()
    ledger.derive_money(order)
    return order, requested


def goodwill_undone(order: Order, refund: Refund) -> list[Entry]:
    """By which a locked order costs again what it was lowered by for a refund that is not to be."""
    occasion = _occasion(refund)
    of_it = Q(key=f"{_ADJUSTMENT}{occasion}") | Q(refund__key__startswith=f"{_GIVEN_BACK}{occasion}:")
    posted = LedgerEntry.objects.filter(of_it, order=order, kind=EntryKind.ADJUSTMENT)
    lowered = -(posted.aggregate(sum=Sum("amount"))["sum"] or ZERO)
    again = min(refund.amount, lowered)
    if not occasion or again <= 0:
        return []
    key = f"undone:{refund.stripe_key}:{refund.round}"
    return [Entry(EntryKind.ADJUSTMENT, again, key=key, refund=refund, note="Its refund was withdrawn")]


def _occasion(refund: Refund) -> str:
    """By which the entry that lowered the order, and its refunds, are known; "" where nothing was lowered for it."""
    kind, _, rest = refund.key.partition(":")
    return rest.partition(":")[0] if f"{kind}:" == _GIVEN_BACK else ""


def _adjustment(amount: Decimal, *, reason: str, occasion: str) -> Entry:
    return Entry(EntryKind.ADJUSTMENT, amount, key=f"{_ADJUSTMENT}{occasion}", note=reason[:500])


def _post(order: Order, entry: Entry, actor: Actor, *, surplus_goes_back: bool = False) -> None:
    ledger.post_entries(order, [entry], actor=actor, surplus_goes_back=surplus_goes_back)
    stats.recount_customer(order.customer_id)


def _refundable(order: Order) -> Decimal:
    """What came in and has not been asked back yet."""
    left: Decimal = sum((payment.left for payment in _payments(order)), ZERO) + order.credit_applied
    return left


def _payments(order: Order) -> list[Payment]:
    """The newest first: an older charge is likelier to be past what its bank takes back."""
    paid = Payment.objects.filter(order=order, state=PaymentState.SUCCEEDED, given_back__lt=F("amount"))
    return list(paid.order_by("-settled_at", "-pk"))


def _spread(
    order: Order, amount: Decimal, *, to: RefundDestination | None, reason: str, actor: Actor, occasion: str
) -> list[Refund]:
    """Take a sum from the order's payments, and from store credit what they do not hold."""
    requested = []
    for payment in _payments(order):
        part = min(amount, payment.left)
        if part:
            key = f"{_GIVEN_BACK}{occasion}:{payment.pk}"
            requested.append(
                refunds.request_refund(payment, part, key=key, reason=reason, destination=to, actor=actor)
            )
            amount -= part
    if amount:
        credit.give_back_credit(order, amount, key=f"{_GIVEN_BACK}{occasion}", actor=actor)
    return requested


def _take_lines_back(order: Order, returned: Sequence[Returned], *, restock: bool, actor: Actor) -> Decimal:
    """What the returned goods were sold for, less their part of the discount; they are noted, and put back."""
    lines = {line.pk: line for line in OrderLine.objects.filter(order=order)}
    total, back = ZERO, Counter[int]()
    for part in returned:
        back[part.line_id] += part.quantity
    for line_id, quantity in back.items():
        line = lines.get(line_id)
        left = line.quantity - line.returned_quantity if line is not None else 0
        if line is None or not 0 < quantity <= left:
            product = f"{line.product_name} ({line.product_sku})" if line is not None else f"Line {line_id}"
            sentence = f"{product} has {left} to give back, not {quantity}."
            raise InvalidInput(sentence, fields={"lines": [sentence]})
        line.returned_quantity += quantity
        total += line.unit_price * quantity
    OrderLine.objects.bulk_update(lines.values(), ["returned_quantity"])
    if restock:
        _restock(order, [(lines[line_id], quantity) for line_id, quantity in back.items()], actor)
    share = (order.subtotal - order.discount_amount) / order.subtotal if order.subtotal else ZERO
    return rounded(total * share)


def _restock(order: Order, returned: Sequence[tuple[OrderLine, int]], actor: Actor) -> None:
    """What had left the shelf and is fit to be sold again."""
    back = {line.product_id: min(quantity, line.stock_taken) for line, quantity in returned}
    held = stock.hold_products(product_id for product_id, quantity in back.items() if quantity)
    stock.restore(held, back, actor=actor, reference=order.number)
    for line, _ in returned:
        line.stock_taken -= back[line.product_id]
    OrderLine.objects.bulk_update([line for line, _ in returned], ["stock_taken"])
