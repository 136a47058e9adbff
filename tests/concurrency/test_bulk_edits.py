"""Managers who save many products while others order them, and who enter the same barcode."""

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.enums import StockReason
from catalog.models import Barcode, Product, StockMovement
from lld.core.access import Role
from lld.core.actors import SYSTEM
from tests import stock
from tests.concurrency.storm import storm
from tests.factories import ProductFactory, as_staff, order_body

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]

CODES = ("012345678905", "4006381333931", "96385074")


def test_bulk_save_and_orders_do_not_deadlock() -> None:
    products = [stock.count(ProductFactory().pk, 1000, reason=StockReason.OPENING, actor=SYSTEM) for _ in range(3)]
    managers = [as_staff(Role.MANAGER) for _ in range(8)]

    def act(index: int) -> Any:
        row = products if index % 4 < 2 else products[::-1]
        if index % 2:
            return APIClient().post("/api/orders", order_body(*((product, 1) for product in row))).status_code
        price = 20 + index
        rows = [{"id": product.pk, "unit_price": price, "stock_quantity": 1000 - index} for product in row]
        answer = managers[index // 2].post("/api/staff/products/bulk-save", {"products": rows}).json()
        return (len(answer["saved"]), answer["errors"])

    results = storm(16, act)

    assert [result for result in results[::2] if result != (3, [])] == []
    assert Counter(results[1::2]) == {201: 8}
    for product in products:
        product.refresh_from_db()
        movements = StockMovement.objects.filter(product=product)
        assert sum(row.quantity_delta for row in movements) == product.stock_quantity
        assert product.stock_reserved == sum(row.reserved_delta for row in movements) == 8
        assert product.unit_price >= Decimal(20)


def test_barcode_entered_at_once_belongs_to_one() -> None:
    products = ProductFactory.create_batch(10)
    managers = [as_staff(Role.MANAGER) for _ in products]

    def enter(index: int) -> tuple[int, str]:
        codes = CODES if index % 2 else CODES[::-1]
        body = {"barcodes": [{"code": code} for code in codes]}
        answer = managers[index].put(f"/api/staff/products/{products[index].pk}", body)
        return answer.status_code, answer.json().get("code", "")

    assert Counter(storm(10, enter)) == {(200, ""): 1, (409, "duplicate"): 9}

    assert Barcode.objects.values("product").distinct().count() == 1
    assert Barcode.objects.count() == len(CODES)
    assert sorted(Product.objects.values_list("version", flat=True)) == [1] * 9 + [2]
