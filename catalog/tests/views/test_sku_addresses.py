"""Whatever SKU is accepted has an address."""

from urllib.parse import quote

import pytest
from rest_framework.test import APIClient

from catalog.models import Product
from lld.core.access import Role, Scope
from tests.factories import CategoryFactory, ProductFactory, as_key, as_staff
from tests.pictures import upload

pytestmark = pytest.mark.django_db

ACCEPTED = [
    "AP-1004", "1/2-PAN", "A/B/C", "FULL/4-IN", "A.B_C-D", "7", "A/IMAGE", "A/INVENTORY", "X/PRICE", "BULK-UPDATE",
    "PAN/.5", "A/B.", "pan/x",
]  # fmt: skip
# Older ones, and those of imports.
ODD = ["A B", "50%", "A+B", "A#1", "A?B=1", "PAN/", "Ñ-10", "A&B;C", "A//B", '10"-PAN']
NO_SKUS = ["/A", "A/", "A//B", "A/../B", "A/.", "A/./B", "..", "A B", "A%2FB", "A#B", "-A", ".A", ""]


@pytest.mark.parametrize("sku", ACCEPTED)
def test_accepted_sku_has_addresses(sku: str) -> None:
    body = {"name": "A pan", "category_id": CategoryFactory().pk, "sku": sku, "unit_price": 5}
    assert as_staff(Role.ADMIN).post("/api/staff/products", body).status_code == 201

    _reach(Product.objects.get().sku)


@pytest.mark.parametrize("sku", ODD)
def test_other_sku_that_is_there_has_addresses(sku: str) -> None:
    _reach(ProductFactory(sku=sku).sku)


def _reach(sku: str) -> None:
    """By every address that takes a SKU, with the slash encoded, and not."""
    key = as_key(Scope.CATALOG_READ, Scope.CATALOG_WRITE)
    for safe in ("", "/"):
        encoded = quote(sku, safe=safe)
        path = f"/api/v1/products/{encoded}"
        assert APIClient().get(f"/api/products/sku/{encoded}").json()["sku"] == sku
        assert key.get(path).json()["product"]["sku"] == sku
        answer = key.put(path, {"brand": "Vollrath"})
        assert answer.json()["product"]["brand"] == "Vollrath"
        assert key.patch(f"{path}/inventory", {"in_stock": True}).json()["product"]["sku"] == sku
        assert key.patch(f"{path}/price", {"unit_price": 25}).json()["product"]["sku"] == sku
        shown = key.post(f"{path}/image", {"image": upload()}, format="multipart")
        assert shown.status_code in {200, 201}, shown.content


@pytest.mark.parametrize("sku", NO_SKUS)
def test_sku_without_an_address_is_refused(sku: str) -> None:
    body = {"name": "A pan", "category_id": CategoryFactory().pk, "sku": sku, "unit_price": 5}
    answer = as_staff(Role.ADMIN).post("/api/staff/products", body)
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {"sku"})
