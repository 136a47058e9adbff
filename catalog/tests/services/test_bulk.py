"""Rows that are saved one by one, each with an outcome of its own."""

from typing import Any

import pytest

from catalog.services import bulk
from lld.core.errors import Conflict, ErrorCode
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db


def test_save_rows_errors_show_no_internals() -> None:
    one, other = ProductFactory.create_batch(2)

    def save(row: Any) -> bulk.Saved:
        if row["id"] == one.pk:
            raise RuntimeError("password=hunter2")
        if row["id"] == 0:
            raise Conflict("Taken.", code=ErrorCode.DUPLICATE, extra={"password": "hunter2"})
        return bulk.Saved(other, changed=True)

    outcome = bulk.save_rows([{"id": one.pk}, {"id": 0}, {"id": other.pk}], save)

    assert [row["id"] for row in outcome.saved] == [other.pk]
    crash, taken = outcome.errors
    assert (crash["id"], crash["code"], "hunter2" in str(crash)) == (one.pk, "server_error", False)
    assert taken == {"index": 1, "id": 0, "sku": None, "error": "Taken.", "code": "duplicate"}
