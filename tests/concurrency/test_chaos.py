"""Everybody does anything to the same few orders at once; afterwards all the books must agree.

The random choices come from a seed, so a round that fails can be run again; which thread gets where first cannot.
"""

import random
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Q, Sum
from django.utils import timezone

from accounts.models import User
from catalog.enums import StockReason
from catalog.models import Product, StockMovement
from lld.core.actors import SYSTEM
from lld.core.errors import DomainError
from lld.core.models import OutboxMessage
from orders import locks, tasks
from orders.enums import OrderStatus, PaymentMethod, PaymentState
from orders.models import CreditAccount, CreditEntry, CustomerStats, Order, OrderLine, Payment, Refund
from orders.services import editing, intents, item_editing, payments, progress, refund_delivery
from orders.services.quoting import Item
from orders.services.stats import compute_stats
from sandbox.testing import SandboxClient
from tests import stock
from tests.concurrency.storm import storm
from tests.factories import CustomerFactory, ProductFactory, StaffFactory, place

pytestmark = pytest.mark.django_db(transaction=True)

ZERO = Decimal(0)
WORKERS, STEPS = 8, 10
FORWARD = [OrderStatus.CONFIRMED, OrderStatus.PACKED, OrderStatus.SHIPPED, OrderStatus.DELIVERED]


class Play:
    """A small shop: three counted products and two others, two customers, five orders, three with a card at hand."""

    def __init__(self, sandbox: SandboxClient, seed: int) -> None:
        self.sandbox, self.seed = sandbox, seed
        self.customers = [CustomerFactory(terms=Decimal("150.00")), CustomerFactory()]
        self.manager = StaffFactory(role="manager")
        self.products = [
            stock.count(ProductFactory().pk, 30, reason=StockReason.OPENING, actor=SYSTEM) for _ in range(3)
        ]
        # Between them in the order of locks.
        self.goods = [*self.products[:2], ProductFactory(), self.products[2], ProductFactory()]
        self.orders = [self._order(index) for index in range(5)]
        self.paid_intents = [self._pay_by_card(order) for order in self.orders[2:]]

    def _order(self, index: int) -> Order:
        method = PaymentMethod.NET30 if index < 2 else PaymentMethod.CREDIT_CARD
        basket = [(product, 1 + index % 2) for product in self.goods[: 1 + index]]
        return place(*basket, customer=self.customers[index % 2], payment_method=method)

    def _pay_by_card(self, order: Order) -> str:
        intent = intents.open_intent(amount=order.balance, order_number=order.number)
        self.sandbox.pay_intent(intent.id, deliver=False)
        return intent.id

    def work(self, index: int) -> None:
        """One person's day. Refusals are part of it; anything else is a bug, and comes out of the storm."""
        dice = random.Random(self.seed * 1000 + index)
        for _ in range(STEPS):
            try:
                dice.choice(self.moves)(self, dice)
            except DomainError:
                continue

    def order(self, dice: random.Random) -> Any:
        return dice.choice(self.orders).pk

    def place(self, dice: random.Random) -> None:
        baskets = dice.sample(self.goods, dice.randint(1, 4))
        place(*[(product, dice.randint(1, 4)) for product in baskets], customer=dice.choice(self.customers))

    def edit(self, dice: random.Random) -> None:
        wanted = [Item(dice.randint(1, 3), product.pk) for product in dice.sample(self.goods, dice.randint(1, 4))]
        item_editing.edit_items(self.order(dice), wanted, actor=SYSTEM)

    def advance(self, dice: random.Random) -> None:
        progress.advance_order(self.order(dice), dice.choice(FORWARD), actor=SYSTEM)

    def cancel(self, dice: random.Random) -> None:
        order_id = self.order(dice)
        progress.cancel_order(order_id, actor=SYSTEM)
        refund_delivery.carry_out_refunds(order_id)

    def pay_cash(self, dice: random.Random) -> None:
        received = Decimal(dice.choice([0, 5, 20, 200]))
        payments.record_manual_payment(self.order(dice), actor=SYSTEM, method=PaymentMethod.CASH, received=received)

    def hear_of_card(self, dice: random.Random) -> None:
        payments.apply_intent(dice.choice(self.paid_intents))

    def release(self, dice: random.Random) -> None:
        editing.release_hold(self.order(dice), actor=SYSTEM, by=self.manager, reason="known")

    def count_stock(self, dice: random.Random) -> None:
        product: Product = dice.choice(self.products)
        stock.count(product.pk, dice.randint(0, 60), reason=StockReason.CORRECTED, actor=SYSTEM)

    def reconcile(self, _: random.Random) -> None:
        tasks.reconcile_payments()

    moves: tuple[Callable[["Play", random.Random], None], ...] = (
        place,
        edit,
        advance,
        advance,
        cancel,
        pay_cash,
        hear_of_card,
        release,
        count_stock,
        reconcile,
    )


def total(rows: Any, column: str) -> Any:
    return rows.aggregate(sum=Sum(column))["sum"] or ZERO


def assert_stock_agrees(product: Product) -> None:
    product.refresh_from_db()
    movements, lines = StockMovement.objects.filter(product=product), OrderLine.objects.filter(product=product)
    assert product.stock_quantity == total(movements, "quantity_delta")
    assert product.stock_reserved == total(movements, "reserved_delta") == total(lines, "stock_reserved")
    counted = movements.filter(reason__in=[StockReason.OPENING, StockReason.CORRECTED])
    assert product.stock_quantity == total(counted, "quantity_delta") - total(lines, "stock_taken")


def assert_order_agrees(order: Order) -> None:
    received = order.payments.filter(state=PaymentState.SUCCEEDED)
    assert order.amount_paid == total(received, "amount")
    if order.status != OrderStatus.CANCELLED:
        assert order.balance == total(order.ledger, "amount")
    returned = Refund.objects.filter(payment__in=received, state="succeeded")
    assert order.amount_refunded == total(returned, "amount")
    if order.payment_status == "paid":
        assert order.balance <= 0
    lines = list(order.lines.exclude(product__stock_quantity=None))
    assert not order.lines.filter(
        Q(stock_reserved__gt=0) | Q(stock_taken__gt=0), product__stock_quantity=None
    ).exists()
    if order.status == OrderStatus.CANCELLED:
        assert not any(line.stock_reserved or line.stock_taken for line in lines)
        assert not received.filter(refunds=None).exists()
    elif order.status == OrderStatus.PENDING:
        assert all((line.stock_reserved, line.stock_taken) == (line.quantity, 0) for line in lines)
    else:
        assert all((line.stock_reserved, line.stock_taken) == (0, line.quantity) for line in lines)


def assert_customer_agrees(customer: User) -> None:
    stats, expected = CustomerStats.objects.get(customer=customer), compute_stats(customer.pk)
    assert {name: getattr(stats, name) for name in expected} == expected
    account = CreditAccount.objects.filter(customer=customer).first()
    if account is not None:
        assert account.balance == total(CreditEntry.objects.filter(account=account), "amount")


def assert_stripe_agrees(play: Play) -> None:
    """What Stripe took is either what an order was paid with or set aside; it gave back once what we owe back."""
    refunded = [entry["payment_intent"] for entry in play.sandbox.ledger("stripe", "refund")]
    given_back = [intent_id for intent_id in refunded if intent_id in play.paid_intents]
    assert len(given_back) == len(set(given_back))
    owed_back = Refund.objects.filter(payment__intent_id__in=play.paid_intents)
    assert set(given_back) == set(owed_back.values_list("payment__intent_id", flat=True))
    taken = Payment.objects.filter(intent_id__in=play.paid_intents)
    assert {payment.state for payment in taken} <= {PaymentState.SUCCEEDED, PaymentState.UNAPPLIED}


def chaos(sandbox: SandboxClient, seed: int) -> None:
    play = Play(sandbox, seed)
    bugs = [result for result in storm(WORKERS, play.work) if result is not None]
    assert not bugs, f"seed {seed}: {bugs}"
    Payment.objects.exclude(next_check_at=None).update(next_check_at=timezone.now())
    Refund.objects.exclude(next_try_at=None).update(next_try_at=timezone.now())
    tasks.reconcile_payments()
    for product in play.products:
        assert_stock_agrees(product)
    for order in Order.objects.filter(customer__in=play.customers):
        assert_order_agrees(order)
    for customer in play.customers:
        assert_customer_agrees(customer)
    assert_stripe_agrees(play)
    assert not OutboxMessage.objects.exclude(state="sent").exists()


@pytest.mark.parametrize("seed", range(4))
def test_books_agree_after_a_day_of_chaos(sandbox: SandboxClient, seed: int) -> None:
    chaos(sandbox, seed)


def several(sandbox: SandboxClient, seeds: range) -> None:
    for seed in seeds:
        chaos(sandbox, seed)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_soak_chaos(sandbox: SandboxClient) -> None:
    several(sandbox, range(100, 220))


def test_control_without_order_lock_books_do_not_agree(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locks, "lock_order", lambda order_id: Order.objects.get(pk=order_id))
    monkeypatch.setattr(locks, "lock_order_even_deleted", lambda order_id: Order.objects.get(pk=order_id))
    with pytest.raises(AssertionError):
        several(sandbox, range(20))
