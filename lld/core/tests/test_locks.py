"""A name that one connection at a time may hold."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections

from lld.core.locks import try_alone

pytestmark = pytest.mark.django_db(transaction=True)


def elsewhere(action: Callable[[], object]) -> object:
    """What `action` returns on another connection."""
    found: list[object] = []

    def run() -> None:
        try:
            found.append(action())
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return found[0]


def taken(name: str) -> bool:
    with try_alone(name) as alone:
        return alone


def test_one_connection_at_a_time_holds_a_name() -> None:
    with try_alone("sweep") as alone:
        assert alone
        assert elsewhere(lambda: taken("sweep")) is False
        assert elsewhere(lambda: taken("another")) is True
    assert elsewhere(lambda: taken("sweep")) is True


def test_name_is_free_after_an_error_and_after_the_end_of_its_connection() -> None:
    with pytest.raises(ZeroDivisionError), try_alone("sweep"):
        raise ZeroDivisionError
    assert elsewhere(lambda: taken("sweep")) is True

    with connection.cursor() as cursor, try_alone("sweep"):
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
        elsewhere(lambda: connection.cursor().execute("SELECT pg_terminate_backend(%s, 5000)", [pid]))
        connection.close()
        assert elsewhere(lambda: taken("sweep")) is True
