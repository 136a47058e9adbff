"""Django's `migrate` under limits of its own: those of requests would cut an index on a large table off."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import OperationalError, connections
from django.db.migrations import Migration
from psycopg.errors import LockNotAvailable

# Whoever waits for a table makes everybody after him wait, too.
LOCK_TIMEOUT = "3s"
NO_LIMIT = "0"


class Command(migrate.Command):
    """Statements take as long as they take, and a lock that is not to be had soon ends the run."""

    def handle(self, *args: Any, **options: Any) -> None:
        self._database: str = options["database"]
        try:
            with self._limits():
                super().handle(*args, **options)
        except OperationalError as error:
            if isinstance(error.__cause__, LockNotAvailable):
                raise CommandError(
                    f"Somebody held a lock for longer than {LOCK_TIMEOUT}. What was applied before stays, "
                    "and nothing of the last migration. Run migrate again."
                ) from error
            raise

    def migration_progress_callback(
        self, action: str, migration: Migration | None = None, fake: bool = False
    ) -> None:
        if action in {"apply_start", "unapply_start"} and migration is not None:
            # One that is not atomic builds an index beside the writers: nobody waits for it, and it waits for
            # each of them in turn; cut off, it would leave an invalid index behind.
            self._set("lock_timeout", LOCK_TIMEOUT if migration.atomic else NO_LIMIT)
        super().migration_progress_callback(action, migration, fake)

    @contextmanager
    def _limits(self) -> Iterator[None]:
        limits = {
            "statement_timeout": NO_LIMIT,
            "idle_in_transaction_session_timeout": NO_LIMIT,
            "lock_timeout": LOCK_TIMEOUT,
        }
        for name, value in limits.items():
            self._set(name, value)
        try:
            yield
        finally:
            # Back to those of the connection's start.
            for name in limits:
                self._set(name, None)

    def _set(self, name: str, value: str | None) -> None:
        with connections[self._database].cursor() as cursor:
            cursor.execute(f"RESET {name}" if value is None else f"SET {name} = '{value}'")
