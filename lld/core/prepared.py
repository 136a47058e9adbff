"""Statements that PostgreSQL plans once a connection: planning a hot one can take as long as running it."""

from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.utils import CursorWrapper


def prepared_cursor(using: str = DEFAULT_DB_ALIAS) -> CursorWrapper:
    """A cursor like Django's own, but the server gets values apart from the text, and keeps its plan for any values.

    Made for texts of which there are few, and for values that do not decide how rows are best found. Django's log of
    queries counts its statements but has no text of them: psycopg drops it.
    """
    connection = connections[using]
    connection.ensure_connection()
    cursor: Any = psycopg.Cursor(connection.connection)  # the stubs ask for a wrapped one
    return connection.make_debug_cursor(cursor) if connection.queries_logged else connection.make_cursor(cursor)
