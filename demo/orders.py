"""Two years of orders with their lines and payments, and what they did to the stock."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate, islice
from typing import Any

from django.db import connection

from demo.catalogue import Article
from demo.loading import continue_ids, copy_models, copy_rows
from demo.people import COMMISSION, DemoCustomer
from demo.visits import Visit, plan_visits
from demo.world import World
from lld.core.actors import SYSTEM
from lld.core.clock import business_zone
from lld.core.money import rounded
from orders.enums import (
    PROGRESS,
    EntryKind,
    HoldReason,
    OrderSource,
    OrderStatus,
    PaymentMethod,
    PaymentState,
    PaymentStatus,
)
from orders.models import LedgerEntry, Order, OrderLine, Payment
from orders.numbers import ALPHABET
from orders.services import quoting, terms
from orders.services.quoting import Quote

CHUNK = 20_000
GUESTS = 0.08
CANCELLED = 0.025
BY_REP = 0.25
# Larger orders before summer and the holidays, smaller ones in deep winter.
MONTHS = (0.85, 0.85, 0.95, 1.0, 1.1, 1.1, 1.0, 1.0, 1.0, 1.05, 1.15, 1.3)
# How those pay who do not buy on terms.
METHODS = (PaymentMethod.CREDIT_CARD, PaymentMethod.CHECK, PaymentMethod.CASH, PaymentMethod.ACH)
METHOD_WEIGHTS = (60, 15, 15, 10)
# Days from an order to its payment.
PAYMENT_DAYS = {
    PaymentMethod.CREDIT_CARD: (0.001, 0.02),
    PaymentMethod.CASH: (0.5, 3),
    PaymentMethod.CHECK: (1, 8),
    PaymentMethod.ACH: (1, 5),
    PaymentMethod.NET30: (8, 30),
}
LATE_PAYMENT_DAYS = (35, 120)
# Most days that each step of an order takes.
STEP_DAYS = {"confirmed_at": 0.5, "packed_at": 0.7, "shipped_at": 0.7, "delivered_at": 4}
LINE_COLUMNS = (
    "order_id", "position", "product_id", "product_name", "product_sku", "product_brand", "product_unit_size",
    "quantity", "unit_price", "is_bulk_price", "line_total", "unit_cost", "stock_reserved", "stock_taken",
    "returned_quantity",
)  # fmt: skip
LEDGER_COLUMNS = (
    "order_id", "kind", "amount", "payment_id", "note", "actor", "key", "happened_at", "created_at",
)  # fmt: skip
# Shorter than it takes a customer on terms to pay.
HELD_FOR = timedelta(days=7)
NOTES = (
    "Deliver to the back door, please ring twice.",
    "Before 10 am, we are closed in the afternoon.",
    "Call when the truck is ten minutes away.",
    "Entregar por la puerta de atrás, por favor.",
)


def load_orders(world: World, customers: list[DemoCustomer], articles: list[Article], count: int) -> None:
    """About `count` orders with lines, payments and statistics; the world remembers what they took from stock."""
    history = _History(world, articles)
    numbered = enumerate(plan_visits(world, customers, articles, count), start=1)
    while chunk := list(islice(numbered, CHUNK)):
        history.write(chunk)
    continue_ids(Order, Payment)
    _sum_up()


class _History:
    """Turns visits, in the order of their time, into rows."""

    def __init__(self, world: World, articles: list[Article]) -> None:
        self.world = world
        self.dice = world.dice("orders")
        self.products = {article.product.pk: article.product for article in articles}
        self.zone = business_zone()
        self.today = world.now.astimezone(self.zone).date()
        self.paid = 0
        # What each customer still owes today, and since when it is due.
        self.owed: defaultdict[int, list[tuple[Decimal, date]]] = defaultdict(list)

    def write(self, chunk: Iterable[tuple[int, Visit]]) -> None:
        orders: list[Order] = []
        lines: list[tuple[Any, ...]] = []
        payments: list[Payment] = []
        for pk, visit in chunk:
            quote = quoting.quote_products(self.products, self._basket(visit))
            order = self._order(pk, visit, quote)
            self._hold(order, visit.customer)
            self._advance(order)
            payment = self._pay(order, visit.customer)
            balance = order.total_amount - order.amount_paid
            if balance and order.customer_id and order.status != OrderStatus.CANCELLED:
                self.owed[order.customer_id].append((balance, order.due_on))
            orders.append(order)
            lines += self._lines(order, quote)
            if payment:
                self.paid += 1
                payment.pk, payment.stripe_key = self.paid, f"demo-{self.paid}"
                payments.append(payment)
        copy_models(orders)
        copy_rows(OrderLine, LINE_COLUMNS, lines)
        copy_models(payments)
        copy_rows(LedgerEntry, LEDGER_COLUMNS, self._entries(orders, payments))

    def _entries(self, orders: list[Order], payments: list[Payment]) -> Iterator[tuple[Any, ...]]:
        """Rows of LEDGER_COLUMNS: what each order costs, and what came in."""
        by, now = str(SYSTEM), self.world.now
        for order in orders:
            key = f"charge:{order.pk}"
            yield order.pk, EntryKind.CHARGE, order.total_amount, None, "", by, key, order.created_at, now
        for payment in payments:
            key, paid = f"payment:{payment.pk}", -payment.amount
            yield payment.order_id, EntryKind.PAYMENT, paid, payment.pk, "", by, key, payment.settled_at, now

    def _basket(self, visit: Visit) -> dict[int, int]:
        """Product id → quantity."""
        dice = self.dice
        wish = 1 + int(dice.expovariate(0.5) * MONTHS[visit.at.month - 1])
        basket = {}
        for product in dice.sample(visit.favourites, min(wish, len(visit.favourites))):
            in_bulk = product.bulk_quantity is not None and dice.random() < 0.3
            basket[product.pk] = (product.bulk_quantity or 1) if in_bulk else dice.choice((1, 1, 2, 2, 3, 4, 6))
        return basket

    def _order(self, pk: int, visit: Visit, quote: Quote) -> Order:
        dice, customer, totals = self.dice, visit.customer, quote.totals
        is_guest = dice.random() < GUESTS
        rep = customer.rep_id if not is_guest and dice.random() < BY_REP else None
        if rep and dice.random() < 0.1:
            discount = rounded(totals.subtotal * Decimal("0.05"))
            totals = quoting.add_up_totals(quote.totals.subtotal, discount=discount, delivery_fee=None)
        on_terms = customer.on_terms and not is_guest and dice.random() < 0.85
        return Order(
            pk=pk,
            number=_number(pk, self.world.seed),
            customer_id=None if is_guest else customer.id,
            status=self._status(visit.at),
            source=OrderSource.STAFF if rep else OrderSource.WEB,
            sales_rep_id=rep,
            entered_by_id=rep,
            commission_rate=COMMISSION if rep else None,
            delivery_name=customer.name,
            delivery_first_name=customer.first_name,
            delivery_last_name=customer.last_name,
            delivery_company=customer.company,
            delivery_address=customer.street,
            delivery_city=customer.place.city,
            delivery_state=customer.place.state,
            delivery_zip=customer.place.zip_code,
            delivery_phone=customer.phone,
            delivery_email=customer.email,
            special_notes=dice.choice(NOTES) if dice.random() < 0.08 else "",
            item_count=len(quote.lines),
            subtotal=totals.subtotal,
            discount_amount=totals.discount,
            delivery_fee=totals.delivery_fee,
            tax_amount=totals.tax,
            total_amount=totals.total,
            payment_method=PaymentMethod.NET30 if on_terms else dice.choices(METHODS, METHOD_WEIGHTS)[0],
            created_at=visit.at,
            entered_at=visit.at,
        )

    def _status(self, moment: datetime) -> OrderStatus:
        dice = self.dice
        if dice.random() < CANCELLED:
            return OrderStatus.CANCELLED
        days = (self.world.now - moment) / timedelta(days=1)
        if days < 1:
            return dice.choice((OrderStatus.PENDING, OrderStatus.PENDING, OrderStatus.CONFIRMED))
        if days < 3:
            return dice.choice((OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PACKED))
        if days < 5:
            return dice.choice((OrderStatus.PACKED, OrderStatus.SHIPPED, OrderStatus.SHIPPED))
        if days < 9:
            return dice.choice((OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.DELIVERED))
        return OrderStatus.DELIVERED

    def _advance(self, order: Order) -> None:
        """Stamp the steps that the order has made."""
        dice, start, now = self.dice, order.created_at, self.world.now
        if order.status == OrderStatus.CANCELLED:
            order.cancelled_at = min(start + timedelta(hours=dice.uniform(0.2, 20)), now)
        else:
            days = accumulate(dice.uniform(0.05, most) for most in STEP_DAYS.values())
            steps = zip(STEP_DAYS, days, strict=True)
            for name, after in islice(steps, PROGRESS.index(OrderStatus(order.status))):
                setattr(order, name, min(start + timedelta(days=after), now))
            order.picked_at = order.confirmed_at
        if order.shipped_at:
            order.tracking_number, order.carrier = f"9400{order.pk:018}", "USPS"
        order.due_on = terms.compute_due_date((order.shipped_at or start).astimezone(self.zone).date(), None)

    def _pay(self, order: Order, customer: DemoCustomer) -> Payment | None:
        dice, now = self.dice, self.world.now
        method = PaymentMethod(order.payment_method)
        on_terms = method == PaymentMethod.NET30
        days = LATE_PAYMENT_DAYS if on_terms and customer.pays_late else PAYMENT_DAYS[method]
        at = order.created_at + timedelta(days=dice.uniform(*days))
        amount = order.total_amount
        if on_terms:
            method = dice.choice((PaymentMethod.CHECK, PaymentMethod.CHECK, PaymentMethod.ACH))
        forgotten = order.status == OrderStatus.PENDING and dice.random() < 0.3
        if order.status == OrderStatus.CANCELLED or forgotten:
            return None
        if at <= now:
            order.payment_method, order.payment_status, order.paid_at = method, PaymentStatus.PAID, at
        elif on_terms and dice.random() < 0.05:
            # A part payment leaves an order on its terms.
            amount, at = rounded(amount / 2), order.created_at + (now - order.created_at) * dice.random()
        else:
            if not on_terms and order.status != OrderStatus.PENDING:
                order.hold_released_at = order.created_at
            return None
        order.amount_paid = amount
        return Payment(
            order_id=order.pk,
            method=method,
            state=PaymentState.SUCCEEDED,
            amount=amount,
            recorded_by=str(SYSTEM),
            created_at=at,
            settled_at=at,
        )

    def _hold(self, order: Order, customer: DemoCustomer) -> None:
        """Keep a new order on terms waiting, as placing it today would."""
        is_new = order.created_at > self.world.now - HELD_FOR
        if order.payment_method != PaymentMethod.NET30 or order.status == OrderStatus.CANCELLED or not is_new:
            return
        owed = self.owed[customer.id]
        if sum(balance for balance, _ in owed) + order.total_amount > customer.credit_limit:
            order.hold_reasons.append(HoldReason.OVER_LIMIT)
        if any(due < self.today for _, due in owed):
            order.hold_reasons.append(HoldReason.OVERDUE)
        if order.hold_reasons:
            order.status, order.terms_hold = OrderStatus.PENDING, True

    def _lines(self, order: Order, quote: Quote) -> Iterator[tuple[Any, ...]]:
        """Rows of LINE_COLUMNS."""
        for position, line in enumerate(quote.lines):
            product, price = line.product, line.price
            held = 0 if product.stock_quantity is None or order.status == OrderStatus.CANCELLED else line.quantity
            reserved, taken = (held, 0) if order.status == OrderStatus.PENDING else (0, held)
            self.world.reserved[product.pk] += reserved
            self.world.taken[product.pk] += taken
            yield (
                order.pk, position, product.pk, product.name, product.sku, product.brand, product.unit_size,
                line.quantity, price.unit_price, price.is_bulk, line.line_total, product.cost_per_item, reserved,
                taken, 0,
            )  # fmt: skip


def _number(pk: int, seed: int) -> str:
    """Scattered as the real ones are, and without repeats: multiplying by an odd number permutes 2^40."""
    scattered = (pk * 0x9E3779B97F + seed) % 2**40
    digits = "".join(ALPHABET[scattered >> shift & 31] for shift in range(35, -1, -5))
    return f"LLD-{digits[:4]}-{digits[4:]}"


def _sum_up() -> None:
    """The customers' statistics, as `orders.services.stats.compute_stats` has them, in one statement."""
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
