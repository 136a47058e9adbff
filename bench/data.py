"""The rows that are measured, and the callers who ask for them. Needs Django's settings."""

import json
from collections.abc import Iterator
from typing import Any

from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from accounts.selectors import customers
from accounts.services.sign_in import issue_staff_token
from bench.load import HOST, request
from catalog.models import Product
from lld.core.access import Role
from orders.models import Order, OrderLine

LINES_LISTED = 5
LINES_PLACED = 3
ADDRESS = {
    "delivery_name": "Rosa Perez",
    "delivery_address": "1400 W Randolph St",
    "delivery_city": "Chicago",
    "delivery_state": "IL",
    "delivery_zip": "60607",
}

# The demo's orders have two or three lines on average; those on the measured pages get five each.
_MEASURED = """
    CREATE TEMPORARY TABLE measured AS
    SELECT id AS order_id, item_count FROM orders_order
     WHERE customer_id = %s OR id IN (SELECT id FROM orders_order ORDER BY created_at DESC, id DESC LIMIT 5000)
"""
_REMOVE = """
    DELETE FROM orders_orderline AS line USING measured
    WHERE line.order_id = measured.order_id AND line.position >= %s
"""
_ADD = """
    INSERT INTO orders_orderline (order_id, position, product_id, product_name, product_sku, product_brand,
           product_unit_size, quantity, unit_price, is_bulk_price, line_total, stock_reserved, stock_taken,
           returned_quantity)
    SELECT order_id, position, extra.id, name, sku, brand, unit_size, 2, unit_price, false, 2 * unit_price, 0, 0, 0
      FROM measured
      CROSS JOIN generate_series(0, %s - 1) AS position
      CROSS JOIN LATERAL (
          SELECT * FROM catalog_product AS product
           WHERE product.id %% 5 = position
             AND product.id >= order_id %% (SELECT max(id) - 500 FROM catalog_product)
             AND NOT EXISTS (SELECT FROM orders_orderline AS line
                              WHERE line.order_id = measured.order_id AND line.product_id = product.id)
           ORDER BY product.id LIMIT 1
      ) AS extra
     WHERE position >= item_count
"""


def fill(*, products: int, orders: int) -> User:
    """Fill an empty database. Returns the customer with the most orders."""
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    call_command("seed_demo", products=products, orders=orders, customers=max(orders // 10, 1))
    customer = customers().annotate(placed=Count("orders")).order_by("-placed")[0]
    with connection.cursor() as cursor:
        cursor.execute(_MEASURED, [customer.pk])
        cursor.execute(_REMOVE, [LINES_LISTED])
        cursor.execute(_ADD, [LINES_LISTED])
        # As autovacuum leaves it; without it no count could be read from an index alone.
        cursor.execute("VACUUM (ANALYZE)")
    return customer


def sizes() -> dict[str, int]:
    return {
        "products": Product.objects.count(),
        "orders": Order.objects.count(),
        "lines": OrderLine.objects.count(),
    }


def staff_headers() -> dict[str, str]:
    admin = User.objects.filter(role=Role.ADMIN)[0]
    return {"Authorization": f"Bearer {issue_staff_token(admin)}"}


def customer_headers(customer: User) -> dict[str, str]:
    browser = Client()
    browser.force_login(customer)
    token = "b" * 32
    return {"Cookie": f"sessionid={browser.cookies['sessionid'].value}; csrftoken={token}", "X-CSRFToken": token}


def placements(count: int) -> list[bytes]:
    """Orders of as many customers, each from an address of its own, of LINES_PLACED products each."""
    buyers = customers().filter(is_active=True).order_by("pk")[:count]
    uncounted = Product.objects.filter(is_active=True, in_stock=True, stock_quantity=None).order_by("pk")
    products = list(uncounted.values_list("pk", flat=True)[: count * LINES_PLACED])
    requests = []
    for number, buyer in enumerate(buyers):
        first = number * LINES_PLACED
        items = [
            {"product_id": products[place % len(products)], "quantity": 1}
            for place in range(first, first + LINES_PLACED)
        ]
        headers = {
            **customer_headers(buyer),
            "Content-Type": "application/json",
            "Idempotency-Key": f"bench-{buyer.pk}",
            "X-Forwarded-For": f"10.1.{number // 250}.{number % 250 + 1}",
        }
        requests.append(request("POST", "/api/orders", headers, json.dumps({"items": items, **ADDRESS}).encode()))
    return requests


def queries(path: str, headers: dict[str, str]) -> int:
    """How many queries one answer takes when nothing has been counted before."""
    caches["process"].clear()
    with CaptureQueriesContext(connection) as captured:
        answer = Client(SERVER_NAME=HOST).get(path, headers=headers)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} was answered with {answer.status_code}")
    return len(captured)


def listed(body: bytes) -> Iterator[tuple[int, list[int]]]:
    """Which rows an answer holds: their ids, with the products of their lines."""
    answer: Any = json.loads(body)
    if isinstance(answer, dict):
        answer = next(value for value in answer.values() if isinstance(value, list))
    for row in answer:
        yield row["id"], [line["product_id"] for line in row.get("items", ())]
