"""Lists whose JSON the database builds say exactly what the table holds."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.db.models import Value
from django.db.models.functions import Coalesce
from rest_framework import serializers

from lld.core.json_rows import DEEP, CompiledRows, iso_times, rows_as_json
from lld.core.models import AuditEntry

pytestmark = pytest.mark.django_db

TEXTS = [
    "plain",
    """both "double" and 'single' quotes""",
    r"back\slash \n \u0041 \\",
    "100 % of %s and %(name)s",
    "line\nbreak\ttab\r\x01\x7f",
    "Zoë 餐厅 🍜 \u2028 \ufeff",
    "2026-03-05T03:30:00+00:00",
    "2026-03-05 03:30:00+00",
    '{"a": [1, "+00:00"]}',
    "</script><b>",
    "?",
    "",
]


def entries() -> list[AuditEntry]:
    return AuditEntry.objects.bulk_create(
        AuditEntry(actor_kind="system", action="test", reason=text, object_id=str(number), before={"was": text})
        for number, text in enumerate(TEXTS)
    )


def test_text_arrives_unharmed_and_in_order() -> None:
    entries()
    rows = json.loads(rows_as_json(AuditEntry.objects.order_by("-pk").values("reason", "before", "actor_id")))
    assert [row["reason"] for row in rows] == TEXTS[::-1]
    assert [row["before"] for row in rows] == [{"was": text} for text in TEXTS[::-1]]
    assert {row["actor_id"] for row in rows} == {None}


def test_filters_find_exactly_that_text() -> None:
    entries()
    for text in TEXTS:
        found = AuditEntry.objects.filter(reason=text).values("reason")
        assert json.loads(rows_as_json(found)) == [{"reason": text}], text


def test_columns_come_in_the_order_asked_for() -> None:
    entries()
    rows = AuditEntry.objects.annotate(label=Coalesce("actor_id", Value(7))).order_by("pk")
    text = CompiledRows(rows.values("reason", "label", "action", "id")).page(1, 0)
    assert list(json.loads(text)[0]) == ["reason", "label", "action", "id"]
    assert '"label":7' in text


def test_times_are_written_as_in_other_answers() -> None:
    made = entries()
    chicago = timezone(timedelta(hours=-5))
    moments = [
        datetime(2026, 3, 8, 2, 30, tzinfo=chicago),
        datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime(2000, 1, 1, tzinfo=UTC),
    ]
    for entry, moment in zip(made, moments, strict=False):
        AuditEntry.objects.filter(pk=entry.pk).update(created_at=moment)

    rows = AuditEntry.objects.filter(pk__in=[entry.pk for entry in made[:3]]).order_by("pk")
    sent = json.loads(rows_as_json(rows.annotate(**iso_times("created_at")).values("created_at_out")))
    field = serializers.DateTimeField()

    for row, moment in zip(sent, moments, strict=True):
        assert list(row) == ["created_at"]
        assert row["created_at"].endswith("Z")
        assert field.run_validation(row["created_at"]) == moment


def test_compiled_query_sees_rows_added_later() -> None:
    compiled = CompiledRows(AuditEntry.objects.filter(action="test").order_by("pk").values("object_id"))
    assert (compiled.all(), compiled.page(5, 0)) == ("[]", "[]")

    entries()
    assert [row["object_id"] for row in json.loads(compiled.page(3, 2))] == ["2", "3", "4"]
    assert compiled.page(3, 1000) == "[]"
    assert len(json.loads(compiled.all())) == len(TEXTS)


@pytest.mark.django_db
def test_deep_page_is_a_slice_of_the_whole() -> None:
    AuditEntry.objects.bulk_create(
        AuditEntry(actor_kind="system", action="even" if number % 2 == 0 else "odd", object_id=str(number))
        for number in range(2 * DEEP + 60)
    )

    compiled = CompiledRows(AuditEntry.objects.filter(action="even").order_by("-pk").values("object_id", "action"))
    whole = json.loads(compiled.all())
    assert len(whole) == DEEP + 30
    for offset in (0, DEEP - 1, DEEP, DEEP + 1, DEEP + 25, DEEP + 30):
        assert json.loads(compiled.page(10, offset)) == whole[offset : offset + 10]
