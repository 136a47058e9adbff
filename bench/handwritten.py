"""The lists as someone would write them who wants nothing but speed: SQL, dictionaries, orjson, a live count.

With `?count=kept` the count is kept for seconds, as our own lists keep it: what is left is the price of the rows.
"""

from typing import Any

import orjson
from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from accounts.authentication import SessionAuthentication, StaffTokenAuthentication
from lld.core.paging import COUNT_SECONDS

_COUNT_PRODUCTS = "SELECT count(*) FROM catalog_product WHERE is_active"
_PRODUCTS = """
    SELECT id, name, sku, brand, unit_price, bulk_price, bulk_quantity, unit_size, slug,
           CASE WHEN image_url LIKE 'images/%%' THEN %s || 'thumbnails/' || substr(image_url, 8)
                ELSE image_url END AS thumbnail_url,
           in_stock AND (stock_quantity IS NULL OR stock_quantity > stock_reserved) AS in_stock
      FROM catalog_product WHERE is_active ORDER BY core_folded(name) COLLATE "C", id LIMIT %s OFFSET %s
"""
_CATALOG = """
    SELECT c.id AS category_id, c.name AS category, p.id, p.name, p.sku, p.unit_price, p.bulk_price, p.bulk_quantity,
           p.brand, p.unit_size,
           p.in_stock AND (p.stock_quantity IS NULL OR p.stock_quantity > p.stock_reserved) AS in_stock
      FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id
     WHERE p.is_active ORDER BY core_folded(c.name) COLLATE "C", c.id, core_folded(p.name) COLLATE "C", p.id
"""
_COUNT_ORDERS = "SELECT count(*) FROM orders_order WHERE deleted_at IS NULL"
_ORDERS = """
    SELECT id, number AS order_number, customer_id AS user_id, status, sales_rep_id, delivery_name,
           delivery_first_name, delivery_last_name, delivery_email, delivery_company, delivery_address, delivery_city,
           delivery_state, delivery_zip, delivery_phone, delivery_phone_extension, special_notes, subtotal,
           discount_amount, delivery_fee, total_amount, balance, payment_method, payment_status, terms_hold,
           staff_notes, assigned_to, tracking_number, item_count, version, created_at, confirmed_at, shipped_at,
           delivered_at
      FROM orders_order WHERE deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT %s OFFSET %s
"""
_OWN_ORDERS = """
    SELECT id, status, total_amount, delivery_name, item_count, tracking_number, carrier, payment_status, balance,
           number AS order_number, customer_id AS user_id, created_at
      FROM orders_order WHERE deleted_at IS NULL AND customer_id = %s
     ORDER BY created_at DESC, id DESC LIMIT %s OFFSET %s
"""
_LINES = """
    SELECT order_id, product_id, product_name, product_sku, product_brand, product_unit_size, quantity, unit_price,
           is_bulk_price, line_total
      FROM orders_orderline WHERE order_id = ANY(%s) ORDER BY order_id, position
"""


def products(request: HttpRequest) -> HttpResponse:
    page, size = _window(request, 100)
    total = _count(request, _COUNT_PRODUCTS)
    rows = _rows(_PRODUCTS, [settings.MEDIA_URL, size, (page - 1) * size])
    return _answer({"products": rows, "total": total, "pages": -(-total // size), "current_page": page})


def sales_catalog(request: HttpRequest) -> HttpResponse:
    categories: list[dict[str, Any]] = []
    for row in _rows(_CATALOG, []):
        category_id, category = row.pop("category_id"), row.pop("category")
        if not categories or categories[-1]["id"] != category_id:
            categories.append({"id": category_id, "name": category, "products": []})
        categories[-1]["products"].append(row)
    return _answer(categories)


def orders(request: HttpRequest) -> HttpResponse:
    # Every variant has to know who asks.
    if StaffTokenAuthentication().authenticate(Request(request)) is None:
        return HttpResponse(status=401)
    page, size = _window(request, 50)
    total = _count(request, _COUNT_ORDERS)
    rows = _with_lines(_rows(_ORDERS, [size, (page - 1) * size]))
    return _answer({"orders": rows, "total": total, "pages": -(-total // size), "page": page})


def own_orders(request: HttpRequest) -> HttpResponse:
    """A bare array, as the route has it: nothing is counted."""
    found = SessionAuthentication().authenticate(Request(request))
    if found is None:
        return HttpResponse(status=401)
    page, size = _window(request, 200)
    return _answer(_with_lines(_rows(_OWN_ORDERS, [found[0].pk, size, (page - 1) * size])))


def found_orders(condition: str, parameters: tuple[Any, ...], size: int) -> bytes:
    """The first page of the orders that a condition of ours finds, with their total."""
    total = _counted(f"{_COUNT_ORDERS} AND {condition}", parameters)  # ours
    found = _ORDERS.replace(" ORDER BY", f" AND {condition} ORDER BY")
    rows = _with_lines(_rows(found, [*parameters, size, 0]))
    return bytes(_answer({"orders": rows, "total": total, "pages": -(-total // size), "page": 1}).content)


def found_ids(condition: str, parameters: tuple[Any, ...]) -> set[int]:
    sql = f"SELECT id FROM orders_order WHERE deleted_at IS NULL AND {condition}"  # noqa: S608  # ours
    return {row["id"] for row in _rows(sql, list(parameters))}


def nothing(request: HttpRequest) -> HttpResponse:
    """What the server, the middleware and the load generator cost by themselves."""
    return HttpResponse(b"{}", content_type="application/json")


def _window(request: HttpRequest, default: int) -> tuple[int, int]:
    return int(request.GET.get("page", 1)), min(int(request.GET.get("per_page", default)), 200)


def _count(request: HttpRequest, sql: str) -> int:
    if request.GET.get("count") != "kept":
        return _counted(sql)
    key = f"handwritten:{hash(sql)}"
    total = caches["process"].get(key)
    if total is None:
        total = _counted(sql)
        caches["process"].set(key, total, COUNT_SECONDS)
    return int(total)


def _counted(sql: str, parameters: tuple[Any, ...] = ()) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.fetchone()[0])


def _rows(sql: str, parameters: list[Any]) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _with_lines(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    by_order: dict[int, list[Any]] = {order["id"]: [] for order in orders}
    for line in _rows(_LINES, [list(by_order)]):
        by_order[line.pop("order_id")].append(line)
    for order in orders:
        order["items"] = by_order[order["id"]]
    return orders


def _answer(body: Any) -> HttpResponse:
    return HttpResponse(orjson.dumps(body, default=float, option=orjson.OPT_UTC_Z), content_type="application/json")
