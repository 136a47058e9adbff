"""Lists whose JSON PostgreSQL builds: for a hot list, making Python objects costs more than the query."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from django.db import connections
from django.db.models import Expression, F, Func, JSONField, QuerySet, Subquery, TextField, Value

from lld.core.paging import Page, Place
from lld.core.prepared import prepared_cursor

# Django lets no annotation have the name of a column; what ends like this goes out without it.
SUFFIX = "_out"
# Up to here, building the rows that a page skips costs less than compiling a second query.
DEEP = 200


_ARRAY = "SELECT coalesce(json_agg(r), '[]'::json)::text"


class Rows(Subquery):
    """A `.values()` queryset as one JSON array, in its own order; keys are the names of the values."""

    template = "(SELECT coalesce(json_agg(r), '[]'::json) FROM (%(subquery)s) AS r (%(names)s))"
    output_field = JSONField()

    def as_sql(self, compiler: Any, connection: Any, template: Any = None, **extra: Any) -> Any:
        return super().as_sql(compiler, connection, template, names=_names(self.query, connection), **extra)


class IsoTime(Func):
    """A timestamp as ISO 8601 in UTC, ending in Z, as every other answer has it."""

    template = "to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')"
    output_field = TextField()

    def __init__(self, field: str | Expression) -> None:
        super().__init__(field)


def iso_times(*fields: str) -> dict[str, IsoTime]:
    """Annotations that make `rows_as_json` send these timestamps as IsoTime, under their own names."""
    return {f"{field}{SUFFIX}": IsoTime(field) for field in fields}


def _names(query: Any, connection: Any) -> str:
    return ", ".join(connection.ops.quote_name(name.removesuffix(SUFFIX)) for name in query.selected or ())


class Columns:
    """What a list shows of a row, in order: names of columns, and names with what makes the expression behind them.

    The serializer that describes the list takes its fields from `names`.
    """

    def __init__(self, *columns: str | tuple[str, Callable[[], Any]]) -> None:
        self._plain = tuple(column for column in columns if isinstance(column, str))
        self._computed = tuple(column for column in columns if not isinstance(column, str))
        self.names = tuple(column if isinstance(column, str) else column[0] for column in columns)

    def without(self, *names: str, **others: Callable[[], Any]) -> "Columns":
        """The same names, of which these are null in every row, and `others` are what these make."""
        instead = dict.fromkeys(names, _null) | others
        return Columns(
            *(name for name in self._plain if name not in instead),
            *((name, make) for name, make in self._computed if name not in instead),
            *instead.items(),
        )

    def of(self, queryset: QuerySet[Any]) -> QuerySet[Any, Any]:
        computed = {f"{name}{SUFFIX}": make() for name, make in self._computed}
        rows: QuerySet[Any, Any] = queryset.values(*self._plain, **computed)
        return rows


def _null() -> Value:
    return Value(None, output_field=TextField())


def renamed(name: str, column: str) -> tuple[str, Callable[[], F]]:
    """For Columns: a column under another name."""
    return name, lambda: F(column)


def iso_time(name: str) -> tuple[str, Callable[[], IsoTime]]:
    """For Columns: a timestamp as every other answer has it."""
    return name, lambda: IsoTime(name)


# Stands in compiled SQL for the place that a page is read on from.
_ANY = Place(datetime(1, 1, 1, 1, 1, 1, 1, tzinfo=UTC), 1)


@dataclass(frozen=True)
class Slice:
    """Rows as the text of a JSON array, and the cursor of the page behind them: None at the end of the list."""

    rows: str
    next_cursor: str | None

    @property
    def cursor_json(self) -> str:
        return json.dumps(self.next_cursor)


class CompiledRows:
    """A `.values()` queryset, compiled once: its pages and rows as the text of a JSON array.

    Keep one for each set of filters of a hot list: building and compiling a query costs as much as running it.
    It holds SQL and parameters, no rows, so it cannot go stale.
    """

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        connection = connections[queryset.db]
        sql, parameters = queryset.query.get_compiler(connection=connection).as_sql()
        names = _names(queryset.query, connection)
        self._sql, self._names = sql, names
        # Every part is compiled or quoted by Django; values are parameters.
        self._all = f"{_ARRAY} FROM ({sql}) AS r ({names})"
        self._page = f"{_ARRAY} FROM ({sql} LIMIT %s OFFSET %s) AS r ({names})"
        self._parameters = tuple(parameters)
        self._using = queryset.db
        self._queryset = queryset

    def all(self) -> str:
        return self._fetch(self._all, self._parameters)

    def of(self, placeholder: Any, value: Any) -> str:
        """All rows, with `value` for every parameter that is `placeholder`."""
        given = tuple(value if parameter == placeholder else parameter for parameter in self._parameters)
        with prepared_cursor(self._using) as cursor:
            cursor.execute(self._all, given)
            return str(cursor.fetchone()[0])

    def page(self, size: int, offset: int, *given: Any) -> str:
        """`given`, if any, stand in for the values in the queryset's filters, in their order."""
        if offset > DEEP and not given:
            # PostgreSQL builds skipped rows, too, subqueries and all; skipping keys costs it a tenth and less.
            keys = self._queryset.values("pk")[offset : offset + size]
            return rows_as_json(self._queryset.filter(pk__in=keys))
        return self._fetch(self._page, (*(given or self._parameters), size, offset))

    def slice(self, window: Page, *given: Any) -> Slice:
        """A page of a list that is the newest first, by number or behind a place; it shows `id` and `created_at`."""
        if window.behind is not None:
            sql, parameters = self._behind
            # The place's id is the last of the conditions, and `given` are the first.
            filled = [window.behind.at if value == _ANY.at else value for value in parameters[:-1]]
            filled[: len(given)] = given
            return self._slice(sql, (*filled, window.behind.pk, window.size, 0), window.size)
        if window.offset > DEEP and not given:
            keys = self._queryset.values("pk")[window.offset : window.offset + window.size]
            return CompiledRows(self._queryset.filter(pk__in=keys)).slice(Page(1, window.size))
        return self._slice(self._sql, (*(given or self._parameters), window.size, window.offset), window.size)

    def _slice(self, sql: str, parameters: tuple[Any, ...], size: int) -> Slice:
        last = "(array_agg(r.created_at || ' ' || r.id))[count(*)::integer]"
        with connections[self._using].cursor() as cursor:
            cursor.execute(
                f"{_ARRAY}, {last}, count(*) FROM ({sql} LIMIT %s OFFSET %s) AS r ({self._names})", parameters
            )
            rows, place, count = cursor.fetchone()
        return Slice(rows, Place.spelt(place) if count == size else None)

    @cached_property
    def _behind(self) -> tuple[str, tuple[Any, ...]]:
        behind = self._queryset.filter(_ANY.rows_behind())
        sql, parameters = behind.query.get_compiler(connection=connections[self._using]).as_sql()
        return sql, tuple(parameters)

    def _fetch(self, sql: str, parameters: tuple[Any, ...]) -> str:
        with connections[self._using].cursor() as cursor:
            cursor.execute(sql, parameters)
            return str(cursor.fetchone()[0])


def rows_as_json(queryset: QuerySet[Any, Any]) -> str:
    """The text of a JSON array with the rows of a `.values()` queryset."""
    return CompiledRows(queryset).all()
