"""What automations read and publish with a key."""

import json
from typing import Any

import pytest

from catalog.models import Product
from catalog.tests.views.galleries import MEDIA, data_url
from lld.core.access import Scope
from lld.core.models import AuditEntry
from tests.factories import CategoryFactory, ProductFactory, as_key
from tests.pictures import picture, upload

pytestmark = pytest.mark.django_db

PATH = "/api/v1/products"


def test_list_and_product_have_the_same_keys_and_no_cost() -> None:
    product = ProductFactory(cost_per_item="6.00")
    reader = as_key(Scope.CATALOG_READ)
    [row] = reader.get(PATH).json()["products"]
    assert row == reader.get(f"{PATH}/{product.sku}").json()["product"]
    assert "cost" not in json.dumps(row)


def test_product_list_filters_and_pages() -> None:
    knives = CategoryFactory(name="Knives")
    paring = ProductFactory(name="Paring knife", category=knives)
    ProductFactory(name="Bread knife", category=knives, in_stock=False)
    ProductFactory(name="Old knife", category=knives, is_active=False)
    ProductFactory(name="Ladle")
    reader = as_key(Scope.CATALOG_READ)

    def names(**query: Any) -> list[str]:
        return [row["name"] for row in reader.get(PATH, query).json()["products"]]

    assert names() == ["Bread knife", "Ladle", "Paring knife"]
    assert names(category_id=knives.pk) == ["Bread knife", "Paring knife"]
    assert names(search="knife", in_stock="yes") == ["Paring knife"]
    assert names(search=paring.sku.lower()) == ["Paring knife"]
    assert names(in_stock="0") == ["Bread knife"]

    second = reader.get(PATH, {"page": 2, "per_page": 2}).json()
    assert (second["total"], second["pages"], len(second["products"])) == (3, 2, 1)

    for query in ({"page": 0}, {"per_page": "x"}, {"in_stock": "maybe"}, {"category_id": "x"}):
        answer = reader.get(PATH, query)
        assert (answer.status_code, set(answer.json()["fields"])) == (400, set(query))


def test_identifier_is_a_sku_before_an_id() -> None:
    """Some SKUs are numbers, and may be another product's id."""
    product = ProductFactory()
    namesake = ProductFactory(sku=str(product.pk))
    reader = as_key(Scope.CATALOG_READ)

    def found(query: str = "") -> Any:
        return reader.get(f"{PATH}/{product.pk}{query}").json()["product"]["id"]

    assert found() == found("?by=sku") == namesake.pk
    assert found("?by=id") == product.pk
    assert reader.get(f"{PATH}/{product.sku.lower()}").json()["product"]["id"] == product.pk
    assert reader.get(f"{PATH}/{product.sku}?by=id").status_code == 404


@pytest.mark.parametrize("identifier", ["NONE-1", "0", "9" * 18, "9" * 40, "-1", "1.0", "١"])
def test_unknown_identifier_is_not_found(identifier: str) -> None:
    ProductFactory()
    assert as_key(Scope.CATALOG_READ).get(f"{PATH}/{identifier}").status_code == 404


def test_inactive_product_is_not_found() -> None:
    product = ProductFactory(is_active=False)
    assert as_key(Scope.CATALOG_READ).get(f"{PATH}/{product.sku}").status_code == 404
    assert as_key(Scope.CATALOG_WRITE).patch(f"{PATH}/{product.sku}/price", {"unit_price": 1}).status_code == 404


def test_price_change_is_audited() -> None:
    product = ProductFactory()
    body = {"unit_price": 12.5, "bulk_price": 11.25, "bulk_quantity": 6}

    answer = as_key(Scope.CATALOG_WRITE).patch(f"{PATH}/{product.sku}/price", body)

    assert answer.status_code == 200
    changed = answer.json()["product"]
    assert {name: changed[name] for name in body} == body
    entry = AuditEntry.objects.get(action="product.change")
    assert (entry.actor_kind, entry.before["unit_price"], entry.after["unit_price"]) == ("api_key", "10.00", "12.50")


def test_bulk_price_stays_if_left_out_and_null_ends_it() -> None:
    product = ProductFactory()
    writer = as_key(Scope.CATALOG_WRITE)

    kept = writer.patch(f"{PATH}/{product.sku}/price", {"unit_price": 9.5}).json()["product"]
    assert (kept["unit_price"], kept["bulk_price"], kept["bulk_quantity"]) == (9.5, 8.0, 12)

    ended = writer.patch(f"{PATH}/{product.sku}/price", {"unit_price": 9.5, "bulk_price": None}).json()["product"]
    assert (ended["bulk_price"], ended["bulk_quantity"]) == (None, None)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "unit_price"),
        ({"unit_price": 0}, "unit_price"),
        ({"unit_price": -1}, "unit_price"),
        ({"unit_price": "x"}, "unit_price"),
        ({"unit_price": 7}, "bulk_price"),
        ({"unit_price": 12, "bulk_price": 13}, "bulk_price"),
        ({"unit_price": 12, "bulk_quantity": None}, "bulk_quantity"),
        ({"unit_price": 12, "bulk_quantity": 1}, "bulk_quantity"),
        ({"unit_price": 12, "bulk_quantity": 1.5}, "bulk_quantity"),
    ],
)
def test_invalid_price_is_named(body: dict[str, Any], field: str) -> None:
    product = ProductFactory()
    before = Product.objects.values().get()
    answer = as_key(Scope.CATALOG_WRITE).patch(f"{PATH}/{product.sku}/price", body)
    assert (answer.status_code, field in answer.json()["fields"]) == (400, True), answer.content
    assert Product.objects.values().get() == before


def test_in_stock_is_switched_with_a_version_check() -> None:
    product = ProductFactory()
    writer = as_key(Scope.CATALOG_WRITE)
    path = f"{PATH}/{product.pk}/inventory"

    assert writer.patch(path, {"in_stock": False}).json()["product"]["in_stock"] is False

    for word in ("false", 0, None):
        assert writer.patch(path, {"in_stock": word}).status_code == 400

    stale = writer.patch(path, {"in_stock": True}, HTTP_IF_MATCH="1")
    assert (stale.status_code, stale.json()["code"]) == (409, "version_conflict")
    assert stale.json()["current"]["in_stock"] is False
    assert writer.patch(path, {"in_stock": True}, HTTP_IF_MATCH="2").status_code == 200


def test_read_and_write_scopes_are_separate() -> None:
    product = ProductFactory()
    assert as_key(Scope.CATALOG_WRITE).get(PATH).status_code == 403
    assert as_key(Scope.CATALOG_READ).patch(f"{PATH}/{product.sku}/price", {"unit_price": 1}).status_code == 403


def test_put_changes_only_fields_open_to_keys() -> None:
    product = ProductFactory(cost_per_item="6.00")
    writer = as_key(Scope.CATALOG_WRITE)
    closed = {"cost_per_item": 1, "stock_quantity": 9, "is_active": False, "version": 77}

    refused = writer.put(f"{PATH}/{product.sku}", {"name": "Ladle", **closed})
    assert (refused.status_code, set(refused.json()["fields"])) == (400, set(closed))
    changed = writer.put(f"{PATH}/{product.sku}", {"name": "Ladle"}).json()["product"]
    assert (changed["name"], changed["stock_quantity"], changed["version"]) == ("Ladle", None, 2)
    product.refresh_from_db()
    assert (str(product.cost_per_item), product.is_active) == ("6.00", True)

    for field, value in (("category_id", 10**6), ("sku", "a b"), ("name", ""), ("image_url", "ftp://x")):
        answer = writer.put(f"{PATH}/{product.sku}", {field: value})
        assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})


def test_image_is_set_with_a_key() -> None:
    product = ProductFactory()
    writer, path = as_key(Scope.CATALOG_WRITE), f"/api/v1/products/{product.sku}/image"

    answer = writer.post(path, {"image": upload()}, format="multipart")
    assert answer.status_code == 200
    body = answer.json()
    assert (body["image_url"], body["product"]["sku"]) == (body["product"]["image_url"], product.sku)

    named = f"/api/v1/products/{product.pk}/image?by=id"
    by_id = writer.post(named, {"image": upload(picture(2))}, format="multipart")
    assert by_id.json()["image_url"] != body["image_url"]

    for wrong, status in ((f"{path}?by=id", 404), ("/api/v1/products/NONE/image", 404), (f"{path}?by=x", 400)):
        assert writer.post(wrong, {"image": upload()}, format="multipart").status_code == status

    stale = writer.post(path, {"image": upload()}, format="multipart", HTTP_IF_MATCH="1")
    assert (stale.status_code, stale.json()["current"]["sku"]) == (409, product.sku)

    changed = writer.put(f"/api/v1/products/{product.sku}", {"image_url": data_url(picture(3))})
    assert changed.json()["product"]["image_url"].startswith(f"{MEDIA}images/")
