"""Pages far into a list are found by another query, and hold the same rows."""

import json

import pytest

from lld.core.json_rows import DEEP, CompiledRows
from lld.core.models import AuditEntry


@pytest.mark.django_db
def test_a_deep_page_is_a_slice_of_the_whole() -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(actor_kind="system", action="even" if number % 2 == 0 else "odd", object_id=str(number))
        for number in range(2 * DEEP + 60)
    )
    compiled = CompiledRows(AuditEntry.objects.filter(action="even").order_by("-pk").values("object_id", "action"))
    whole = json.loads(compiled.all())
    assert len(whole) == DEEP + 30
    for offset in (0, DEEP - 1, DEEP, DEEP + 1, DEEP + 25, DEEP + 30):
        assert json.loads(compiled.page(10, offset)) == whole[offset : offset + 10]
