"""How many queries each answer costs, as numbers, with one row and with three: a list never costs more by row."""

import re
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from rest_framework.test import APIClient

from accounts.services.keys import create_api_key, revoke_api_key
from lld.core.access import Role, Scope
from lld.core.actors import SYSTEM
from orders.models import Order
from tests.factories import (
    CategoryFactory,
    CustomerFactory,
    ProductFactory,
    StaffFactory,
    as_customer,
    as_key,
    as_staff,
    place,
)
from tests.pictures import shown
from tests.routes.table import ROUTES

# Method, address, who asks, queries. A list costs its count and its rows; staff cost one query for the token,
# customers two for session and user.
COUNTS = (
    ("GET", "/api/categories", "anyone", 1),
    ("GET", "/api/products", "anyone", 3),
    ("GET", "/api/products?search=sheet pan&category_id={shop.product.category_id}", "anyone", 4),
    # Nothing holds both words: nearest spellings are looked for, then any of the words.
    ("GET", "/api/products?search=sheet tortilla", "anyone", 7),
    ("GET", "/api/products/suggest?q=she", "anyone", 5),
    ("GET", "/api/products/sales-catalog", "anyone", 2),
    ("GET", "/api/products/{shop.product.pk}", "anyone", 2),
    ("GET", "/api/products/{shop.product.pk}/thumbnail", "anyone", 1),
    ("GET", "/api/products/sku/{shop.product.sku}", "anyone", 2),
    ("GET", "/api/v1/categories", "key", 2),
    ("GET", "/api/v1/products", "key", 4),
    ("GET", "/api/v1/products?search=sheet pan&in_stock=1", "key", 5),
    ("GET", "/api/v1/products/{shop.product.sku}", "key", 3),
    ("GET", "/api/v1/products/{shop.product.pk}", "key", 4),
    ("GET", "/api/staff/categories", "staff", 2),
    ("GET", "/api/staff/products", "staff", 4),
    ("GET", "/api/staff/products?search=sheet&category_id={shop.product.category_id}", "staff", 5),
    ("GET", "/api/staff/products/{shop.product.pk}/images", "staff", 3),
    ("GET", "/api/staff/inventory", "staff", 4),
    ("GET", "/api/staff/inventory?search=sheet&category={shop.product.category_id}&in_stock=1", "staff", 5),
    ("GET", "/api/me", "owner", 3),
    ("GET", "/api/users", "owner", 3),
    ("GET", "/api/users/{shop.customer.pk}", "owner", 3),
    ("GET", "/api/orders", "owner", 3),
    ("GET", "/api/orders/{shop.order.number}", "owner", 4),
    ("GET", "/api/orders/{shop.order.number}", "anyone", 2),
    ("GET", "/api/orders/by-phone/3125550147", "anyone", 1),
    ("POST", "/api/orders/{shop.order.number}/reorder", "owner", 5),
    ("POST", "/api/orders/quote", "owner", 6),
    ("GET", "/api/staff/me", "staff", 1),
    ("GET", "/api/staff/profile", "staff", 1),
    ("GET", "/api/shipping/me", "staff", 1),
    ("GET", "/api/staff/users", "staff", 2),
    ("GET", "/api/staff/users?type=website", "staff", 3),
    ("GET", "/api/staff/team", "staff", 2),
    ("GET", "/api/staff/website-users", "staff", 3),
    ("GET", "/api/staff/website-users?search=maria lopez", "staff", 3),
    ("GET", "/api/admin/keys", "admin", 2),
    ("GET", "/api/staff/orders", "staff", 3),
    ("GET", "/api/staff/orders?search=LLD&status=pending&from_date=2020-01-01", "staff", 3),
    ("GET", "/api/staff/orders/{shop.order.pk}", "staff", 6),
    ("GET", "/api/shipping/orders?status=all", "staff", 2),
    ("GET", "/api/shipping/orders/{shop.order.number}", "staff", 2),
    ("GET", "/api/shipping/orders/{shop.order.number}/packing-slip", "staff", 2),
)

# These read no rows that could become many.
WITHOUT_ROWS = {
    "api/v1/health",
    "api/config",
    "api/auth/verify-email/<str:token>",
    "media/images/<str:name>.jpg",
    "media/thumbnails/<str:name>.jpg",
}


class Shop:
    """A customer with orders of several lines each, and the clients that look at them."""

    def __init__(self, rows: int) -> None:
        self.customer = CustomerFactory()
        CategoryFactory.create_batch(rows)
        products = ProductFactory.create_batch(rows)
        for product in products:
            for number in range(rows):
                product.barcodes.create(code=f"{product.pk:07}{number}")
        self.items = [{"product_id": product.pk, "quantity": 1} for product in products]
        self.orders: list[Order] = [
            place(*((product, 1) for product in products), customer=self.customer, payment_method="credit_card")
            for _ in range(rows)
        ]
        self.order = self.orders[0]
        self.product = products[0]
        shown(self.product, rows)
        self.anyone = APIClient()
        self.owner = as_customer(self.customer)
        self.staff = as_staff(Role.MANAGER)
        self.key = as_key(Scope.CATALOG_READ)
        self.admin = as_staff(Role.ADMIN)
        for number in range(rows):
            key, _ = create_api_key(actor=SYSTEM, name=f"key {number}", created_by=StaffFactory())
            revoke_api_key(key.pk, actor=SYSTEM, by=StaffFactory())
            CustomerFactory()

    def call(self, method: str, address: str, caller: str) -> Any:
        client = getattr(self, caller)
        if method == "GET":
            return client.get(address.format(shop=self))
        return client.post(address.format(shop=self), {"items": self.items}, format="json")


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("method", "address", "caller", "expected"), COUNTS)
def test_queries(method: str, address: str, caller: str, expected: int, rows: int) -> None:
    shop = Shop(rows)
    shop.call(method, address, caller)
    caches["process"].clear()
    with CaptureQueriesContext(connection) as queries:
        answer = shop.call(method, address, caller)
    assert answer.status_code == 200, answer.content
    texts = [query["sql"] or "(prepared)" for query in queries]
    found = [text for text in texts if "SAVEPOINT" not in text]
    assert len(found) == expected, "\n".join(found)


def test_every_route_that_reads_has_a_count() -> None:
    counted = set()
    for method, address, _, _ in COUNTS:
        path = address.partition("?")[0].replace("{shop.order.number}", "LLD-1")
        counted.add((method, resolve(re.sub(r"\{shop\.\w+\.pk\}", "1", path)).route))
    assert {key for key in ROUTES if key[0] == "GET" and key[1] not in WITHOUT_ROWS} <= counted
