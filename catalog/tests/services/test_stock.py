"""The stock ledger explains every figure, whatever happened in between."""

import random

import pytest
from django.db import connection, transaction
from django.db.models import Sum
from django.db.transaction import TransactionManagementError
from django.test.utils import CaptureQueriesContext

from catalog.enums import StockReason
from catalog.errors import OutOfStock
from catalog.models import Product, StockMovement
from catalog.services import bulk
from catalog.services import stock as ledger
from catalog.services.stock import HeldProducts, hold_products
from lld.core.actors import SYSTEM
from tests import stock
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def explained(product: Product) -> tuple[int, int]:
    """The sums of the ledger; a figure that is not counted is none of them."""
    sums = StockMovement.objects.filter(product=product).aggregate(Sum("quantity_delta"), Sum("reserved_delta"))
    return sums["quantity_delta__sum"] or 0, sums["reserved_delta__sum"] or 0


def assert_explained(product: Product) -> None:
    product.refresh_from_db()
    assert explained(product) == (product.stock_quantity or 0, product.stock_reserved)
    newest = StockMovement.objects.filter(product=product).order_by("-pk").first()
    if newest is not None:
        assert (newest.quantity_after, newest.reserved_after) == (product.stock_quantity, product.stock_reserved)


@pytest.mark.parametrize("seed", range(4))
def test_figures_are_the_sums_of_the_ledger_after_any_history(seed: int) -> None:
    dice = random.Random(seed)
    product = ProductFactory()
    promised: list[int] = []
    taken: list[int] = []
    for step in range(60):
        product.refresh_from_db()
        quantity = dice.randint(1, 6)
        reference = f"step-{step}"
        move = dice.choice(["reserve", "reserve", "deduct", "release", "restore", "count", "stop"])
        if move == "reserve":
            had = product.available
            try:
                reserved = stock.reserve({product.pk: quantity}, actor=SYSTEM, reference=reference)
            except OutOfStock:
                assert had is not None
                assert had < quantity
            else:
                assert had is None or had >= quantity
                promised.append(reserved[product.pk])
        elif move == "deduct" and promised:
            held = promised.pop()
            asked = held or quantity
            try:
                result = stock.deduct({product.pk: asked}, {product.pk: held}, actor=SYSTEM, reference=reference)
                taken.append(result[product.pk])
            except OutOfStock:
                promised.append(held)
        elif move == "release" and promised:
            stock.release({product.pk: promised.pop()}, actor=SYSTEM, reference=reference)
        elif move == "restore" and taken:
            stock.restore({product.pk: taken.pop()}, actor=SYSTEM, reference=reference)
        elif move == "count":
            stock.count(product.pk, dice.randint(0, 30), reason=StockReason.CORRECTED, actor=SYSTEM)
        elif move == "stop" and dice.random() < 0.3:
            stock.count(product.pk, None, reason=StockReason.CORRECTED, actor=SYSTEM)
        assert_explained(product)
    for held in promised:
        stock.release({product.pk: held}, actor=SYSTEM, reference="end")
    product.refresh_from_db()
    assert product.stock_reserved == 0


def test_shortage_of_one_line_changes_no_other() -> None:
    enough = stock.count(ProductFactory().pk, 9, reason=StockReason.OPENING, actor=SYSTEM)
    short = stock.count(ProductFactory().pk, 1, reason=StockReason.OPENING, actor=SYSTEM)

    with pytest.raises(OutOfStock) as refusal:
        stock.reserve({enough.pk: 2, short.pk: 2}, actor=SYSTEM, reference="order")

    assert [line["sku"] for line in refusal.value.extra["lines"]] == [short.sku]
    for product in (enough, short):
        assert_explained(product)
        assert product.stock_reserved == 0
    assert not StockMovement.objects.filter(reason=StockReason.RESERVED).exists()


def test_shortages_of_a_deduction_stand_in_the_order_of_products() -> None:
    first, second = (
        stock.count(p.pk, 2, reason=StockReason.OPENING, actor=SYSTEM) for p in ProductFactory.create_batch(2)
    )

    with pytest.raises(OutOfStock) as refusal:
        stock.deduct({second.pk: 3, first.pk: 3}, {}, actor=SYSTEM, reference="order")

    assert [line["sku"] for line in refusal.value.extra["lines"]] == [first.sku, second.sku]


def test_ledger_rows_say_why_and_for_what() -> None:
    product = stock.count(ProductFactory().pk, 10, reason=StockReason.OPENING, actor=SYSTEM)

    asked = {product.pk: 3}
    reserved = stock.reserve(asked, actor=SYSTEM, reference="one")
    stock.release(reserved, actor=SYSTEM, reference="one")
    reserved = stock.reserve(asked, actor=SYSTEM, reference="two")
    taken = stock.deduct(asked, reserved, actor=SYSTEM, reference="two")
    stock.restore(taken, actor=SYSTEM, reference="two")

    rows = StockMovement.objects.filter(product=product).order_by("pk")
    assert [(row.reason, row.quantity_delta, row.reserved_delta, row.reference, row.actor) for row in rows] == [
        ("opening", 10, 0, "", "system"),
        ("reserved", 0, 3, "one", "system"),
        ("released", 0, -3, "one", "system"),
        ("reserved", 0, 3, "two", "system"),
        ("deducted", -3, -3, "two", "system"),
        ("restored", 3, 0, "two", "system"),
    ]


def test_reserving_writes_no_index() -> None:
    """The new row finds room in the old one's page: PostgreSQL calls that heap-only."""
    products = ProductFactory.create_batch(200, stock_quantity=10)
    with connection.cursor() as cursor:
        written = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relname = 'catalog_product'"
        cursor.execute(written)
        updated, heap_only = cursor.fetchone()
        for product in products[::20]:
            stock.reserve({product.pk: 1}, actor=SYSTEM, reference="order")
        cursor.execute(written)
        assert cursor.fetchone() == (updated + 10, heap_only + 10)


@pytest.mark.django_db(transaction=True)
def test_hold_products_needs_a_transaction() -> None:
    product = ProductFactory()
    for hold in (hold_products, HeldProducts):
        with pytest.raises(TransactionManagementError):
            hold([product.pk])


def test_held_products_show_their_new_figures() -> None:
    product = stock.count(ProductFactory().pk, 10, reason=StockReason.OPENING, actor=SYSTEM)
    with transaction.atomic():
        held = hold_products([product.pk, product.pk + 1])
        assert list(held) == [product.pk]
        reserved = ledger.reserve(held, {product.pk: 3}, actor=SYSTEM, reference="one")
        assert held[product.pk].available == 7
        ledger.deduct(held, {product.pk: 3}, reserved, actor=SYSTEM, reference="one")
        assert (held[product.pk].stock_quantity, held[product.pk].stock_reserved) == (7, 0)
        with pytest.raises(OutOfStock):
            ledger.reserve(held, {product.pk: 8}, actor=SYSTEM, reference="two")
    assert_explained(product)


def test_product_not_held_is_not_changed() -> None:
    held_one, other = ProductFactory.create_batch(2, stock_quantity=10)
    with pytest.raises(KeyError), transaction.atomic():
        ledger.release(hold_products([held_one.pk]), {other.pk: 1}, actor=SYSTEM, reference="order")
    assert not StockMovement.objects.exists()


def test_bulk_row_locks_its_product_once() -> None:
    product = ProductFactory()
    with CaptureQueriesContext(connection) as queries:
        bulk.save_row(product.pk, {"name": "Pot"}, actor=SYSTEM, counted={"stock_quantity": 4})
    assert sum("FOR UPDATE" in query["sql"] for query in queries) == 1
