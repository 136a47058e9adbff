"""The public lists: kept between changes, exact about prices, and quiet to who has them."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from catalog.enums import StockReason
from catalog.models import Product
from catalog.selectors.products import revision
from catalog.services import products
from lld.core.actors import SYSTEM
from tests import stock
from tests.factories import CategoryFactory, ProductFactory

pytestmark = pytest.mark.django_db(transaction=True)
LISTS = ("/api/products", "/api/products?search=pan", "/api/products/sales-catalog", "/api/products/suggest?q=pan")


@pytest.mark.parametrize("address", LISTS)
def test_unchanged_list_answers_304(api: APIClient, address: str) -> None:
    product = ProductFactory()

    first = api.get(address)
    assert first["Cache-Control"] == "public, no-cache"

    again = api.get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert api.get(address, headers={"If-Modified-Since": first["Last-Modified"]}).status_code == 304

    products.change_product(product.pk, {"unit_price": Decimal("9.99")}, actor=SYSTEM)
    changed = api.get(address, headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert b"9.99" in changed.content


@pytest.mark.parametrize("address", LISTS)
def test_list_has_no_cookies(api: APIClient, address: str) -> None:
    answer = api.get(address)
    assert "Set-Cookie" not in answer.headers
    assert "Cookie" not in answer.get("Vary", "")


def test_staff_change_shows_in_the_list_at_once(api: APIClient) -> None:
    def listed() -> Any:
        return api.get("/api/products").json()

    assert listed()["total"] == 0

    category = CategoryFactory()
    made = products.create_product(
        actor=SYSTEM, category_id=category.pk, name="Pan", sku="P-1", unit_price=Decimal("5.00")
    )
    assert (listed()["total"], listed()["products"][0]["name"]) == (1, "Pan")

    products.change_product(made.pk, {"name": "Pot"}, actor=SYSTEM)
    assert listed()["products"][0]["name"] == "Pot"

    stock.count(made.pk, 0, reason=StockReason.CORRECTED, actor=SYSTEM)
    assert listed()["products"][0]["in_stock"] is False

    products.delete_product(made.pk, actor=SYSTEM)
    assert listed()["total"] == 0


@pytest.mark.parametrize(("counted", "taken", "advances"), [(3, 2, False), (2, 2, True), (None, 2, False)])
def test_revision_advances_when_the_last_one_is_reserved(counted: int | None, taken: int, advances: bool) -> None:
    product = ProductFactory()
    stock.count(product.pk, counted, reason=StockReason.OPENING, actor=SYSTEM)
    before = revision()

    with transaction.atomic():
        reserved = stock.reserve({product.pk: taken}, actor=SYSTEM, reference="test")
    taken_at = revision()
    with transaction.atomic():
        stock.release(reserved, actor=SYSTEM, reference="test")

    assert (taken_at > before, revision() > taken_at) == (advances, advances)


def test_revision_stays_after_a_rollback() -> None:
    product = ProductFactory()
    before = revision()

    with transaction.atomic():
        products.change_product(product.pk, {"name": "Pot"}, actor=SYSTEM)
        transaction.set_rollback(True)

    assert revision() == before


def test_sales_catalogue_groups_products_by_category(api: APIClient) -> None:
    knives, pans = CategoryFactory(name="Knives"), CategoryFactory(name="Pans")
    CategoryFactory(name="Empty")
    ProductFactory(name="Sauce Pan", category=pans)
    ProductFactory(name="Fry Pan", category=pans, bulk_price=None, bulk_quantity=None)
    ProductFactory(name="Cleaver", category=knives, in_stock=False)
    ProductFactory(name="Old Pan", category=pans, is_active=False)

    catalogue = api.get("/api/products/sales-catalog").json()

    assert [(group["name"], [row["name"] for row in group["products"]]) for group in catalogue] == [
        ("Knives", ["Cleaver"]),
        ("Pans", ["Fry Pan", "Sauce Pan"]),
    ]
    fry = catalogue[1]["products"][0]
    assert fry == {
        "id": Product.objects.get(name="Fry Pan").pk,
        "name": "Fry Pan",
        "sku": Product.objects.get(name="Fry Pan").sku,
        "unit_price": 10.0,
        "bulk_price": None,
        "bulk_quantity": None,
        "brand": "Vollrath",
        "unit_size": "each",
        "in_stock": True,
    }
    assert catalogue[0]["products"][0]["in_stock"] is False


def test_lists_are_in_the_order_of_a_dictionary(api: APIClient) -> None:
    names = ["alan", "Åland", "Éclair mold", "egg pan", "Zebra wood", "zest knife"]
    for name in reversed(names):
        ProductFactory(name=name, category=CategoryFactory(name=f"{name} things"))

    assert [row["name"] for row in api.get("/api/products").json()["products"]] == names
    assert [row["name"] for row in api.get("/api/categories").json()] == [f"{name} things" for name in names]
