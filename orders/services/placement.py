"""Placing an order: prices and totals are ours, stock is promised, terms are checked, all in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.models import User
from catalog.services import stock
from lld.core import events, idempotency
from lld.core.actors import Actor
from lld.core.clock import business_zone
from lld.core.constraints import violated_constraint
from lld.core.errors import Conflict, ErrorCode
from lld.core.money import ZERO
from orders import locks, rules
from orders.enums import OrderSource, PaymentMethod
from orders.errors import PriceChanged
from orders.events import OrderPlaced
from orders.models import Order, OrderLine
from orders.numbers import new_order_number
from orders.services import guests, ledger, notifications, quoting, stats, terms
from orders.services.quoting import Item, Quote, QuoteLine

DRAWS = 5


@dataclass(frozen=True)
class Placement:
    """What is ordered, for whom, and how it is to be paid. `delivery` holds columns of Order.

    `address` is where it comes from on the network, "" when that is not known.
    """

    items: Sequence[Item]
    delivery: Mapping[str, Any]
    payment_method: PaymentMethod = PaymentMethod.NET30
    customer_id: int | None = None
    source: OrderSource = OrderSource.WEB
    discount: Decimal = ZERO
    delivery_fee: Decimal | None = None
    expected_total: Decimal | None = None
    address: str = ""
    number: str = ""
    created_at: datetime | None = None
    sales_rep: User | None = None
    entered_by: User | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def place_order(placement: Placement, *, actor: Actor, waive_hold: bool = False, notify: bool = True) -> Order:
    """The new order, pending and unpaid.

    InvalidInput for unknown products, OutOfStock naming every short line, PriceChanged, Conflict for a taken number,
    TooManyOpenOrders for a guest who has not paid others.
    An order on terms that may not go out unpaid is accepted with `terms_hold`, unless a manager entering it waives
    that.
    """
    customer = locks.lock_customer(placement.customer_id) if placement.customer_id else None
    marks = _marks_of_guest(placement)
    if marks:
        guests.check_open_orders(marks)
    asked = quoting.resolve_items(placement.items)
    held = stock.hold_products(asked)
    quote = quoting.quote_products(held, asked, discount=placement.discount, delivery_fee=placement.delivery_fee)
    _check_total(placement, quote)
    order = _build(placement, quote, customer)
    order.guest_marks = marks or None
    if order.payment_method == PaymentMethod.NET30 and not waive_hold:
        order.hold_reasons = [str(reason) for reason in rules.find_hold_reasons(customer, quote.totals.total)]
        order.terms_hold = bool(order.hold_reasons)
    _insert(order, chosen=placement.number)
    reserved = stock.reserve(held, asked, actor=actor, reference=order.number)
    lines = [build_line(order, line, position=position) for position, line in enumerate(quote.lines)]
    for line in lines:
        line.stock_reserved = reserved[line.product_id]
    OrderLine.objects.bulk_create(lines)
    order.balance = order.compute_balance()
    ledger.open_ledger(order, actor=actor)
    stats.count_placement(order)
    if notify:
        notifications.notify_order_placed(order)
    events.publish(OrderPlaced(order.pk, order.number))
    idempotency.seal()
    return order


def _marks_of_guest(placement: Placement) -> list[str]:
    """What a guest on the web is known by; nothing for who has an account, or somebody's word."""
    if placement.customer_id is not None or placement.source != OrderSource.WEB:
        return []
    delivery = placement.delivery
    phone, email = delivery.get("delivery_phone", ""), delivery.get("delivery_email", "")
    return guests.find_marks(address=placement.address, phone=phone, email=email)


def _check_total(placement: Placement, quote: Quote) -> None:
    """PriceChanged, with today's quote, when the buyer has seen another total."""
    if placement.expected_total in {None, quote.totals.total}:
        return
    lines = [
        {
            "product_id": line.product.pk,
            "quantity": line.quantity,
            "unit_price": line.price.unit_price,
            "line_total": line.line_total,
        }
        for line in quote.lines
    ]
    totals = quote.totals
    raise PriceChanged(
        {
            "lines": lines,
            "subtotal": totals.subtotal,
            "discount_amount": totals.discount,
            "delivery_fee": totals.delivery_fee,
            "tax_amount": totals.tax,
            "total_amount": totals.total,
        }
    )


def _build(placement: Placement, quote: Quote, customer: User | None) -> Order:
    totals = quote.totals
    created_at = placement.created_at or timezone.now()
    rep = placement.sales_rep
    return Order(
        customer=customer,
        source=placement.source,
        sales_rep=rep,
        entered_by=placement.entered_by,
        commission_rate=rep.staff_profile.commission_rate if rep and hasattr(rep, "staff_profile") else None,
        item_count=len(quote.lines),
        subtotal=totals.subtotal,
        discount_amount=totals.discount,
        delivery_fee=totals.delivery_fee,
        tax_amount=totals.tax,
        total_amount=totals.total,
        payment_method=placement.payment_method,
        due_on=terms.compute_due_date(created_at.astimezone(business_zone()).date(), customer),
        created_at=created_at,
        **placement.delivery,
        **placement.extra,
    )


def _insert(order: Order, *, chosen: str) -> None:
    for _ in range(DRAWS):
        order.number = chosen or new_order_number()
        try:
            with transaction.atomic():
                order.save(force_insert=True)
        except IntegrityError as error:
            if violated_constraint(error) != "orders_order_number_key":
                raise
            order.pk = None
            if chosen:
                raise Conflict("This order number is taken.", code=ErrorCode.DUPLICATE) from error
        else:
            return
    raise Conflict("No free order number was found. Try again.", code=ErrorCode.BUSY)


def build_line(order: Order, line: QuoteLine, *, position: int = 0) -> OrderLine:
    """A line as it is sold, not saved; it holds no stock yet."""
    return OrderLine(
        order=order,
        position=position,
        product=line.product,
        product_name=line.product.name,
        product_sku=line.product.sku,
        product_brand=line.product.brand,
        product_unit_size=line.product.unit_size,
        quantity=line.quantity,
        unit_price=line.price.unit_price,
        is_bulk_price=line.price.is_bulk,
        line_total=line.line_total,
        unit_cost=line.product.cost_per_item,
    )
