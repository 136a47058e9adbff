"""The shop of a batch of sequences, and each one's part of it: who pays, what they hold, what Stripe has to tell."""

from collections import namedtuple
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, TypeVar

import time_machine
from django.db import connection
from django.utils import timezone

from accounts.models import User
from catalog.models import Product
from orders.enums import OrderStatus
from sandbox.store import Json
from sandbox.testing import SandboxClient
from tests.factories import CustomerFactory, StaffFactory, counted, priced
from tests.soak.crash import Fate

T = TypeVar("T")

# For how long a sequence lasts at most; then everything is due.
LONGEST = timedelta(days=12)


class NotNow(Exception):
    """There is nothing here that this move could be done with."""


@dataclass
class World:
    """What all sequences of a batch share."""

    sandbox: SandboxClient
    clock: time_machine.Traveller
    fate: Fate
    began: datetime = field(default_factory=timezone.now)
    heard: int = 0

    def __post_init__(self) -> None:
        # Vendors keep the true time.
        self.reconciled = self.began - timedelta(seconds=2)
        self.sandbox.reset()
        self.products: list[Product] = [
            counted(100_000),
            counted(100_000, unit_price=Decimal("7.35"), bulk_price=None, bulk_quantity=None),
            priced("0.45"),
        ]
        self.manager: User = StaffFactory(role="manager")

    def wait(self, time: timedelta) -> None:
        self.clock.shift(time)

    def events(self) -> list[Json]:
        """What Stripe has to tell since this was last asked."""
        told, self.heard = self.sandbox.objects("event", self.heard)
        return told


class Play:
    """One sequence: a customer or a guest, their orders, and what lies in their browser.

    Its rows are read after each move; nobody else changes them.
    """

    def __init__(self, world: World, seed: int) -> None:
        dice = Random(seed)
        self.world, self.seed = world, seed
        world.clock.move_to(world.began)
        world.events()
        # By these its rows are found, also those that were written without anybody being told.
        self.name, self.email = f"Soak {seed}", f"{seed}@soak.test"
        self.customer: User | None = None
        if dice.random() < 0.7:
            limit = Decimal(dice.choice([20, 500])) if dice.random() < 0.5 else None
            self.customer = CustomerFactory(email="", terms=limit)
        # What banks decide in the end.
        self.fortune = Random(f"bank {seed}")
        self.intents: list[str] = []
        self.pages: list[str] = []
        self.untold: list[Json] = []
        self.look()

    def look(self) -> None:
        """How its rows stand now."""
        self.orders = _rows(
            "SELECT id AS pk, number, status, deleted_at, balance, total_amount, amount_paid, amount_refunded,"
            " charged_back, credit_applied, payment_status FROM orders_order WHERE delivery_name = %s ORDER BY id",
            self.name,
        )
        ids = [order.pk for order in self.orders]
        self.payments = _rows(
            "SELECT id AS pk, intent_id, state, next_check_at FROM orders_payment"
            " WHERE order_id = ANY(%s) OR order_id IS NULL AND payer_email = %s ORDER BY id",
            ids,
            self.email,
        )
        self.links = _rows(
            "SELECT id AS pk, link_id, state FROM orders_paymentlink WHERE order_id = ANY(%s) ORDER BY id", ids
        )
        self.refunds = _rows(
            "SELECT id AS pk, refund_id, state FROM orders_refund WHERE payment_id = ANY(%s) ORDER BY id",
            [payment.pk for payment in self.payments],
        )

    def order(self, dice: Random) -> Any:
        """One of its orders, mostly the first; seldom one that is over."""
        if not self.orders:
            raise NotNow
        order = self.orders[0] if dice.random() < 0.8 else dice.choice(self.orders)
        if order.deleted_at is not None or (order.status == OrderStatus.CANCELLED and dice.random() < 0.8):
            raise NotNow
        return order

    def listen(self) -> None:
        self.untold += self.world.events()


def one_of(rows: Sequence[T], dice: Random) -> T:
    """Any of them, or NotNow."""
    if not rows:
        raise NotNow
    return dice.choice(rows)


def _rows(query: str, *values: Any) -> list[Any]:
    """Rows with their columns as attributes: the look after each move costs less than the models' own queries."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        row = namedtuple("Row", [column.name for column in cursor.description or ()])
        return [row(*values) for values in cursor.fetchall()]
