"""How tests that commit leave the database: empty, but for what the migrations' end puts there."""

from functools import cache

from django.db import connection, transaction

from orders.models import LedgerEntry

# Written when tables are made, and by no test.
KEPT = {"django_migrations", "django_content_type", "auth_permission"}


def delete_rows(_: object) -> None:
    """In place of Django's flush, which truncates all tables and makes all permissions anew: a tenth of a second
    after each of hundreds of tests that have written to five tables."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_which_have_rows())
        # Foreign keys are checked at the end of the transaction, so that any order will do.
        for (table,) in cursor.fetchall():
            # Rows of the ledger cannot be deleted.
            how = "TRUNCATE" if table == LedgerEntry._meta.db_table else "DELETE FROM"
            cursor.execute(f"{how} {table}")


def truncate_tables() -> None:
    """After thousands of rows: what was only deleted stays in tables and indexes, and the planner reckons with it."""
    with connection.cursor() as cursor:
        cursor.execute(_which_have_rows())
        tables = ", ".join(name for (name,) in cursor.fetchall())
        if tables:
            cursor.execute(f"TRUNCATE {tables} CASCADE")


@cache
def _which_have_rows() -> str:
    tables = sorted(set(connection.introspection.table_names()) - KEPT)
    return " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT FROM {name})" for name in tables)  # noqa: S608
