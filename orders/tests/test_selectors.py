"""Reads that must not go through every order there is."""

from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from orders import selectors
from orders.services import lapsing
from orders.tests.situations import strange

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]

# Both hold nothing but what is open.
PARTIAL = {"order_may_lapse", "order_guest_marks"}


@pytest.mark.parametrize(
    "read",
    [lapsing.find_due_notices, lapsing.find_lapsed, lambda: selectors.count_open_orders(["phone:+13125550147"])],
    ids=["due notices", "lapsed", "open orders"],
)
def test_promises_to_strangers_are_read_by_an_index_of_open_ones(read: Callable[[], object]) -> None:
    strange()
    with CaptureQueriesContext(connection) as queries:
        read()

    with transaction.atomic(), connection.cursor() as cursor:
        # So few rows are read faster as they lie, or by their primary key: which of them is chance.
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute(f"EXPLAIN {queries[0]['sql']}")
        plan = "\n".join(row for (row,) in cursor.fetchall())

    assert any(index in plan for index in PARTIAL), plan
