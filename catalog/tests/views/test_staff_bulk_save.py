"""Many products saved at once: each row on its own."""

import threading
from typing import Any

import pytest
from django.db import connection, connections, transaction

from catalog.enums import StockReason
from catalog.models import Product, StockMovement
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import AuditEntry, IdempotencyClaim
from tests import stock
from tests.factories import CategoryFactory, ProductFactory, as_staff

pytestmark = pytest.mark.django_db

PATH = "/api/staff/products/bulk-save"


def save(*rows: Any) -> Any:
    answer = as_staff(Role.MANAGER).post(PATH, {"products": list(rows)})
    assert answer.status_code == 200, answer.content
    assert set(answer.json()) == {"saved", "errors"}
    return answer.json()


def test_row_takes_every_field_of_a_product() -> None:
    one, other, third = ProductFactory.create_batch(3)
    knives = CategoryFactory()

    body = save(
        {
            "id": one.pk,
            "name": "Ladle",
            "sku": "ld-8",
            "category_id": knives.pk,
            "unit_price": 12.5,
            "bin_location": "A",
        },
        {"id": other.pk, "stock_quantity": 40, "cost_per_item": 6.25, "in_stock": False, "is_active": False},
        {"id": third.pk, "barcodes": [{"code": "012345678905", "unit": "case"}], "version": 1},
    )

    assert body["errors"] == []
    assert body["saved"] == [
        {"index": 0, "id": one.pk, "sku": "LD-8", "version": 2},
        {"index": 1, "id": other.pk, "sku": other.sku, "version": 3},
        {"index": 2, "id": third.pk, "sku": third.sku, "version": 2},
    ]
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.name, one.category, str(one.unit_price), one.bin_location) == ("Ladle", knives, "12.50", "A")
    assert (other.stock_quantity, str(other.cost_per_item), other.in_stock, other.is_active) == (
        40,
        "6.25",
        False,
        False,
    )
    assert third.barcodes.get().code == "012345678905"
    assert StockMovement.objects.get().actor.startswith("staff:")
    assert AuditEntry.objects.filter(action="product.change").count() == 2


def test_invalid_row_leaves_the_others_saved() -> None:
    first, last, stale, cheap, twin = ProductFactory.create_batch(5)
    bad: list[tuple[Any, str, set[str] | None]] = [
        ({"id": twin.pk, "sku": first.sku.lower()}, "duplicate", None),
        ({"id": stale.pk, "name": "Old", "version": 7}, "version_conflict", None),
        ({"id": cheap.pk, "stock_quantity": 5, "unit_price": 7}, "invalid", {"bulk_price"}),
        ({"id": cheap.pk, "bulk_quantity": None}, "invalid", {"bulk_quantity"}),
        ({"id": cheap.pk, "unit_price": "x", "in_stock": "yes"}, "invalid", {"unit_price", "in_stock"}),
        ({"id": cheap.pk, "category_id": 10**6}, "invalid", {"category_id"}),
        ({"id": cheap.pk, "name": "a\0b"}, "invalid", {"name"}),
        ({"id": cheap.pk, "version": "x"}, "invalid", {"version"}),
        ({"id": cheap.pk, "barcodes": [{"code": "1"}]}, "invalid", {"barcodes[0].code"}),
        ({"id": 10**9, "name": "x"}, "not_found", None),
        ({"id": 2**63, "name": "x"}, "invalid", {"id"}),
        ({"id": 10**40, "name": "x"}, "invalid", {"id"}),
        ({"id": True, "name": "x"}, "invalid", {"id"}),
        ({"id": [1], "sku": {"a": 1}}, "invalid", {"id", "sku"}),
        ({"name": "x"}, "invalid", {"id"}),
        ({}, "invalid", {"id"}),
        (None, "invalid", {"body"}),
        ("nothing", "invalid", {"body"}),
        ([[]], "invalid", {"body"}),
        (1.5, "invalid", {"body"}),
    ]
    rows = [{"id": first.pk, "name": "First"}, *(row for row, _, _ in bad), {"id": last.pk, "name": "Last"}]

    body = save(*rows)

    assert [(row["index"], row["id"]) for row in body["saved"]] == [(0, first.pk), (len(bad) + 1, last.pk)]
    found = [(e["index"], e["code"], set(e["fields"]) if "fields" in e else None) for e in body["errors"]]
    assert found == [(index, code, fields) for index, (_, code, fields) in enumerate(bad, start=1)]
    assert all(error["error"] for error in body["errors"])
    assert sorted(Product.objects.filter(version=2).values_list("name", flat=True)) == ["First", "Last"]
    assert not StockMovement.objects.exists(), "half of a row was saved"


def test_error_names_the_product_as_its_row_does() -> None:
    product = ProductFactory()
    rows = ({"id": product.pk, "sku": "a b"}, {"id": product.pk, "version": 9}, {"id": "7", "sku": 5}, "nothing")

    errors = save(*rows)["errors"]

    assert [(e["id"], e["sku"]) for e in errors] == [
        (product.pk, "a b"),
        (product.pk, None),
        (None, None),
        (None, None),
    ]
    assert errors[1]["version"] == 1


def test_product_named_twice_is_saved_in_order_of_rows() -> None:
    product = ProductFactory()

    body = save({"id": product.pk, "name": "One", "version": 1}, {"id": product.pk, "name": "Two"})
    assert [row["version"] for row in body["saved"]] == [2, 3]

    stale = save({"id": product.pk, "name": "Three", "version": 3}, {"id": product.pk, "name": "Four", "version": 3})
    assert ([row["index"] for row in stale["saved"]], stale["errors"][0]["code"]) == ([0], "version_conflict")
    product.refresh_from_db()
    assert product.name == "Three"


def test_unchanged_row_keeps_its_version() -> None:
    product = ProductFactory()
    assert save({"id": product.pk, "name": product.name})["saved"][0]["version"] == 1
    assert not AuditEntry.objects.filter(action="product.change").exists()


@pytest.mark.parametrize("products", [None, [], {}, {"id": 1}, "1", 1, [{"id": 1}] * 201])
def test_invalid_products_list_is_named(products: Any) -> None:
    answer = as_staff().post(PATH, {"products": products})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["products"])


def test_products_list_takes_two_hundred_rows() -> None:
    assert len(save(*[{"id": 1}] * 200)["errors"]) == 200
    missing = as_staff().post(PATH, {})
    assert (missing.status_code, list(missing.json()["fields"])) == (400, ["products"])


def test_idempotency_key_saves_rows_once() -> None:
    product, client = ProductFactory(), as_staff(Role.MANAGER)

    def send(count: int = 40) -> Any:
        rows = [{"id": product.pk, "stock_quantity": count}, {"id": 0}]
        return client.post(PATH, {"products": rows}, HTTP_IDEMPOTENCY_KEY="shelf-7")

    first = send()
    stock.count(product.pk, 38, reason=StockReason.CORRECTED, actor=SYSTEM)
    again, other = send(), send(41)
    assert (first.status_code, again.status_code, again.content) == (200, 200, first.content)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")

    # The process ended between a row and the answer.
    IdempotencyClaim.objects.update(status=None, answer=None)
    lost = send()
    assert (lost.status_code, lost.json()["code"]) == (409, "idempotency_conflict")
    product.refresh_from_db()
    assert product.stock_quantity == 38


def test_bulk_save_needs_a_manager() -> None:
    product = ProductFactory()
    for role in (Role.STAFF, Role.SALES_REP, Role.WAREHOUSE):
        assert as_staff(role).post(PATH, {"products": [{"id": product.pk, "name": "x"}]}).status_code == 403
    product.refresh_from_db()
    assert product.version == 1


@pytest.mark.django_db(transaction=True)
def test_locked_product_is_busy_and_others_are_saved() -> None:
    first, held, last = ProductFactory.create_batch(3)
    taken, done = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            Product.objects.select_for_update().get(pk=held.pk)
            taken.set()
            done.wait(20)
        connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()

    try:
        assert taken.wait(20)
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        body = save(*({"id": product.pk, "name": "New"} for product in (first, held, last)))
    finally:
        done.set()
        holder.join()
        connection.close()

    assert [row["id"] for row in body["saved"]] == [first.pk, last.pk]
    assert [(error["id"], error["code"]) for error in body["errors"]] == [(held.pk, "busy")]
