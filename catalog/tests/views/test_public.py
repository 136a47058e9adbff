"""The shape of the public catalogue: what a storefront is given, and no more."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Category, Product
from lld.core.access import Role
from tests.factories import CategoryFactory, ProductFactory, as_customer, as_staff

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


def test_exactly_these_keys_are_public(api: APIClient) -> None:
    product = ProductFactory(bulk_price=None, bulk_quantity=None)
    row = api.get("/api/products").json()["products"][0]
    assert set(row) == LISTED
    assert (row["unit_price"], row["bulk_price"], row["bulk_quantity"]) == (10.0, None, None)
    for path in (f"/api/products/{product.pk}", f"/api/products/sku/{product.sku}"):
        assert set(api.get(path).json()) == DETAILED


def test_pages_of_products(api: APIClient) -> None:
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
def test_queries_that_cannot_be_read(api: APIClient, query: str) -> None:
    answer = api.get(f"/api/products?{query}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [query.partition("=")[0]])


def test_numbers_that_no_row_can_have(api: APIClient) -> None:
    ProductFactory()
    beyond = "9" * 30
    assert api.get(f"/api/products?category_id={beyond}").json()["products"] == []
    assert api.get(f"/api/products/{beyond}").status_code == 404


def test_the_same_name_has_one_order_over_all_pages(api: APIClient) -> None:
    products = [ProductFactory(name="Same") for _ in range(4)]
    seen = [api.get(f"/api/products?per_page=1&page={page}").json()["products"][0]["id"] for page in (1, 2, 3, 4)]
    assert seen == [product.pk for product in products]


def test_categories_are_a_bare_list_by_name(api: APIClient) -> None:
    CategoryFactory(name="Pans", slug="pans")
    CategoryFactory(name="Knives", slug="knives")
    rows = api.get("/api/categories").json()
    assert [row["name"] for row in rows] == ["Knives", "Pans"]
    assert set(rows[0]) == {"id", "name", "slug", "description"}


@pytest.mark.parametrize("path", ["/api/admin/products", "/api/admin/categories"])
def test_only_managers_make_them(api: APIClient, path: str) -> None:
    assert api.post(path, {"name": "Ladle"}).status_code == 401
    for client in (as_customer(), as_staff(Role.STAFF), as_staff(Role.SALES_REP), as_staff(Role.WAREHOUSE)):
        assert client.post(path, {"name": "Ladle"}).status_code == 403
    assert not Product.objects.exists()
    assert not Category.objects.exists()


@pytest.mark.parametrize("name", ["", " ", "x" * 101, None, ["Ladles"], "a\0b"])
def test_a_category_that_cannot_be(name: Any) -> None:
    answer = as_staff().post("/api/admin/categories", {"name": name})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["name"])
    assert not Category.objects.exists()


def make(**changes: Any) -> Any:
    body = {"name": "Ladle", "sku": "LD-1", "unit_price": 5, "category_id": CategoryFactory().pk, **changes}
    return as_staff().post("/api/admin/products", body)


@pytest.mark.parametrize(
    "url", ["http://[", "https://", "http:", "//pictures.test/a.jpg", "http://a b/c", "ftp://a/b", "x" * 501]
)
def test_addresses_of_images_that_are_none(url: str) -> None:
    answer = make(image_url=url)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["image_url"])
    assert not Product.objects.exists()


@pytest.mark.parametrize("url", ["", "https://pictures.test/a.jpg?w=200", "http://localhost:8000/media/a.jpg"])
def test_addresses_of_images(url: str) -> None:
    assert make(image_url=url).json()["image_url"] == url


def test_what_was_not_asked_for_is_not_set() -> None:
    made = make(is_active=False, in_stock=False, stock_quantity=5, id=7, cost_per_item=1)
    product = Product.objects.get()
    assert made.json()["id"] == product.pk
    assert (product.is_active, product.in_stock, product.stock_quantity) == (True, True, None)
    assert product.cost_per_item is None
