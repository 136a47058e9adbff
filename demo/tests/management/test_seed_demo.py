"""The command: what its options do, and when it refuses."""

import hashlib
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import User
from catalog.models import Product
from demo.logins import DEMO_LOGINS, DEMO_PASSWORD
from orders.models import Order
from orders.services import terms
from tests.factories import order_body

pytestmark = pytest.mark.django_db

# A Friday noon in Chicago, so that there are orders in every state.
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)
TABLES = (
    "accounts_customerprofile", "accounts_smsconsent", "catalog_barcode", "catalog_product", "catalog_stockmovement",
    "orders_customerstats", "orders_order", "orders_orderline", "orders_payment",
)  # fmt: skip


def seed(**options: Any) -> None:
    call_command("seed_demo", **{"customers": 120, "products": 500, "orders": 1500, "now": NOW, **options})


def scalar(query: str, *parameters: object) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchone()[0]


def fingerprint() -> str:
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT (to_jsonb(t) - 'id')::text AS content FROM {table} t ORDER BY content")  # noqa: S608
            digest.update(repr(cursor.fetchall()).encode())
    return digest.hexdigest()


def empty() -> None:
    with connection.cursor() as cursor:
        # The test's own transaction holds the foreign keys' checks back; they stand in the way.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "TRUNCATE accounts_user, accounts_smsconsent, catalog_category, catalog_product, orders_order CASCADE"
        )
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_seed_decides_the_data() -> None:
    prints = []

    for number in (1, 1, 2):
        seed(seed=number)
        prints.append(fingerprint())
        empty()

    assert prints[0] == prints[1] != prints[2]


@pytest.mark.parametrize(("customers", "orders"), [(50, 20), (50, 90), (100, 1000), (10, 2000)])
def test_order_count_is_about_what_was_asked_for(customers: int, orders: int) -> None:
    seed(customers=customers, orders=orders, products=50)
    assert 0.8 * orders <= Order.objects.count() <= 1.1 * orders


def test_products_beyond_the_catalogue_are_named_variants() -> None:
    seed(customers=2, products=6000, orders=1)

    products = list(Product.objects.order_by("pk"))
    assert len(products) == 6000
    assert len({product.name for product in products}) == len({product.sku for product in products}) == 6000
    assert all(product.unit_price > product.cost_per_item for product in products if product.cost_per_item)
    original, variant = products[0], next(p for p in products[1000:] if p.sku.startswith(f"{products[0].sku}-"))
    assert variant.name.startswith("Bib Apron, 3 Pockets")
    assert variant.category_id == original.category_id


@pytest.mark.parametrize("login", [login for login, _, _ in DEMO_LOGINS])
def test_demo_logins_work(api: APIClient, login: str) -> None:
    seed(customers=2, products=20, orders=10)
    user = User.objects.get(username=login)
    path = "/api/staff/login" if user.role else "/api/login"
    assert api.post(path, {"username": login, "password": DEMO_PASSWORD}).status_code == 200


def test_new_order_can_be_placed_after_seeding(api: APIClient) -> None:
    seed(now=None)
    product = Product.objects.filter(in_stock=True, stock_quantity__gt=20).first()
    assert product is not None

    answer = api.post("/api/orders", order_body((product, 2)))
    assert answer.status_code == 201, answer.content

    customer = User.objects.get(username="customer")
    assert not terms.assess_terms(customer, product.unit_price).would_hold


def test_database_with_data_is_left_alone() -> None:
    seed()

    before = Order.objects.count()
    call_command("seed_demo", "--if-empty")
    assert Order.objects.count() == before

    with pytest.raises(CommandError, match="only an empty database"):
        call_command("seed_demo")


@pytest.mark.parametrize("arguments", [["--orders=0"], ["--customers=-1"], ["--products=x"], ["--products=10000000"]])
def test_invalid_options_write_nothing(arguments: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("seed_demo", *arguments)
    assert not User.objects.exists()
