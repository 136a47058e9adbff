"""Products and categories, as managers make them under /api/admin."""

from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.models import Category, Product
from lld.core.access import Role
from lld.core.models import AuditEntry
from tests.factories import CategoryFactory, as_customer, as_staff

pytestmark = pytest.mark.django_db

GOODS: dict[str, Any] = {"name": "Ladle", "sku": "ld-1", "unit_price": 5}


def create(**changes: Any) -> Any:
    body = {**GOODS, "category_id": CategoryFactory().pk, **changes}
    return as_staff(Role.MANAGER).post("/api/admin/products", body)


def test_new_product_is_audited() -> None:
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
def test_invalid_product_field_is_named(changes: dict[str, Any], field: str) -> None:
    answer = create(**changes)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert not Product.objects.exists()


def test_taken_sku_or_category_name_is_a_conflict() -> None:
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


def test_float_price_is_rounded_not_refused() -> None:
    assert create(unit_price=0.1 + 0.2).json()["unit_price"] == 0.3
    assert Product.objects.get().unit_price == Decimal("0.30")


@pytest.mark.parametrize("path", ["/api/admin/products", "/api/admin/categories"])
def test_products_and_categories_need_a_manager(api: APIClient, path: str) -> None:
    assert api.post(path, {"name": "Ladle"}).status_code == 401
    for client in (as_customer(), as_staff(Role.STAFF), as_staff(Role.SALES_REP), as_staff(Role.WAREHOUSE)):
        assert client.post(path, {"name": "Ladle"}).status_code == 403
    assert not Product.objects.exists()
    assert not Category.objects.exists()


@pytest.mark.parametrize("name", ["", " ", "x" * 101, None, ["Ladles"], "a\0b"])
def test_invalid_category_name_is_named(name: Any) -> None:
    answer = as_staff().post("/api/admin/categories", {"name": name})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["name"])
    assert not Category.objects.exists()


def make(**changes: Any) -> Any:
    body = {"name": "Ladle", "sku": "LD-1", "unit_price": 5, "category_id": CategoryFactory().pk, **changes}
    return as_staff().post("/api/admin/products", body)


@pytest.mark.parametrize(
    "url", ["http://[", "https://", "http:", "//pictures.test/a.jpg", "http://a b/c", "ftp://a/b", "x" * 501]
)
def test_invalid_image_url_is_named(url: str) -> None:
    answer = make(image_url=url)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["image_url"])
    assert not Product.objects.exists()


@pytest.mark.parametrize("url", ["", "https://pictures.test/a.jpg?w=200", "http://localhost:8000/media/a.jpg"])
def test_image_url_is_kept_as_given(url: str) -> None:
    assert make(image_url=url).json()["image_url"] == url


def test_other_fields_are_refused() -> None:
    others = {"is_active": False, "in_stock": False, "stock_quantity": 5, "id": 7, "cost_per_item": 1}
    assert set(make(**others).json()["fields"]) == set(others)
    assert not Product.objects.exists()
