"""Migrations take their time, and do not make others wait; `slow` stands in for an app's."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction

from lld.core.management.commands import migrate

pytestmark = pytest.mark.django_db(transaction=True)

OURS = ("30s", "10s", "1min")


@pytest.fixture(autouse=True)
def _slow(settings: Any) -> Iterator[None]:
    settings.MIGRATION_MODULES = {"demo": "lld.core.tests.management.slow"}
    yield
    run("zero")


def run(to: str) -> None:
    call_command("migrate", "demo", to, verbosity=0)


def limits() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('statement_timeout'), current_setting('lock_timeout'),"
            " current_setting('idle_in_transaction_session_timeout')"
        )
        found: tuple[str, ...] = cursor.fetchone()
    return found


@contextmanager
def writer(*, gives_way: bool) -> Iterator[None]:
    """Somebody who has written to the table, and commits at the end, or soon after another waits for it."""
    began, ended = threading.Event(), threading.Event()

    def write() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("LOCK TABLE test_limits IN ROW EXCLUSIVE MODE")
                began.set()
                while not ended.wait(0.05):
                    cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
                    if gives_way and cursor.fetchone() != (0,):
                        ended.wait(1)
                        return
        finally:
            connections.close_all()

    thread = threading.Thread(target=write)
    thread.start()
    began.wait(20)
    try:
        yield
    finally:
        ended.set()
        thread.join()


def test_migrations_have_limits_of_their_own() -> None:
    assert limits() == OURS

    run("0002")

    assert limits() == OURS
    with connection.cursor() as cursor:
        cursor.execute("SELECT migration, statement, lock, idle FROM test_limits ORDER BY 1")
        assert cursor.fetchall() == [("atomic", "0", "3s", "0"), ("not atomic", "0", "0", "0")]


def test_lock_that_is_not_to_be_had_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "200ms")
    run("0002")

    with writer(gives_way=False), pytest.raises(CommandError, match="Run migrate again"):
        run("0003")

    assert limits() == OURS
    run("0003")


def test_index_beside_writers_waits_for_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrate, "LOCK_TIMEOUT", "200ms")
    run("0001")

    with writer(gives_way=True):
        run("0002")

    with connection.cursor() as cursor:
        cursor.execute("SELECT indisvalid FROM pg_index WHERE indexrelid = 'test_limits_index'::regclass")
        assert cursor.fetchone() == (True,)
