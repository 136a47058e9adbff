"""Rows by COPY."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection

from catalog.models import Category
from demo.loading import copy_rows

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_copy_may_take_longer_than_a_request() -> None:
    def slowly() -> Iterator[tuple[Any, ...]]:
        for number in (1, 2):
            time.sleep(0.2)
            yield f"Category {number}", f"category-{number}", "", NOW

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '100ms'")

    copy_rows(Category, ("name", "slug", "description", "created_at"), slowly())

    assert Category.objects.count() == 2
