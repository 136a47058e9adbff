"""A hundred buyers and thirty-seven pieces; buyers who want the same two things in opposite order."""

import itertools
from collections import Counter
from collections.abc import Mapping

import pytest
from rest_framework.test import APIClient

from catalog import locks
from catalog.models import Product, StockMovement
from catalog.services import stock
from lld.core.actors import SYSTEM, Actor
from orders.models import Order, OrderLine
from orders.services import progress
from tests.concurrency.storm import storm
from tests.factories import ProductFactory, counted, order_body, place
from tests.tries import forget_tries

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]

STOCK = 37
BUYERS = 100


_guests = itertools.count(1)


def buy(*items: tuple[Product, int]) -> int:
    """By a guest whom nobody has seen: those of one guest wait for each other."""
    number = next(_guests)
    client = APIClient(REMOTE_ADDR=f"10.1.{number // 250}.{number % 250}")
    body = order_body(*items, delivery_phone="", delivery_email=f"{number}@guests.test")
    answer = client.post("/api/orders", body)
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


def cancel_while_others_order() -> list[object]:
    """Orders of a counted and an uncounted thing are cancelled and placed at once: what anybody was refused."""
    # Made first, so that it is the first to be locked.
    uncounted, thing = ProductFactory(), counted(100)
    orders = [place((uncounted, 1), (thing, 1), payment_method="check") for _ in range(4)]

    def act(number: int) -> None:
        if number < len(orders):
            progress.cancel_order(orders[number].pk, actor=SYSTEM)
        else:
            place((uncounted, 1), (thing, 1), payment_method="check")

    return [result for result in storm(8, act) if isinstance(result, Exception)]


def test_cancelling_and_ordering_never_wait_for_each_other_in_a_circle() -> None:
    for _ in range(5):
        assert not cancel_while_others_order()


def test_control_locking_what_holds_stock_first_deadlocks(monkeypatch: pytest.MonkeyPatch) -> None:
    give_back = progress.give_back_stock

    def lock_twice(order: Order, actor: Actor) -> None:
        stock.hold_products(order.lines.filter(stock_reserved__gt=0).values_list("product_id", flat=True))
        stock.hold_products(order.lines.values_list("product_id", flat=True))
        give_back(order, actor)

    monkeypatch.setattr(progress, "give_back_stock", lock_twice)

    refused = next(filter(None, (cancel_while_others_order() for _ in range(30))), [])
    assert any("deadlock" in str(refusal) for refusal in refused)
