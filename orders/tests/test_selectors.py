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
OTHERS = """
SELECT indexname FROM pg_indexes
WHERE tablename = 'orders_order' AND NOT indexname = ANY(%s)
AND NOT EXISTS (SELECT FROM pg_constraint WHERE conname = indexname)
"""


@pytest.mark.parametrize(
    "read",
    [lapsing.find_due_notices, lapsing.find_lapsed, lambda: selectors.count_open_orders(["phone:+13125550147"])],
    ids=["due notices", "lapsed", "open orders"],
)
def test_promises_to_strangers_are_read_by_an_index_of_open_ones(read: Callable[[], object]) -> None:
    strange()
    with CaptureQueriesContext(connection) as queries:
        read()

    plan = _explain_without_others(queries[0]["sql"])

    assert any(index in plan for index in PARTIAL), plan


def _explain_without_others(sql: str) -> str:
    """What the planner does with these indexes and no others: among so few rows its choice would be chance."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(OTHERS, [list(PARTIAL)])
        for (index,) in cursor.fetchall():
            cursor.execute(f'DROP INDEX "{index}"')
        cursor.execute("SET LOCAL enable_seqscan = off")
        # The primary key cannot be dropped.
        cursor.execute("SET LOCAL enable_indexscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        plan = "\n".join(row for (row,) in cursor.fetchall())
        transaction.set_rollback(True)
    return plan
