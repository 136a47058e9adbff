"""What is in an order that is not packed yet: its lines, and all that follows from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import uuid4

from django.db import transaction

from accounts.models import User
from catalog.models import Product
from catalog.pricing import price_for
from catalog.services import stock
from catalog.services.stock import HeldProducts
from lld.core import audit
from lld.core.actors import Actor
from lld.core.errors import InvalidInput, raise_if
from lld.core.money import ZERO, rounded
from orders import locks, rules
from orders.enums import EntryKind, OrderSource, OrderStatus
from orders.models import Order, OrderLine
from orders.services import ledger, notifications, placement, quoting, saving, stats, terms
from orders.services.ledger import Entry
from orders.services.quoting import Item, Totals

FIGURES = (
    "item_count",
    "subtotal",
    "discount_amount",
    "delivery_fee",
    "tax_amount",
    "adjustment_amount",
    "total_amount",
    "balance",
    "payment_status",
    "terms_hold",
    "hold_reasons",
)
_PRICED = ("item_count", "subtotal", "discount_amount", "delivery_fee", "tax_amount")


@dataclass(frozen=True)
class LineChange:
    """A line as it is now, and how many there were; one that was left out has a `quantity` of 0."""

    line: OrderLine
    quantity_before: int
    quantity: int


@dataclass(frozen=True)
class Edit:
    """What an edit does: columns of the order before and after, and each line, changed or not."""

    order: Order
    before: Mapping[str, object]
    after: Mapping[str, object]
    lines: Sequence[LineChange]


@transaction.atomic
def edit_items(
    order_id: int,
    items: Sequence[Item],
    *,
    actor: Actor,
    reason: str = "",
    expected_version: int | None = None,
    dry_run: bool = False,
) -> Edit:
    """Make `items` all that is in an order, pending or confirmed. Stock, totals, terms and what is asked for follow.

    A line keeps the price that it was sold at, unless its bulk price begins or ends with the new quantity; what is
    new is priced as today. The discount keeps at most its share of the goods, a delivery fee by the house rule
    follows it. An order that owes more than before needs to be paid, or released, anew. With `dry_run` all is done,
    and nothing of it stays.

    Forbidden; Conflict once packed; OutOfStock; InvalidInput for unknown products, for less than the money was given
    back for, and for less than what it was lowered by already.
    """
    customer, order = locks.lock_order_and_customer(order_id)
    saving.check_version(order, expected_version)
    raise_if(rules.why_not_edit_items(order, actor))
    before = _read_figures(order)
    lines = {line.product_id: line for line in OrderLine.objects.filter(order=order)}
    asked = quoting.resolve_items(items, known=lines)
    changes = [LineChange(line, line.quantity, asked.get(product_id, 0)) for product_id, line in lines.items()]
    _check_returned(changes)
    new = [product_id for product_id in asked if product_id not in lines]
    steps = {change.line.product_id: change.quantity - change.quantity_before for change in changes}
    steps |= {product_id: asked[product_id] for product_id in new}
    held = stock.hold_products(product_id for product_id, step in steps.items() if step)
    if not any(steps.values()):
        return Edit(order, before, before, changes)
    if not held.keys() >= set(new):
        sentence = "A product was taken out of the catalogue just now."
        raise InvalidInput(sentence, fields={"items": [sentence]})
    lines |= {product_id: _new_line(order, held[product_id], asked[product_id]) for product_id in new}
    kept = _arrange(lines, asked, held)
    totals = _add_up(order, kept, actor)
    _move_stock(order, lines, steps, held, actor)
    _write_lines(order, kept)
    _recharge(order, totals, customer, actor=actor, reason=reason)
    changes += [LineChange(lines[product_id], 0, asked[product_id]) for product_id in new]
    _record(order, before, changes, actor=actor, reason=reason)
    transaction.set_rollback(dry_run)
    return Edit(order, before, _read_figures(order), changes)


def _read_figures(order: Order) -> dict[str, object]:
    return {name: getattr(order, name) for name in FIGURES}


def _check_returned(changes: Sequence[LineChange]) -> None:
    for change in changes:
        line = change.line
        if change.quantity < line.returned_quantity:
            sentence = f"The money was given back for {line.returned_quantity} of {line.product_sku}: keep as many."
            raise InvalidInput(sentence, fields={"items": [sentence]})


def _new_line(order: Order, product: Product, quantity: int) -> OrderLine:
    price = price_for(product, quantity)
    line = quoting.QuoteLine(product, quantity, price, price.total(quantity))
    return placement.build_line(order, line)


def _move_stock(
    order: Order, lines: Mapping[int, OrderLine], steps: Mapping[int, int], held: HeldProducts, actor: Actor
) -> None:
    """Promise what is added, and take it where the rest was taken; give back what is left out."""
    is_promised = order.status == OrderStatus.PENDING
    column = "stock_reserved" if is_promised else "stock_taken"
    more = {product_id: step for product_id, step in steps.items() if step > 0}
    moved = stock.reserve(held, more, actor=actor, reference=order.number)
    if not is_promised:
        moved = stock.deduct(held, more, moved, actor=actor, reference=order.number)
    less = {
        product_id: min(-step, getattr(lines[product_id], column)) for product_id, step in steps.items() if step < 0
    }
    give_back = stock.release if is_promised else stock.restore
    give_back(held, less, actor=actor, reference=order.number)
    for product_id, quantity in [*moved.items(), *((product_id, -quantity) for product_id, quantity in less.items())]:
        setattr(lines[product_id], column, getattr(lines[product_id], column) + quantity)


def _arrange(lines: Mapping[int, OrderLine], asked: Mapping[int, int], held: HeldProducts) -> list[OrderLine]:
    """The lines that stay or come, in their new order and at their new quantities, not saved."""
    kept = [lines[product_id] for product_id in asked]
    for position, line in enumerate(kept):
        line.position = position
        quantity = asked[line.product_id]
        if quantity != line.quantity:
            _reprice(line, held[line.product_id], quantity)
    return kept


def _write_lines(order: Order, kept: Sequence[OrderLine]) -> None:
    OrderLine.objects.filter(order=order).exclude(product__in=[line.product_id for line in kept]).delete()
    OrderLine.objects.bulk_create(line for line in kept if line.pk is None)
    OrderLine.objects.bulk_update(
        [line for line in kept if line.pk is not None],
        ["position", "quantity", "unit_price", "is_bulk_price", "line_total", "stock_reserved", "stock_taken"],
    )


def _reprice(line: OrderLine, product: Product, quantity: int) -> None:
    """Anew only where today's bulk price begins or ends between the quantities, and nothing of it came back."""
    price = price_for(product, quantity)
    if price.is_bulk != price_for(product, line.quantity).is_bulk and not line.returned_quantity:
        line.unit_price, line.is_bulk_price = price.unit_price, price.is_bulk
    line.quantity, line.line_total = quantity, rounded(line.unit_price * quantity)


def _recharge(order: Order, totals: Totals, customer: User | None, *, actor: Actor, reason: str) -> None:
    """Charge the order for what is in it now, and look at its terms again."""
    step = totals.total + order.adjustment_amount - order.total_amount
    order.item_count = OrderLine.objects.filter(order=order).count()
    order.subtotal, order.discount_amount = totals.subtotal, totals.discount
    order.delivery_fee, order.tax_amount = totals.delivery_fee, totals.tax
    terms.reassess_hold(order, order.balance + step, customer)
    entries = [Entry(EntryKind.EDIT, step, key=f"edit:{uuid4().hex}", note=reason)] if step else []
    ledger.post_entries(order, entries, actor=actor, also=(*_PRICED, *terms.HELD))
    stats.recount_customer(order.customer_id)


def _add_up(order: Order, lines: Sequence[OrderLine], actor: Actor) -> Totals:
    """A discount is no larger a part of fewer goods; a delivery fee that staff set stays.

    InvalidInput for less than what it was lowered by already; Forbidden when that is too large a part of it.
    """
    subtotal = sum((line.line_total for line in lines), ZERO)
    share = min(subtotal / order.subtotal, Decimal(1)) if order.subtotal else ZERO
    by_rule = quoting.compute_delivery_fee(order.subtotal - order.discount_amount)
    is_set = order.source == OrderSource.STAFF or order.delivery_fee != by_rule
    totals = quoting.add_up_totals(
        subtotal,
        discount=rounded(order.discount_amount * share),
        delivery_fee=order.delivery_fee if is_set else None,
    )
    if totals.total + order.adjustment_amount < 0:
        sentence = f"The order was lowered by {-order.adjustment_amount} already, which is more than it would cost."
        raise InvalidInput(sentence, fields={"items": [sentence]})
    if subtotal < order.subtotal and order.adjustment_amount < 0:
        lowered = totals.discount - order.adjustment_amount
        raise_if(rules.why_not_lower(actor, subtotal=subtotal, lowered=lowered))
    return totals


def _record(
    order: Order, before: Mapping[str, object], changes: Sequence[LineChange], *, actor: Actor, reason: str
) -> None:
    changed = [change for change in changes if change.quantity != change.quantity_before]
    audit.record(
        "order.items",
        actor=actor,
        target=order,
        before={"total": before["total_amount"]}
        | {change.line.product_sku: change.quantity_before for change in changed},
        after={"total": order.total_amount} | {change.line.product_sku: change.quantity for change in changed},
        reason=reason,
    )
    notifications.notify_order_changed(order)
