"""What a basket costs: the one computation behind the quote and the order."""

import random
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.enums import StockReason
from lld.core.actors import SYSTEM
from lld.core.errors import InvalidInput
from orders.models import Order
from orders.services import quoting
from orders.services.quoting import Quote
from tests import stock
from tests.factories import ProductFactory, order_body

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]

TOTALS = ("subtotal", "discount_amount", "delivery_fee", "tax_amount", "total_amount")


def priced(price: str, **values: Any) -> Any:
    return ProductFactory(unit_price=Decimal(price), bulk_price=None, bulk_quantity=None, **values)


def quoted(price: str, **options: Any) -> Quote:
    """One of a product at this price."""
    product = priced(price)
    return quoting.quote_products({product.pk: product}, {product.pk: 1}, **options)


@pytest.mark.parametrize(
    ("price", "discount", "fee", "gap"),
    [
        ("299.99", "0", "25.00", "0.01"),
        ("300.00", "0", "0.00", "0.00"),
        ("300.00", "0.01", "25.00", "0.01"),
        ("310.00", "10.00", "0.00", "0.00"),
        ("310.00", "10.01", "25.00", "0.01"),
        ("10.00", "10.00", "25.00", "300.00"),
    ],
)
def test_delivery_is_free_by_what_is_left_after_the_discount(price: str, discount: str, fee: str, gap: str) -> None:
    totals = quoted(price, discount=Decimal(discount)).totals
    assert (totals.delivery_fee, totals.free_delivery_gap) == (Decimal(fee), Decimal(gap))
    assert totals.total == Decimal(price) - Decimal(discount) + Decimal(fee)


def test_a_fee_that_staff_named_stays() -> None:
    assert quoted("500.00", delivery_fee=Decimal("12.50")).totals.total == Decimal("512.50")
    assert quoted("5.00", delivery_fee=Decimal("0.00")).totals.total == Decimal("5.00")


@pytest.mark.parametrize(
    ("price", "discount", "tax"),
    # 10.25 % of 100.00 − 50.00, of 2.00 (0.205, half up), of 1.99 (0.203975).
    [("100.00", "50.00", "5.13"), ("2.00", "0", "0.21"), ("1.99", "0", "0.20"), ("9.00", "9.00", "0.00")],
)
def test_tax_is_on_the_goods_after_the_discount_and_not_on_delivery(
    settings: Any, price: str, discount: str, tax: str
) -> None:
    settings.SALES_TAX_RATE = Decimal("0.1025")
    totals = quoted(price, discount=Decimal(discount)).totals
    assert totals.tax == Decimal(tax)
    assert totals.total == Decimal(price) - Decimal(discount) + Decimal("25.00") + Decimal(tax)


def test_there_is_no_tax_unless_it_is_set() -> None:
    assert quoted("100.00").totals.tax == 0


def test_a_discount_is_never_more_than_the_goods() -> None:
    with pytest.raises(InvalidInput) as refusal:
        quoted("10.00", discount=Decimal("10.01"))
    assert list(refusal.value.fields or {}) == ["discount_amount"]


def test_an_order_for_more_than_anyone_has_is_refused(api: APIClient) -> None:
    product = priced("100.00")
    most = order_body((product, 99_999), (priced("74.99"), 1))
    assert api.post("/api/orders/quote", {"items": most["items"]}).json()["total_amount"] == 9_999_974.99
    assert api.post("/api/orders", most).status_code == 201
    dear = priced("9999999999.99")
    for body in (order_body((product, 100_000)), order_body((dear, 100_000)), order_body((dear, 1), (product, 1))):
        for path, sent in (("/api/orders/quote", {"items": body["items"]}), ("/api/orders", body)):
            answer = api.post(path, sent)
            assert (answer.status_code, list(answer.json()["fields"])) == (400, ["items"])
    assert Order.objects.count() == 1


def test_lines_come_in_the_order_of_first_mention_and_repeats_add_up(api: APIClient) -> None:
    one, two = ProductFactory(sku="ONE"), ProductFactory(sku="TWO")
    items = [
        {"sku": "two", "quantity": 5},
        {"product_id": one.pk, "quantity": 1},
        {"product_id": two.pk, "quantity": 6},
        {"product_id": None, "sku": " TWO ", "quantity": 1},
    ]
    lines = api.post("/api/orders/quote", {"items": items}).json()["lines"]
    assert [(line["product_sku"], line["quantity"], line["unit_price"]) for line in lines] == [
        ("TWO", 12, 8.0),
        ("ONE", 1, 10.0),
    ]
    assert api.post("/api/orders", {**order_body(), "items": items}).json()["order"]["item_count"] == 2


def test_the_most_lines_that_an_order_may_have(api: APIClient) -> None:
    items = [{"product_id": ProductFactory().pk, "quantity": 1}] * 200
    assert api.post("/api/orders/quote", {"items": items}).json()["lines"][0]["quantity"] == 200
    over = api.post("/api/orders/quote", {"items": [*items, items[0]]})
    assert (over.status_code, list(over.json()["fields"])) == (400, ["items"])


def test_what_can_be_had(api: APIClient) -> None:
    few = stock.count(ProductFactory().pk, 3, reason=StockReason.OPENING, actor=SYSTEM)
    not_counted, not_for_sale = ProductFactory(), ProductFactory(in_stock=False)
    stopped = stock.count(ProductFactory(in_stock=False).pk, 9, reason=StockReason.OPENING, actor=SYSTEM)
    items = [{"product_id": product.pk, "quantity": 3} for product in (few, not_counted, not_for_sale, stopped)]
    lines = api.post("/api/orders/quote", {"items": items}).json()["lines"]
    assert [(line["available"], line["available_quantity"]) for line in lines] == [
        (True, 3),
        (True, None),
        (False, 0),
        (False, 0),
    ]


@pytest.mark.parametrize("seed", range(6))
def test_any_basket_costs_what_was_quoted(api: APIClient, settings: Any, seed: int) -> None:
    settings.SALES_TAX_RATE = Decimal("0.1025")
    dice = random.Random(seed)
    products = []
    for _ in range(6):
        price = Decimal(dice.randint(1, 20_000)) / 100
        bulk = (price * Decimal(dice.randint(50, 100)) / 100).quantize(Decimal("0.01")) or price
        products.append(ProductFactory(unit_price=price, bulk_price=bulk, bulk_quantity=dice.randint(2, 20)))
    for _ in range(5):
        basket = [(dice.choice(products), dice.randint(1, 25)) for _ in range(dice.randint(1, 8))]
        body = order_body(*basket)
        for item, (product, _) in zip(body["items"], basket, strict=True):
            if dice.random() < 0.5:
                item["sku"] = product.sku.lower()
                del item["product_id"]
        quote = api.post("/api/orders/quote", {"items": body["items"]}).json()
        order = api.post("/api/orders", body).json()["order"]
        assert {name: quote[name] for name in TOTALS} == {name: order[name] for name in TOTALS}
        names = ("product_id", "quantity", "unit_price", "is_bulk_price", "line_total")
        assert [[line[name] for name in names] for line in quote["lines"]] == [
            [line[name] for name in names] for line in order["items"]
        ]
        goods = sum(Decimal(str(line["line_total"])) for line in order["items"])
        assert goods == Decimal(str(order["subtotal"]))
        assert len(quote["lines"]) == len({product.pk for product, _ in basket})
