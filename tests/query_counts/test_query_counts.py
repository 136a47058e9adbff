"""How many queries each answer costs, as numbers, with one row and with three: a list never costs more by row."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from lld.core.access import Role
from orders.models import Order
from tests.factories import CategoryFactory, CustomerFactory, ProductFactory, as_customer, as_staff, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


class Shop:
    """A customer with orders of several lines each, and the clients that look at them."""

    def __init__(self, rows: int) -> None:
        self.customer = CustomerFactory()
        CategoryFactory.create_batch(rows)
        products = ProductFactory.create_batch(rows)
        self.orders: list[Order] = [
            place(*((product, 1) for product in products), customer=self.customer, payment_method="credit_card")
            for _ in range(rows)
        ]
        self.order = self.orders[0]
        self.product = products[0]
        self.anyone = APIClient()
        self.owner = as_customer(self.customer)
        self.staff = as_staff(Role.MANAGER)


# One query more than the list itself: the count. Staff cost one for the token, customers two for session and user.
COUNTS: dict[str, tuple[int, Callable[[Shop], Any]]] = {
    "categories": (1, lambda shop: shop.anyone.get("/api/categories")),
    "products": (2, lambda shop: shop.anyone.get("/api/products")),
    "products, searched": (2, lambda shop: shop.anyone.get("/api/products?search=sheet pan&category_id=1")),
    "product": (1, lambda shop: shop.anyone.get(f"/api/products/{shop.product.pk}")),
    "own orders": (3, lambda shop: shop.owner.get("/api/orders")),
    "own order": (4, lambda shop: shop.owner.get(f"/api/orders/{shop.order.number}")),
    "tracked order": (2, lambda shop: shop.anyone.get(f"/api/orders/{shop.order.number}")),
    "orders by phone": (1, lambda shop: shop.anyone.get("/api/orders/by-phone/3125550147")),
    "reorder": (5, lambda shop: shop.owner.post(f"/api/orders/{shop.order.number}/reorder")),
    "staff orders": (3, lambda shop: shop.staff.get("/api/staff/orders")),
    "staff orders, filtered": (
        3,
        lambda shop: shop.staff.get("/api/staff/orders?search=LLD&status=pending&from_date=2020-01-01"),
    ),
    "staff order": (6, lambda shop: shop.staff.get(f"/api/staff/orders/{shop.order.pk}")),
    "warehouse orders": (2, lambda shop: shop.staff.get("/api/shipping/orders?status=all")),
    "warehouse order": (2, lambda shop: shop.staff.get(f"/api/shipping/orders/{shop.order.number}")),
    "packing slip": (2, lambda shop: shop.staff.get(f"/api/shipping/orders/{shop.order.number}/packing-slip")),
}


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("name", sorted(COUNTS))
def test_queries(name: str, rows: int) -> None:
    expected, call = COUNTS[name]
    shop = Shop(rows)
    call(shop)
    caches["process"].clear()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        answer = call(shop)
    assert answer.status_code == 200, answer.content
    found = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    assert len(found) == expected, "\n".join(found)
