"""Lists whose JSON PostgreSQL builds: for a hot list, making Python objects costs more than the query."""

from typing import Any

from django.db import connections
from django.db.models import Expression, Func, JSONField, QuerySet, Subquery, TextField

# Django lets no annotation have the name of a column; what ends like this goes out without it.
SUFFIX = "_out"


class Rows(Subquery):
    """A `.values()` queryset as one JSON array, in its own order; keys are the names of the values."""

    template = "(SELECT coalesce(json_agg(row_to_json(r)), '[]'::json) FROM (%(subquery)s) r)"
    output_field = JSONField()


class IsoTime(Func):
    """A timestamp as ISO 8601 in UTC, ending in Z, as every other answer has it."""

    template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    output_field = TextField()

    def __init__(self, field: str | Expression) -> None:
        super().__init__(field)


def iso_times(*fields: str) -> dict[str, IsoTime]:
    """Annotations that make `rows_as_json` send these timestamps as IsoTime, under their own names."""
    return {f"{field}{SUFFIX}": IsoTime(field) for field in fields}


def rows_as_json(queryset: QuerySet[Any, Any]) -> str:
    """The text of a JSON array with the rows of a `.values()` queryset."""
    connection = connections[queryset.db]
    sql, parameters = queryset.query.get_compiler(connection=connection).as_sql()
    names = ", ".join(connection.ops.quote_name(name.removesuffix(SUFFIX)) for name in queryset.query.selected or ())
    with connection.cursor() as cursor:
        # Every part is compiled or quoted by Django; values are parameters.
        cursor.execute(
            f"SELECT coalesce(json_agg(row_to_json(r)), '[]'::json)::text FROM ({sql}) AS r ({names})",  # noqa: S608
            parameters,
        )
        return str(cursor.fetchone()[0])
