"""The public catalogue: what a storefront is given, and no more."""

from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from catalog.enums import StockReason
from catalog.services import products
from lld.core.actors import SYSTEM
from tests import stock
from tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db

LISTED = {"id", "name", "sku", "brand", "unit_price", "bulk_price", "bulk_quantity", "unit_size", "in_stock"}
LISTED |= {"slug", "thumbnail_url"}
DETAILED = LISTED | {
    "description",
    "category_id",
    "category",
    "case_quantity",
    "image_url",
    "barcodes",
    "is_customizable",
}


def test_public_product_has_exactly_these_keys(api: APIClient) -> None:
    product = ProductFactory(bulk_price=None, bulk_quantity=None)

    row = api.get("/api/products").json()["products"][0]
    assert set(row) == LISTED
    assert (row["unit_price"], row["bulk_price"], row["bulk_quantity"]) == (10.0, None, None)

    for path in (f"/api/products/{product.pk}", f"/api/products/sku/{product.sku}"):
        assert set(api.get(path).json()) == DETAILED


def test_product_list_is_paged(api: APIClient) -> None:
    for n in range(5):
        ProductFactory(name=f"Pan {n}")
    ProductFactory(name="Pan 0 of old", is_active=False)

    first, last, beyond = (api.get("/api/products", {"page": page, "per_page": 2}).json() for page in (1, 3, 4))

    assert {key: first[key] for key in ("total", "pages", "current_page", "per_page")} == {
        "total": 5,
        "pages": 3,
        "current_page": 1,
        "per_page": 2,
    }
    assert [row["name"] for row in first["products"]] == ["Pan 0", "Pan 1"]
    assert [row["name"] for row in last["products"]] == ["Pan 4"]
    assert (beyond["products"], beyond["current_page"]) == ([], 4)
    assert api.get("/api/products").json()["per_page"] == 100
    assert api.get("/api/products?per_page=201").json()["per_page"] == 200


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=one", "per_page=0", "limit=1.5", "category_id=pans"])
def test_invalid_query_parameter_is_named(api: APIClient, query: str) -> None:
    answer = api.get(f"/api/products?{query}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [query.partition("=")[0]])


def test_too_large_id_finds_nothing(api: APIClient) -> None:
    ProductFactory()
    beyond = "9" * 30
    assert api.get(f"/api/products?category_id={beyond}").json()["products"] == []
    assert api.get(f"/api/products/{beyond}").status_code == 404


def test_products_of_one_name_keep_their_order_over_pages(api: APIClient) -> None:
    products = [ProductFactory(name="Same") for _ in range(4)]
    seen = [api.get(f"/api/products?per_page=1&page={page}").json()["products"][0]["id"] for page in (1, 2, 3, 4)]
    assert seen == [product.pk for product in products]


def test_categories_are_a_bare_list_by_name(api: APIClient) -> None:
    CategoryFactory(name="Pans", slug="pans")
    CategoryFactory(name="Knives", slug="knives")
    rows = api.get("/api/categories").json()
    assert [row["name"] for row in rows] == ["Knives", "Pans"]
    assert set(rows[0]) == {"id", "name", "slug", "description"}


def names(api: APIClient, **query: Any) -> list[str]:
    return [row["name"] for row in api.get("/api/products", query).json()["products"]]


def test_inactive_product_is_hidden(api: APIClient) -> None:
    gone = ProductFactory(is_active=False)
    assert names(api) == []
    assert api.get(f"/api/products/{gone.pk}").status_code == 404
    assert api.get(f"/api/products/sku/{gone.sku}").status_code == 404


def test_cost_and_stock_quantity_are_hidden(api: APIClient) -> None:
    product = ProductFactory()
    for path in ("/api/products", f"/api/products/{product.pk}", f"/api/products/sku/{product.sku}"):
        text = api.get(path).content.decode()
        assert "cost" not in text
        assert "stock_quantity" not in text


@pytest.mark.django_db(transaction=True)
def test_in_stock_means_that_one_is_available(api: APIClient) -> None:
    product = stock.count(ProductFactory().pk, 1, reason=StockReason.OPENING, actor=SYSTEM)

    def shown() -> tuple[bool, bool]:
        row = api.get("/api/products").json()["products"][0]
        return row["in_stock"], api.get(f"/api/products/{product.pk}").json()["in_stock"]

    assert shown() == (True, True)

    with transaction.atomic():
        stock.reserve({product.pk: 1}, actor=SYSTEM, reference="test")
    assert shown() == (False, False)

    stock.count(product.pk, 2, reason=StockReason.CORRECTED, actor=SYSTEM)
    assert shown() == (True, True)

    products.change_product(product.pk, {"in_stock": False}, actor=SYSTEM)
    assert shown() == (False, False)


def test_product_list_filters(api: APIClient) -> None:
    knives, pans = CategoryFactory(name="Knives"), CategoryFactory(name="Pans")
    ProductFactory(name="Chef's Knife 8 in", brand="Victorinox", sku="KN-8", category=knives)
    ProductFactory(name="Sauce Pan 2 qt", brand="Vollrath", sku="PN-2", category=pans)

    assert names(api, category="knives") == ["Chef's Knife 8 in"]
    assert names(api, category_id=pans.pk) == ["Sauce Pan 2 qt"]
    assert names(api, search="victor knife") == ["Chef's Knife 8 in"]
    assert names(api, search="pn-2") == ["Sauce Pan 2 qt"]
    assert names(api, search="100%") == []
    assert names(api, category="nothing") == []
    assert names(api) == ["Chef's Knife 8 in", "Sauce Pan 2 qt"]


def test_odd_name_is_shown_unchanged(api: APIClient) -> None:
    name = "12\" Pan \\ 50% 'O' ☃ +00:00 %s {x} </script>"
    ProductFactory(name=name)
    assert names(api) == [name]


def test_sku_is_found_in_any_case(api: APIClient) -> None:
    product = ProductFactory(sku="AB-1")
    assert api.get("/api/products/sku/ab-1").json()["id"] == product.pk
