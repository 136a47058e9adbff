"""The shelves: what staff see, count, switch and price."""

from typing import Any

import pytest

from catalog.models import Category, Product, StockMovement
from lld.core.access import Role
from lld.core.models import AuditEntry
from tests.factories import CategoryFactory, ProductFactory, as_staff, counted, figures, place

pytestmark = pytest.mark.django_db

PATH = "/api/staff/inventory"


def put(product: Product, body: dict[str, Any], role: Role = Role.MANAGER, **extra: Any) -> Any:
    return as_staff(role).put(f"{PATH}/{product.pk}", body, **extra)


def test_inventory_lists_inactive_products_too() -> None:
    knives = CategoryFactory(name="Knives")
    ProductFactory(name="Bread knife", category=knives, in_stock=False)
    old = ProductFactory(name="Old knife", category=knives, is_active=False)
    ProductFactory(name="Ladle")
    staff = as_staff(Role.WAREHOUSE)

    def names(**query: Any) -> list[str]:
        return [row["name"] for row in staff.get(PATH, query).json()["products"]]

    assert names() == ["Bread knife", "Ladle", "Old knife"]
    assert names(category="KNIVES") == names(category=str(knives.pk)) == ["Bread knife", "Old knife"]
    assert names(category="9" * 40) == []
    assert names(search=old.sku) == ["Old knife"]
    assert names(in_stock="no") == ["Bread knife"]


def test_count_is_a_ledger_row_with_actor_and_reason() -> None:
    product = ProductFactory()

    answer = put(product, {"stock_quantity": 40, "note": "Shelf count"})
    assert answer.status_code == 200
    assert answer.json()["product"]["stock_quantity"] == 40
    row = StockMovement.objects.get()
    assert (row.reason, row.quantity_delta, row.quantity_after, row.reference) == ("corrected", 40, 40, "Shelf count")
    assert row.actor.startswith("staff:")

    put(product, {"stock_quantity": 37})
    put(product, {"stock_quantity": None})
    deltas = list(StockMovement.objects.order_by("pk").values_list("quantity_delta", "quantity_after"))
    assert deltas == [(40, 40), (-3, 37), (-37, None)]


def test_count_leaves_stock_reserved_alone() -> None:
    product = ProductFactory()
    put(product, {"stock_quantity": 10})
    place((product, 4))
    counted = put(product, {"stock_quantity": 3}).json()["product"]
    assert (counted["stock_quantity"], counted["stock_reserved"]) == (3, 4)


def test_price_and_count_change_together_or_not_at_all() -> None:
    product = ProductFactory()
    before = Product.objects.values().get()

    refused = put(product, {"stock_quantity": 5, "unit_price": 7})
    assert (refused.status_code, "bulk_price" in refused.json()["fields"]) == (400, True)
    assert Product.objects.values().get() == before
    assert not StockMovement.objects.exists()

    assert put(product, {"stock_quantity": 5, "unit_price": 11, "in_stock": False}).status_code == 200
    assert AuditEntry.objects.get(action="product.change").after == {"unit_price": "11.00", "in_stock": False}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("stock_quantity", -1),
        ("stock_quantity", 1.5),
        ("stock_quantity", True),
        ("stock_quantity", 10**9),
        ("stock_quantity", "many"),
        ("unit_price", 0),
        ("unit_price", None),
        ("bulk_price", -1),
        ("bulk_quantity", 1),
        ("in_stock", "yes"),
        ("note", "a\nb"),
        ("note", "x" * 61),
    ],
)
def test_invalid_inventory_field_is_named(field: str, value: Any) -> None:
    product = ProductFactory()
    answer = put(product, {"in_stock": False, field: value})
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})
    product.refresh_from_db()
    assert (product.in_stock, product.version) == (True, 1)


def test_stale_version_is_a_conflict() -> None:
    product = ProductFactory()
    assert put(product, {"stock_quantity": 5}, HTTP_IF_MATCH="1").status_code == 200
    stale = put(product, {"stock_quantity": 9}, HTTP_IF_MATCH="1")
    assert (stale.status_code, stale.json()["current"]["stock_quantity"]) == (409, 5)


def test_unknown_product_is_not_found() -> None:
    assert as_staff().put(f"{PATH}/1", {"stock_quantity": 1}).status_code == 404


def test_staff_categories_are_created_and_listed() -> None:
    staff = as_staff(Role.MANAGER)
    made = staff.post("/api/staff/categories", {"name": "Tongs"})
    assert (made.status_code, made.json()["category"]["name"]) == (201, "Tongs")
    assert staff.post("/api/staff/categories", {"name": "TONGS"}).json()["code"] == "duplicate"
    assert [row["name"] for row in staff.get("/api/staff/categories").json()] == ["Tongs"]


@pytest.mark.parametrize(("seen", "status", "left"), [(30, 200, 28), (31, 409, 30), (None, 409, 30)])
def test_count_of_what_moved_meanwhile_is_refused(seen: int | None, status: int, left: int) -> None:
    product = counted(30)

    answer = as_staff().put(
        f"/api/staff/inventory/{product.pk}", {"stock_quantity": 28, "expected_quantity": seen}, format="json"
    )

    assert answer.status_code == status
    assert figures(product)[0] == left
    if status == 409:
        assert answer.json()["current"]["stock_quantity"] == 30


def test_expected_quantity_alone_is_refused() -> None:
    answer = as_staff().put(f"/api/staff/inventory/{counted(30).pk}", {"expected_quantity": 30}, format="json")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["expected_quantity"])


@pytest.mark.parametrize("role", [Role.STAFF, Role.WAREHOUSE])
@pytest.mark.parametrize(("field", "value"), [("unit_price", 11), ("bulk_price", None), ("bulk_quantity", 6)])
def test_prices_are_published_by_managers_only(role: Role, field: str, value: Any) -> None:
    product = counted(30)

    refused = put(product, {"stock_quantity": 40, field: value}, role)

    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert field in refused.json()["error"]
    assert figures(product) == (30, 0)

    assert put(product, {"stock_quantity": 40, "in_stock": False}, role).status_code == 200
    assert figures(product) == (40, 0)


def test_reps_count_nothing() -> None:
    product = counted(30)
    assert put(product, {"stock_quantity": 40}, Role.SALES_REP).status_code == 403
    assert figures(product) == (30, 0)


def test_categories_are_made_by_managers_only() -> None:
    for role in (Role.STAFF, Role.SALES_REP, Role.WAREHOUSE):
        assert as_staff(role).post("/api/staff/categories", {"name": "Tongs"}).status_code == 403
    assert not Category.objects.filter(name="Tongs").exists()


def test_category_is_changed_in_what_is_named() -> None:
    category, other = CategoryFactory(description="All"), CategoryFactory()
    manager, path = as_staff(Role.MANAGER), f"/api/staff/categories/{category.pk}"

    answer = manager.put(path, {"name": "Tongs"})

    assert (answer.status_code, answer.json()["category"]["name"]) == (200, "Tongs")
    category.refresh_from_db()
    assert (category.name, category.description) == ("Tongs", "All")
    assert AuditEntry.objects.get(action="category.change").after == {"name": "Tongs"}
    assert manager.put(path, {"name": other.name.upper()}).json()["code"] == "duplicate"
    assert manager.put("/api/staff/categories/999999", {"name": "x"}).status_code == 404
