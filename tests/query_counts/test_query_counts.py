"""How many queries each answer costs, as numbers, with one row and with three: a list never costs more by row."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from accounts.services.keys import create_api_key, revoke_api_key
from lld.core.actors import SYSTEM
from orders.services.credit import issue_credit
from orders.services.refunds import request_refund
from tests.api import ROUTES
from tests.api.callers import client_of
from tests.api.route import Call, Count, Route
from tests.api.world import World
from tests.factories import (
    CategoryFactory,
    CustomerFactory,
    ProductFactory,
    StaffFactory,
    as_customer,
    place,
)
from tests.pictures import shown

# From the least powerful on, but for staff: a manager sees every order, as a list of all has it.
WHO_READS = ("anonymous", "customer", "manager", "admin", "key:catalog:read")

COUNTS = [(route, count) for route in ROUTES for count in route.counts or ()]


class Shop(World):
    """A customer with orders of several lines each, and as many of everything else."""

    def __init__(self, rows: int) -> None:
        super().__init__()
        self.customer = self.account = CustomerFactory()
        CategoryFactory.create_batch(rows)
        self.products = ProductFactory.create_batch(rows)
        self.product = self.products[0]
        for product in self.products:
            for number in range(rows):
                product.barcodes.create(code=f"{product.pk:07}{number}")
        lines = [(product, 1) for product in self.products]
        orders = [place(*lines, customer=self.customer, payment_method="credit_card") for _ in range(rows)]
        self.order = orders[0]
        for order in orders:
            issue_credit(self.customer, Decimal(5), actor=SYSTEM)
            payment = order.payments.create(method="cash", state="unapplied", amount=5)
            refund = request_refund(payment, Decimal(2), key=f"shop:{order.pk}", reason="x")
            matter = {"kind": "payment_mismatch", "payment": payment, "refund": refund, "detail": "x"}
            order.attention.create(key=f"shop:{order.pk}", assigned_to=StaffFactory(), **matter)
        self.pictures = shown(self.product, rows)
        for number in range(rows):
            key, _ = create_api_key(actor=SYSTEM, name=f"key {number}", created_by=StaffFactory())
            revoke_api_key(key.pk, actor=SYSTEM, by=StaffFactory())
            CustomerFactory()

    def client(self, caller: str) -> APIClient:
        return as_customer(self.customer) if caller == "customer" else client_of(caller)


def call_of(route: Route, count: Count, shop: Shop) -> Call:
    if count.call:
        return count.call(shop)
    call = route.call(shop)
    call.query = {}
    return call


def case_id(value: Any) -> str:
    return value.name if isinstance(value, Route) else str(value.queries)


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(("route", "count"), COUNTS, ids=case_id)
def test_route_takes_its_count_of_queries(route: Route, count: Count, rows: int) -> None:
    shop = Shop(rows)
    client = shop.client(count.by or next(caller for caller in WHO_READS if caller in route.callers))
    call = call_of(route, count, shop)
    call.send(client, route.method, route.path)
    caches["process"].clear()

    with CaptureQueriesContext(connection) as queries:
        answer = call.send(client, route.method, route.path)

    assert answer.status_code == 200, answer.content
    texts = [query["sql"] or "(prepared)" for query in queries]
    found = [text for text in texts if "SAVEPOINT" not in text]
    assert len(found) == count.queries, "\n".join(found)


def test_every_get_route_has_counts_or_reads_no_rows() -> None:
    assert [route.name for route in ROUTES if route.method == "GET" and route.counts is None] == []
