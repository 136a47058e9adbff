"""Locks of the machinery."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

# Pairs of numbers are apart from the single ones that others lock.
SPACE = 1


@contextmanager
def try_alone(name: str) -> Iterator[bool]:
    """Whether no other connection is in such a block of the same name. Outside of any transaction.

    The lock is the connection's and ends with it, so a worker that is killed leaves nothing behind.
    """
    key = zlib.crc32(name.encode()) - 2**31
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [SPACE, key])
        (taken,) = cursor.fetchone()
    try:
        yield taken
    finally:
        if taken:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SPACE, key])
