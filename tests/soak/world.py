"""The shop of a batch of sequences, and each one's part of it: who pays, what they hold, what Stripe has to tell."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from types import SimpleNamespace
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


_TABLES = ("orders", "payments", "links", "refunds")
_SUMS = {
    "balance", "going_back", "total_amount", "amount_paid", "amount_refunded", "charged_back", "credit_applied",
    "written_off",
}  # fmt: skip
# All of a sequence in one question: it is asked after every move.
_LOOK = """
WITH orders AS (
    SELECT id AS pk, number, status, deleted_at IS NOT NULL AS deleted, payment_status, balance::text,
           total_amount::text, amount_paid::text, amount_refunded::text, charged_back::text, credit_applied::text,
           written_off::text, going_back::text
      FROM orders_order WHERE delivery_name = %(name)s ORDER BY id
), payments AS (
    SELECT id AS pk, intent_id, state FROM orders_payment
     WHERE order_id IN (SELECT pk FROM orders) OR order_id IS NULL AND payer_email = %(email)s ORDER BY id
), links AS (
    SELECT id AS pk, link_id, state FROM orders_paymentlink WHERE order_id IN (SELECT pk FROM orders) ORDER BY id
), refunds AS (
    SELECT id AS pk, refund_id, state FROM orders_refund WHERE payment_id IN (SELECT pk FROM payments) ORDER BY id
)
SELECT json_build_object('orders', (SELECT json_agg(orders) FROM orders),
                         'payments', (SELECT json_agg(payments) FROM payments),
                         'links', (SELECT json_agg(links) FROM links),
                         'refunds', (SELECT json_agg(refunds) FROM refunds))
"""


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
        with connection.cursor() as cursor:
            cursor.execute(_LOOK, {"name": self.name, "email": self.email})
            [rows] = cursor.fetchone()
        self.orders, self.payments, self.links, self.refunds = (
            [SimpleNamespace(**_as_told(row)) for row in rows[table] or ()] for table in _TABLES
        )

    def order(self, dice: Random) -> Any:
        """One of its orders, mostly the first; seldom one that is over."""
        if not self.orders:
            raise NotNow
        order = self.orders[0] if dice.random() < 0.8 else dice.choice(self.orders)
        if order.deleted or (order.status == OrderStatus.CANCELLED and dice.random() < 0.8):
            raise NotNow
        return order

    def listen(self) -> None:
        self.untold += self.world.events()


def one_of(rows: Sequence[T], dice: Random) -> T:
    """Any of them, or NotNow."""
    if not rows:
        raise NotNow
    return dice.choice(rows)


def _as_told(row: Json) -> Json:
    """Sums come as text, which loses nothing."""
    return {name: Decimal(value) if name in _SUMS else value for name, value in row.items()}
