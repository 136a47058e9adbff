"""The public catalogue, and making products."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from catalog.enums import StockReason
from catalog.models import Category, Product
from catalog.services import products
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import AuditEntry
from tests import stock
from tests.factories import CategoryFactory, ProductFactory, as_staff

pytestmark = pytest.mark.django_db


def names(api: APIClient, **query: Any) -> list[str]:
    return [row["name"] for row in api.get("/api/products", query).json()["products"]]


def test_what_is_out_of_the_catalogue_is_nowhere(api: APIClient) -> None:
    gone = ProductFactory(is_active=False)
    assert names(api) == []
    assert api.get(f"/api/products/{gone.pk}").status_code == 404
    assert api.get(f"/api/products/sku/{gone.sku}").status_code == 404


def test_nobody_sees_what_it_costs_us_or_how_many_there_are(api: APIClient) -> None:
    product = ProductFactory()
    for path in ("/api/products", f"/api/products/{product.pk}", f"/api/products/sku/{product.sku}"):
        text = api.get(path).content.decode()
        assert "cost" not in text
        assert "stock_quantity" not in text


@pytest.mark.django_db(transaction=True)
def test_in_stock_means_that_one_can_be_had(api: APIClient) -> None:
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


def test_filters(api: APIClient) -> None:
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


def test_text_that_json_or_sql_could_trip_over(api: APIClient) -> None:
    name = "12\" Pan \\ 50% 'O' ☃ +00:00 %s {x} </script>"
    ProductFactory(name=name)
    assert names(api) == [name]


def test_a_sku_is_found_whatever_its_case(api: APIClient) -> None:
    product = ProductFactory(sku="AB-1")
    assert api.get("/api/products/sku/ab-1").json()["id"] == product.pk


GOODS: dict[str, Any] = {"name": "Ladle", "sku": "ld-1", "unit_price": 5}


def create(**changes: Any) -> Any:
    body = {**GOODS, "category_id": CategoryFactory().pk, **changes}
    return as_staff(Role.MANAGER).post("/api/admin/products", body)


def test_a_product_is_made_with_an_audit_row() -> None:
    made = create(bulk_price=4.5, bulk_quantity=6).json()
    assert (made["sku"], made["unit_price"], made["bulk_price"], made["in_stock"]) == ("LD-1", 5.0, 4.5, True)
    entry = AuditEntry.objects.get(action="product.create")
    assert (entry.after["sku"], entry.after["unit_price"]) == ("LD-1", "5.00")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"sku": "with space"}, "sku"),
        ({"sku": "x" * 41}, "sku"),
        ({"unit_price": 0}, "unit_price"),
        ({"unit_price": -1}, "unit_price"),
        ({"unit_price": "a lot"}, "unit_price"),
        ({"unit_price": 1e15}, "unit_price"),
        ({"category_id": 10**9}, "category_id"),
        ({"category_id": "x"}, "category_id"),
        ({"bulk_price": 4}, "bulk_quantity"),
        ({"bulk_quantity": 4}, "bulk_price"),
        ({"bulk_price": 6, "bulk_quantity": 4}, "bulk_price"),
        ({"bulk_price": 4, "bulk_quantity": 1}, "bulk_quantity"),
        ({"image_url": "javascript:alert(1)"}, "image_url"),
        ({"image_url": "data:image/png;base64,AAAA"}, "image_url"),
    ],
)
def test_a_product_that_cannot_be(changes: dict[str, Any], field: str) -> None:
    answer = create(**changes)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert not Product.objects.exists()


def test_a_taken_sku_and_a_taken_name() -> None:
    assert create().status_code == 201
    assert create(sku="LD-1").json()["code"] == "duplicate"
    staff = as_staff(Role.ADMIN)
    assert staff.post("/api/admin/categories", {"name": "Ladles"}).status_code == 201
    assert staff.post("/api/admin/categories", {"name": "LADLES"}).status_code == 409
    for name in ("C", "C++", "C#", "餐盘", "🍳"):
        assert staff.post("/api/admin/categories", {"name": name}).status_code == 201, name
    assert set(Category.objects.values_list("slug", flat=True)) >= {
        "ladles",
        "c",
        "c-2",
        "c-3",
        "category",
        "category-2",
    }


def test_sums_of_binary_floats_are_rounded_not_refused() -> None:
    assert create(unit_price=0.1 + 0.2).json()["unit_price"] == 0.3
    assert Product.objects.get().unit_price == Decimal("0.30")
