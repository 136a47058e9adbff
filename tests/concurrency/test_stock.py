"""A hundred buyers and thirty-seven pieces; buyers who want the same two things in opposite order."""

from collections import Counter
from collections.abc import Mapping

import pytest
from rest_framework.test import APIClient

from catalog import locks
from catalog.models import Product, StockMovement
from catalog.services import stock
from orders.models import Order, OrderLine
from tests.concurrency.storm import storm
from tests.factories import counted, order_body
from tests.tries import forget_tries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]

STOCK = 37
BUYERS = 100


def buy(*items: tuple[Product, int]) -> int:
    answer = APIClient().post("/api/orders", order_body(*items))
    if answer.status_code == 409:
        assert answer.json()["code"] == "out_of_stock"
    return int(answer.status_code)


def assert_ledger_adds_up(product: Product) -> None:
    product.refresh_from_db()
    movements = StockMovement.objects.filter(product=product)
    assert sum(row.quantity_delta for row in movements) == product.stock_quantity
    assert sum(row.reserved_delta for row in movements) == product.stock_reserved
    lines = OrderLine.objects.filter(product=product)
    assert sum(line.stock_reserved for line in lines) == product.stock_reserved


def sell_out(buyers: int, pieces: int) -> None:
    product = counted(pieces)
    statuses = Counter(storm(buyers, lambda _: buy((product, 1))))
    assert statuses == {201: pieces, 409: buyers - pieces}
    assert OrderLine.objects.filter(product=product).count() == pieces
    assert_ledger_adds_up(product)
    assert product.stock_reserved == pieces


def test_buyers_at_once_get_exactly_what_there_is() -> None:
    sell_out(BUYERS, STOCK)
    assert Order.objects.count() == STOCK


def test_control_without_lock_and_guard_stock_is_oversold(monkeypatch: pytest.MonkeyPatch) -> None:
    def read_without_lock(ids: object) -> Mapping[int, Product]:
        return Product.objects.in_bulk(list(ids))  # type: ignore[call-overload]  # ids

    guarded = stock._update_figures
    monkeypatch.setattr(locks, "lock_products", read_without_lock)
    monkeypatch.setattr(stock, "_update_figures", lambda changes, guard: guarded(changes, guard=False))
    product = counted(STOCK)

    statuses = Counter(storm(BUYERS, lambda _: buy((product, 1))))

    assert statuses[201] > STOCK


def test_database_guard_holds_without_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "lock_products", lambda ids: Product.objects.in_bulk(list(ids)))
    product = counted(5)
    statuses = Counter(storm(30, lambda _: buy((product, 1))))
    assert statuses == {201: 5, 409: 25}
    assert_ledger_adds_up(product)


def test_opposite_baskets_do_not_deadlock() -> None:
    one, other = counted(1000), counted(1000)
    baskets = [((one, 1), (other, 1)), ((other, 1), (one, 1))]
    assert Counter(storm(30, lambda index: buy(*baskets[index % 2]))) == {201: 30}
    assert_ledger_adds_up(one)
    assert_ledger_adds_up(other)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_soak_selling_out() -> None:
    for _ in range(100):
        forget_tries()
        sell_out(20, 7)
