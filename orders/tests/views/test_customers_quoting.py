"""Quotes: what a basket would cost, what it would meet, and that the order then costs the same."""

import random
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.enums import StockReason
from lld.core.actors import SYSTEM
from orders.models import Order
from tests import stock
from tests.factories import CustomerFactory, ProductFactory, as_customer, counted, order_body, priced

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]

TOTALS = ("subtotal", "discount_amount", "delivery_fee", "tax_amount", "total_amount")


def test_total_over_its_limit_is_refused(api: APIClient) -> None:
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


def test_repeated_items_add_up_in_order_of_first_mention(api: APIClient) -> None:
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


def test_items_list_takes_two_hundred_rows(api: APIClient) -> None:
    items = [{"product_id": ProductFactory().pk, "quantity": 1}] * 200
    assert api.post("/api/orders/quote", {"items": items}).json()["lines"][0]["quantity"] == 200
    over = api.post("/api/orders/quote", {"items": [*items, items[0]]})
    assert (over.status_code, list(over.json()["fields"])) == (400, ["items"])


def test_quote_says_what_is_available(api: APIClient) -> None:
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


def test_quote_shows_terms_and_hold_reasons() -> None:
    client = as_customer(CustomerFactory(terms=Decimal("40.00")))
    items = {"items": [{"product_id": ProductFactory().pk, "quantity": 2}]}

    terms = client.post("/api/orders/quote", items).json()["terms"]
    assert terms == {
        "approved": True,
        "would_hold": True,
        "hold_reasons": ["over_limit"],
        "credit_limit": 40.0,
        "balance": 0.0,
    }

    nobody = APIClient().post("/api/orders/quote", items).json()["terms"]
    assert nobody["hold_reasons"] == ["not_approved"]


def test_quote_totals_equal_those_of_the_order(api: APIClient) -> None:
    dice = random.Random(7)
    products = [
        ProductFactory(unit_price=Decimal(dice.randint(100, 9999)) / 100, bulk_price=None, bulk_quantity=None)
        for _ in range(4)
    ] + [ProductFactory() for _ in range(3)]

    for _ in range(15):
        basket = [(product, dice.randint(1, 30)) for product in dice.sample(products, dice.randint(1, 5))]
        body = order_body(*basket)

        quote = api.post("/api/orders/quote", {"items": body["items"]}).json()
        order = api.post("/api/orders", body).json()["order"]

        names = ("subtotal", "discount_amount", "delivery_fee", "tax_amount", "total_amount")
        assert {name: quote[name] for name in names} == {name: order[name] for name in names}
        assert [line["line_total"] for line in quote["lines"]] == [line["line_total"] for line in order["items"]]


def test_quote_explains_the_price_and_the_next_price_break(api: APIClient) -> None:
    product = counted(10)

    line = api.post("/api/orders/quote", {"items": [{"product_id": product.pk, "quantity": 11}]}).json()["lines"][0]

    assert line["why"] == "List price."
    assert line["next_price_break"] == {"quantity": 12, "unit_price": 8.0}
    assert (line["available"], line["available_quantity"]) == (False, 10)
    assert not Order.objects.exists()
