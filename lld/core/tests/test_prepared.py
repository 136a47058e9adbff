"""Statements that are planned once a connection."""

import pytest
from django.db import DataError, connection
from django.test.utils import CaptureQueriesContext

from lld.core.prepared import prepared_cursor

pytestmark = pytest.mark.django_db
DOUBLE = "SELECT 2 * %(number)s::bigint AS doubled"


def doubled(number: object) -> int:
    with prepared_cursor() as cursor:
        cursor.execute(DOUBLE, {"number": number})
        row: tuple[int] = cursor.fetchone()
    return row[0]


def test_prepared_statement_serves_all_values() -> None:
    assert [doubled(str(number)) for number in range(8)] == list(range(0, 16, 2))

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(generic_plans + custom_plans) FROM pg_prepared_statements WHERE statement LIKE '%AS doubled'"
        )
        assert cursor.fetchone() == (8,)


def test_prepared_statements_count_as_queries() -> None:
    with CaptureQueriesContext(connection) as queries:
        doubled("3")
    assert len(queries) == 1


def test_prepared_statement_errors_are_djangos() -> None:
    with pytest.raises(DataError):
        doubled("three")
