"""Many products changed at once with a key: each row on its own."""

from typing import Any

import pytest

from catalog.models import Product
from lld.core.access import Scope
from lld.core.models import AuditEntry
from tests.factories import CategoryFactory, ProductFactory, as_key

pytestmark = pytest.mark.django_db

PATH = "/api/v1/products/bulk-update"
CHANGES = {
    "name": "Ladle",
    "description": "Sturdy",
    "brand": "Winco",
    "unit_size": "dozen",
    "unit_price": 12.5,
    "bulk_price": 11.25,
    "bulk_quantity": 6,
    "in_stock": False,
}


def update(*rows: Any) -> Any:
    answer = as_key(Scope.CATALOG_WRITE).post(PATH, {"products": list(rows)})
    assert answer.status_code == 200, answer.content
    body = answer.json()
    for name in ("updated", "skipped", "errors"):
        assert body[f"{name.removesuffix('s') if name == 'errors' else name}_count"] == len(body[name])
    assert body["success"] is (body["errors"] == [])
    assert sorted(row["index"] for name in ("updated", "skipped", "errors") for row in body[name]) == list(
        range(len(rows))
    )
    return body


def test_row_names_its_product_by_id_or_sku() -> None:
    one, other, both = ProductFactory.create_batch(3)

    body = update(
        {"id": one.pk, **CHANGES},
        {"sku": other.sku.lower(), "unit_price": 11},
        {"id": both.pk, "sku": both.sku, "brand": "Winco", "version": 1},
    )
    assert body["updated"] == [
        {"index": index, "id": product.pk, "sku": product.sku, "version": 2}
        for index, product in enumerate((one, other, both))
    ]

    changed = as_key(Scope.CATALOG_READ).get(f"/api/v1/products/{one.sku}").json()["product"]
    assert {name: changed[name] for name in CHANGES} == CHANGES
    entry = AuditEntry.objects.get(object_id=str(other.pk))
    assert (entry.actor_kind, entry.before, entry.after) == (
        "api_key",
        {"unit_price": "10.00"},
        {"unit_price": "11.00"},
    )


def test_sku_may_be_a_number_and_an_empty_one_is_ignored() -> None:
    product = ProductFactory()
    namesake = ProductFactory(sku=str(product.pk))
    assert update({"sku": str(product.pk), "brand": "Winco"})["updated"][0]["id"] == namesake.pk
    assert update({"id": product.pk, "sku": "", "brand": "Winco"})["updated"][0]["id"] == product.pk
    assert update({"id": None, "sku": product.sku, "brand": "Update"})["updated"][0]["id"] == product.pk


def test_invalid_row_leaves_the_others_updated() -> None:
    first, last, product = ProductFactory.create_batch(3)
    hidden = ProductFactory(is_active=False)
    bad: list[tuple[Any, str, set[str] | None]] = [
        ({"sku": "NONE-1", "brand": "x"}, "not_found", None),
        ({"id": hidden.pk, "brand": "x"}, "not_found", None),
        ({"sku": hidden.sku, "brand": "x"}, "not_found", None),
        ({"id": 2**63 - 1, "brand": "x"}, "not_found", None),
        ({"id": 2**63, "brand": "x"}, "invalid", {"id"}),
        ({"id": product.pk, "sku": first.sku, "brand": "x"}, "invalid", {"sku"}),
        ({"brand": "x"}, "invalid", {"id"}),
        ({"sku": "x" * 41}, "invalid", {"sku"}),
        ({"sku": "a\0b"}, "invalid", {"sku"}),
        ({"sku": product.sku, "unit_price": 0}, "invalid", {"unit_price"}),
        ({"sku": product.sku, "image_url": "ftp://x"}, "invalid", {"image_url"}),
        ([], "invalid", {"body"}),
        (None, "invalid", {"body"}),
    ]
    rows = [{"id": first.pk, "name": "First"}, *(row for row, _, _ in bad), {"id": last.pk, "name": "Last"}]

    body = update(*rows)

    assert [row["id"] for row in body["updated"]] == [first.pk, last.pk]
    found = [(e["index"], e["code"], set(e["fields"]) if "fields" in e else None) for e in body["errors"]]
    assert found == [(index, code, fields) for index, (_, code, fields) in enumerate(bad, start=1)]
    assert sorted(Product.objects.filter(version=2).values_list("name", flat=True)) == ["First", "Last"]


@pytest.mark.parametrize(
    ("row", "code", "fields"),
    [
        ({"bulk_price": 9, "bulk_quantity": None}, "invalid", {"bulk_quantity"}),
        ({"unit_price": 7}, "invalid", {"bulk_price"}),
        ({"unit_price": 12, "version": 2}, "version_conflict", None),
    ],
)
def test_invalid_price_or_stale_version_is_an_error(row: dict[str, Any], code: str, fields: set[str] | None) -> None:
    product = ProductFactory()

    [error] = update({"sku": product.sku, **row})["errors"]

    assert (error["sku"], error["code"], error.get("version")) == (product.sku, code, 1 if fields is None else None)
    assert (set(error["fields"]) if "fields" in error else None) == fields
    product.refresh_from_db()
    assert product.version == 1


def test_unchanged_or_repeated_row_is_skipped_with_a_reason() -> None:
    product, same = ProductFactory(), ProductFactory()

    body = update(
        {"sku": product.sku, "brand": "One"},
        {"id": product.pk, "brand": "Two"},
        {"id": same.pk, "brand": same.brand, "unit_price": 10},
        {"sku": same.sku, "brand": "Three"},
    )

    assert [row["index"] for row in body["updated"]] == [0]
    assert [(row["index"], row["id"], row["sku"]) for row in body["skipped"]] == [
        (1, product.pk, product.sku),
        (2, same.pk, same.sku),
        (3, same.pk, same.sku),
    ]
    assert [row["reason"] for row in body["skipped"]] == [
        "A row before this one names the same product.",
        "Nothing in it differs.",
        "A row before this one names the same product.",
    ]
    product.refresh_from_db()
    assert product.brand == "One"
    assert Product.objects.values().get(pk=same.pk) == Product.objects.values().get(pk=same.pk, version=1)


def test_failed_row_leaves_its_product_to_a_later_row() -> None:
    product = ProductFactory()

    body = update(
        {"id": product.pk, "brand": "One", "version": 9},
        {"id": product.pk, "unit_price": 7},
        {"id": product.pk, "brand": "Two"},
        {"id": product.pk, "brand": "Three"},
    )

    assert [row["code"] for row in body["errors"]] == ["version_conflict", "invalid"]
    assert [row["index"] for row in body["updated"]] == [2]
    assert [row["index"] for row in body["skipped"]] == [3]
    product.refresh_from_db()
    assert product.brand == "Two"


def test_key_cannot_change_stock_cost_or_category() -> None:
    product = ProductFactory()
    before = Product.objects.values().get()
    closed = {"stock_quantity": 4, "cost_per_item": 1, "category_id": CategoryFactory().pk, "is_active": False}

    (error,) = update({"id": product.pk, "name": "Ladle", **closed, "barcodes": []})["errors"]

    assert set(error["fields"]) == {*closed, "barcodes"}
    assert Product.objects.values().get() == before


@pytest.mark.parametrize("products", [None, [], {}, "1", [{"id": 1}] * 201])
def test_invalid_products_list_is_named(products: Any) -> None:
    answer = as_key(Scope.CATALOG_WRITE).post(PATH, {"products": products})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["products"])


def test_bulk_update_needs_the_write_scope() -> None:
    product = ProductFactory()
    answer = as_key(Scope.CATALOG_READ).post(PATH, {"products": [{"id": product.pk, "brand": "x"}]})
    assert answer.status_code == 403
