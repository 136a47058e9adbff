"""Two years of orders with rhythms: every customer reorders their own favourites in their own cycle."""

import random
from bisect import bisect
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import accumulate, islice
from typing import Any

from django.conf import settings
from django.db import connection

from lld.core.access import Role
from lld.core.clock import business_zone
from lld.core.money import ZERO
from orders.enums import HoldReason, OrderSource, OrderStatus, PaymentMethod, PaymentState, PaymentStatus
from orders.models import Order, OrderLine, Payment
from orders.services.numbers import ALPHABET
from staffportal.demo.catalogue import DemoProduct
from staffportal.demo.loading import continue_ids, copy_rows
from staffportal.demo.people import COMMISSION, DemoCustomer, staff_ids
from staffportal.demo.world import World

CHUNK = 20_000
GUESTS = 0.08
CANCELLED = 0.025
BY_REP = 0.25
# More on the days before a weekend; nobody delivers on Sundays.
WEEKDAYS = (14, 15, 16, 20, 22, 8, 0)
MONTHS = (0.85, 0.85, 0.95, 1.0, 1.1, 1.1, 1.0, 1.0, 1.0, 1.05, 1.15, 1.3)
PAID = {PaymentMethod.CREDIT_CARD, PaymentMethod.CASH, PaymentMethod.ACH, PaymentMethod.CHECK}


@dataclass(frozen=True)
class Line:
    product: DemoProduct
    quantity: int
    unit_price: Decimal
    is_bulk: bool

    @property
    def total(self) -> Decimal:
        return self.unit_price * self.quantity


@dataclass(frozen=True)
class Habit:
    """What a customer buys and how often."""

    favourites: list[DemoProduct]
    orders: int
    cycle: float
    last: datetime


class Shop:
    """Draws products by popularity."""

    def __init__(self, products: list[DemoProduct], dice: random.Random) -> None:
        self.products = products
        self.dice = dice
        self._weights = list(accumulate(product.popularity for product in products))

    def draw(self, count: int) -> list[DemoProduct]:
        total = self._weights[-1]
        drawn = {bisect(self._weights, self.dice.random() * total) for _ in range(count)}
        return [self.products[min(index, len(self.products) - 1)] for index in sorted(drawn)]


def load_orders(world: World, customers: list[DemoCustomer], products: list[DemoProduct], count: int) -> None:
    """About `count` orders with lines and payments; the world remembers what they did to the stock."""
    dice = world.dice("orders")
    shop = Shop(products, dice)
    moments = _moments(world, shop, [customer for customer in customers if customer.orders], count, dice)
    history = _History(world, shop, dice)
    numbered = enumerate(moments, start=1)
    while chunk := list(islice(numbered, CHUNK)):
        history.write([(pk, *moment) for pk, moment in chunk])
    continue_ids(Order)
    _sum_up()


def _moments(
    world: World, shop: Shop, customers: list[DemoCustomer], count: int, dice: random.Random
) -> list[tuple[datetime, DemoCustomer, list[DemoProduct]]]:
    """Who orders when, oldest first, with what they usually buy."""
    shares = [_span(world, customer) / dice.uniform(7, 60) for customer in customers]
    scale = count / sum(shares)
    moments = []
    for customer, share in zip(customers, shares, strict=True):
        orders = max(round(share * scale), 1)
        favourites = shop.draw(dice.randint(5, 14))
        cycle = _span(world, customer) / orders
        # Some have gone quiet; most are within their own cycle.
        quiet = dice.random() < 0.15
        last = world.now - timedelta(days=dice.uniform(0, min(cycle, 45) if not quiet else 120))
        for index in range(orders):
            moment = last - timedelta(days=cycle * index * dice.uniform(0.85, 1.1))
            if moment > customer.joined:
                moments.append((_opening_hours(moment, world, dice), customer, favourites))
    moments.sort(key=lambda entry: (entry[0], entry[1].id))
    return moments


def _span(world: World, customer: DemoCustomer) -> float:
    return max((world.now - customer.joined).total_seconds() / 86400, 10)


def _opening_hours(moment: datetime, world: World, dice: random.Random) -> datetime:
    """The same week on a likelier day, between seven and nineteen, and never later than now."""
    local = moment.astimezone(business_zone())
    day = dice.choices(range(7), weights=WEEKDAYS)[0]
    shifted = local + timedelta(days=day - local.weekday())
    shifted = shifted.replace(hour=dice.randint(7, 18), minute=dice.randint(0, 59), second=dice.randint(0, 59))
    moment = shifted.astimezone(moment.tzinfo)
    return moment if moment < world.now else world.now - timedelta(minutes=dice.randint(5, 900))


class _History:
    """Turns moments into rows."""

    def __init__(self, world: World, shop: Shop, dice: random.Random) -> None:
        self.world = world
        self.shop = shop
        self.dice = dice
        self.reps = staff_ids(Role.SALES_REP)
        self.zone = business_zone()

    def write(self, chunk: list[tuple[int, datetime, DemoCustomer, list[DemoProduct]]]) -> None:
        orders: list[tuple[Any, ...]] = []
        lines: list[tuple[Any, ...]] = []
        payments: list[tuple[Any, ...]] = []
        for pk, moment, customer, favourites in chunk:
            basket = self._basket(moment, favourites)
            status = self._status(moment)
            row, paid = self._order(pk, moment, customer, basket, status)
            orders.append(row)
            lines += [self._line(pk, position, line, status) for position, line in enumerate(basket)]
            payments += paid
        copy_rows(Order, _ORDER_COLUMNS, orders)
        copy_rows(OrderLine, _LINE_COLUMNS, lines)
        copy_rows(Payment, _PAYMENT_COLUMNS, payments)

    def _basket(self, moment: datetime, favourites: list[DemoProduct]) -> list[Line]:
        dice = self.dice
        count = min(1 + int(dice.expovariate(0.5) * MONTHS[moment.month - 1]), len(favourites), 9)
        chosen = dice.sample(favourites, count)
        if dice.random() < 0.2:
            chosen += [product for product in self.shop.draw(1) if product not in chosen]
        basket = []
        for product in chosen:
            in_bulk = product.bulk_quantity is not None and dice.random() < 0.3
            quantity = (product.bulk_quantity or 1) if in_bulk else dice.choice((1, 1, 2, 2, 3, 4, 6))
            basket.append(Line(product, quantity, *product.price(quantity)))
        return basket

    def _status(self, moment: datetime) -> OrderStatus:
        dice = self.dice
        if dice.random() < CANCELLED:
            return OrderStatus.CANCELLED
        days = (self.world.now - moment).total_seconds() / 86400
        if days < 0.8:
            return dice.choices((OrderStatus.PENDING, OrderStatus.CONFIRMED), weights=(4, 1))[0]
        if days < 2:
            return dice.choice((OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PACKED))
        if days < 4:
            return dice.choice((OrderStatus.PACKED, OrderStatus.SHIPPED, OrderStatus.SHIPPED))
        if days < 9:
            return dice.choice((OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.DELIVERED))
        return OrderStatus.DELIVERED

    def _method(self, customer: DemoCustomer, is_guest: bool) -> PaymentMethod:
        if customer.on_terms and not is_guest and self.dice.random() < 0.85:
            return PaymentMethod.NET30
        methods = (PaymentMethod.CREDIT_CARD, PaymentMethod.CHECK, PaymentMethod.CASH, PaymentMethod.ACH)
        return self.dice.choices(methods, weights=(60, 15, 15, 10))[0]

    def _paid_share(
        self, method: PaymentMethod, moment: datetime, status: OrderStatus
    ) -> tuple[PaymentMethod, float]:
        """How it was paid in the end, and how much of it."""
        dice = self.dice
        if status == OrderStatus.CANCELLED:
            return method, 0
        if method in PAID:
            return method, 1 if status != OrderStatus.PENDING or dice.random() < 0.6 else 0
        days = (self.world.now - moment).days
        if dice.random() < (0.965 if days > 38 else 0.4 if days > 12 else 0.05):
            return dice.choice((PaymentMethod.CHECK, PaymentMethod.CHECK, PaymentMethod.ACH)), 1
        return method, 0.5 if dice.random() < 0.05 else 0

    def _order(
        self, pk: int, moment: datetime, customer: DemoCustomer, basket: list[Line], status: OrderStatus
    ) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
        dice = self.dice
        is_guest = customer.username != "customer" and dice.random() < GUESTS
        rep = dice.choice(self.reps) if not is_guest and dice.random() < BY_REP else None
        method = self._method(customer, is_guest)
        subtotal = sum((line.total for line in basket), ZERO)
        fee = ZERO if subtotal >= settings.DELIVERY_FREE_FROM else settings.DELIVERY_FEE
        total = subtotal + fee
        method, share = self._paid_share(method, moment, status)
        paid = total if share == 1 else (total * Decimal(str(share))).quantize(Decimal("0.01"))
        stamps = self._stamps(moment, status)
        due_from = stamps["shipped_at"] or moment
        hold = status == OrderStatus.PENDING and method == PaymentMethod.NET30 and dice.random() < 0.2
        reasons = [dice.choice((HoldReason.OVER_LIMIT, HoldReason.OVERDUE))] if hold else []
        tracking = f"9400{pk:018}" if stamps["shipped_at"] else ""
        row = (
            pk, _number(pk, self.world.seed), None if is_guest else customer.id, status,
            OrderSource.STAFF if rep else OrderSource.WEB, rep, rep, customer.name, customer.first_name,
            customer.last_name, customer.company, customer.street, customer.place.city, customer.place.state,
            customer.place.zip_code, customer.phone, customer.email, "", "", "", "", len(basket), subtotal, ZERO, fee,
            ZERO, total, ZERO, paid, ZERO, method, PaymentStatus.PAID if share == 1 else PaymentStatus.UNPAID,
            stamps["paid_at"] if share == 1 else None,
            due_from.astimezone(self.zone).date() + timedelta(days=30), hold, [str(reason) for reason in reasons],
            None, tracking, "USPS" if tracking else "", COMMISSION if rep else None, moment, moment,
            stamps["confirmed_at"], stamps["confirmed_at"], stamps["packed_at"], stamps["shipped_at"],
            stamps["delivered_at"], moment + timedelta(hours=3) if status == OrderStatus.CANCELLED else None, None, 1,
        )  # fmt: skip
        payment = (
            pk, PaymentMethod.CHECK if share == 0.5 else method, PaymentState.SUCCEEDED, paid, None, "", "", "",
            "system", "", None, stamps["paid_at"], stamps["paid_at"],
        )  # fmt: skip
        return row, [payment] if paid else []

    def _stamps(self, moment: datetime, status: OrderStatus) -> dict[str, datetime | None]:
        dice, latest = self.dice, self.world.now
        reached = {
            OrderStatus.PENDING: 0,
            OrderStatus.CANCELLED: 0,
            OrderStatus.CONFIRMED: 1,
            OrderStatus.PACKED: 2,
            OrderStatus.SHIPPED: 3,
            OrderStatus.DELIVERED: 4,
        }[status]
        steps = list(accumulate(dice.uniform(0.05, hours) for hours in (0.5, 0.7, 0.7, 4)))
        times = [min(moment + timedelta(days=step), latest) for step in steps]
        names = ("confirmed_at", "packed_at", "shipped_at", "delivered_at")
        stamps = {name: times[index] if index < reached else None for index, name in enumerate(names)}
        return {**stamps, "paid_at": min(moment + timedelta(days=dice.uniform(0, 25)), latest)}

    def _line(self, order: int, position: int, line: Line, status: OrderStatus) -> tuple[Any, ...]:
        product = line.product
        counted = product.stock is not None
        reserved = line.quantity if counted and status == OrderStatus.PENDING else 0
        taken = line.quantity if counted and status not in {OrderStatus.PENDING, OrderStatus.CANCELLED} else 0
        self.world.reserved[product.id] += reserved
        self.world.taken[product.id] += taken
        return (
            order, position, product.id, product.name, product.sku, product.brand, product.unit_size, line.quantity,
            line.unit_price, line.is_bulk, line.total, product.cost, reserved, taken,
        )  # fmt: skip


_ORDER_COLUMNS = (
    "id", "number", "customer_id", "status", "source", "sales_rep_id", "entered_by_id", "delivery_name",
    "delivery_first_name", "delivery_last_name", "delivery_company", "delivery_address", "delivery_city",
    "delivery_state", "delivery_zip", "delivery_phone", "delivery_email", "billing_address", "special_notes",
    "staff_notes", "assigned_to", "item_count", "subtotal", "discount_amount", "delivery_fee", "tax_amount",
    "total_amount", "credit_applied", "amount_paid", "amount_refunded", "payment_method", "payment_status", "paid_at",
    "due_on", "terms_hold", "hold_reasons", "hold_released_by_id", "tracking_number", "carrier", "commission_rate",
    "created_at", "entered_at", "confirmed_at", "picked_at", "packed_at", "shipped_at", "delivered_at",
    "cancelled_at", "deleted_at", "version",
)  # fmt: skip
_LINE_COLUMNS = (
    "order_id", "position", "product_id", "product_name", "product_sku", "product_brand", "product_unit_size",
    "quantity", "unit_price", "is_bulk_price", "line_total", "unit_cost", "stock_reserved", "stock_taken",
)  # fmt: skip
_PAYMENT_COLUMNS = (
    "order_id", "method", "state", "amount", "intent_id", "payer_name", "payer_email", "note", "recorded_by",
    "failure", "next_check_at", "created_at", "settled_at",
)  # fmt: skip


def _number(pk: int, seed: int) -> str:
    """Scattered as the real ones are, and without repeats: multiplying by an odd number permutes 2^40."""
    scattered = (pk * 0x9E3779B97F + seed) % 2**40
    digits = "".join(ALPHABET[scattered >> shift & 31] for shift in range(35, -1, -5))
    return f"LLD-{digits[:4]}-{digits[4:]}"


def _sum_up() -> None:
    """The customers' statistics, as `orders.services.stats.computed` has them, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO orders_customerstats
                   (customer_id, order_count, total_spent, first_order_at, last_order_at, last_order_amount)
            SELECT customer_id, count(*), sum(total_amount), min(created_at), max(created_at),
                   (array_agg(total_amount ORDER BY created_at DESC, id DESC))[1]
              FROM orders_order
             WHERE customer_id IS NOT NULL AND status <> 'cancelled' AND deleted_at IS NULL
             GROUP BY customer_id
            """
        )
