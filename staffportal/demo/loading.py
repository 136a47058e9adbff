"""Rows into tables, as fast as PostgreSQL takes them."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql


def copy_rows(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """COPY rows with these columns into a model's table. Defaults of Django do not apply: name every column."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)


def continue_ids(*tables: type[models.Model]) -> None:
    """Let the next rows follow those that were copied with ids of their own."""
    with connection.cursor() as cursor:
        for model in tables:
            table = sql.Identifier(model._meta.db_table)
            cursor.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence({}, 'id'), coalesce(max(id), 1)) FROM {}").format(
                    sql.Literal(model._meta.db_table), table
                )
            )
