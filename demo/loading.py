"""Rows into tables, as fast as PostgreSQL takes them."""

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import Any

from django.db import connection, models
from psycopg import sql


def copy_models(instances: Sequence[models.Model]) -> None:
    """COPY unsaved instances of one model. Ids that are not set, and generated columns, are left to PostgreSQL.

    `auto_now` and `auto_now_add` do not apply: set such columns.
    """
    if not instances:
        return
    meta = instances[0]._meta
    columns = {field.attname: field.column for field in meta.concrete_fields if field.column and not field.generated}
    if instances[0].pk is None:
        del columns[meta.pk.attname]
    copy_rows(type(instances[0]), columns.values(), map(attrgetter(*columns), instances))


def copy_rows(model: type[models.Model], columns: Iterable[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY bare rows into a model's table, for millions of them. Defaults do not apply: name every column.

    From here to its end, the transaction has no time limit for a statement: that is for requests.
    """
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        with cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)


def continue_ids(*tables: type[models.Model]) -> None:
    """Let the next rows follow those that were copied with ids of their own."""
    with connection.cursor() as cursor:
        for model in tables:
            cursor.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), coalesce(max(id), 1)) FROM {}").format(
                    sql.Literal(model._meta.db_table), sql.Identifier(model._meta.db_table)
                )
            )
