"""Telling readers of the public catalogue that it has changed."""

from django.db import connection, transaction


def advance_revision() -> None:
    """Count one change of what the public catalogue shows, once the caller's transaction is committed.

    Not within it: all who change anything would wait for this one row, in whatever order they hold others. What a
    process that dies in between leaves uncounted shows seconds later, when answers are built anew in any case.
    """
    transaction.on_commit(_count, robust=True)


def _count() -> None:
    """Last-Modified tells only seconds apart, and two processes must not send one time for two changes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO catalog_revision AS r (id, number, changed_at) VALUES (1, 1, now())
            ON CONFLICT (id) DO UPDATE
               SET number = r.number + 1, changed_at = greatest(now(), r.changed_at + interval '1 second')
            """
        )
