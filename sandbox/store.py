"""The sandbox's state: JSON documents and a few tables in one SQLite file."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS objects (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, document TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS objects_kind ON objects (kind, seq);
CREATE TABLE IF NOT EXISTS ledger (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, time TEXT NOT NULL, vendor TEXT NOT NULL, kind TEXT NOT NULL,
    object_id TEXT, idempotency_key TEXT, details TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL,
    request_id TEXT NOT NULL, created INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, vendor TEXT NOT NULL, object_id TEXT NOT NULL, event TEXT NOT NULL,
    url TEXT NOT NULL, content_type TEXT NOT NULL, body TEXT NOT NULL, status TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL, response_status INTEGER, error TEXT);
"""
_TABLES = ("objects", "ledger", "idempotency", "deliveries")


class Store:
    """Documents by kind and id. One connection behind one lock: every thread sees every write."""

    def __init__(self, home: Path | None = None) -> None:
        if home is not None:
            # Mails with links in them are kept here.
            home.mkdir(parents=True, exist_ok=True, mode=0o700)
        path = ":memory:" if home is None else str(home / "sandbox.sqlite3")
        self._lock = threading.RLock()
        self._depth = 0
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        # Every commit survives the end of the process; surviving a power cut is not worth its waits here.
        self._connection.execute("PRAGMA synchronous = OFF")
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing, alone. Nested blocks belong to the outermost one."""
        with self._lock:
            if self._depth == 0:
                self._connection.execute("BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._connection.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("COMMIT")

    def execute(self, sql: str, parameters: tuple[Any, ...] = ()) -> list[sqlite3.Row]:
        with self._lock:
            return self._connection.execute(sql, parameters).fetchall()

    def put(self, kind: str, object_id: str, document: Json) -> None:
        self.execute(
            "INSERT INTO objects (id, kind, document) VALUES (?, ?, ?) "
            "ON CONFLICT (id) DO UPDATE SET document = excluded.document",
            (object_id, kind, json.dumps(document)),
        )

    def find(self, object_id: str, kind: str | None = None) -> Json | None:
        """The document with this id, of this kind if one is named."""
        rows = self.execute(
            "SELECT document FROM objects WHERE id = ? AND kind = coalesce(?, kind)", (object_id, kind)
        )
        return json.loads(rows[0]["document"]) if rows else None

    def newest(self, kind: str, limit: int = -1) -> list[Json]:
        """Documents of a kind, newest first."""
        rows = self.execute("SELECT document FROM objects WHERE kind = ? ORDER BY seq DESC LIMIT ?", (kind, limit))
        return [json.loads(row["document"]) for row in rows]

    def made_after(self, kind: str, number: int) -> list[tuple[int, Json]]:
        """Documents of a kind that were made after the one with this number, oldest first, with theirs."""
        made = "SELECT seq, document FROM objects WHERE kind = ? AND seq > ? ORDER BY seq"
        rows = self.execute(made, (kind, number))
        return [(row["seq"], json.loads(row["document"])) for row in rows]

    def take_oldest(self, kind: str) -> Json | None:
        """Removes the oldest document of a kind and returns it."""
        oldest = "SELECT min(seq) FROM objects WHERE kind = ?"
        rows = self.execute(f"DELETE FROM objects WHERE seq = ({oldest}) RETURNING document", (kind,))  # noqa: S608
        return json.loads(rows[0]["document"]) if rows else None

    def clear(self) -> None:
        with self.transaction():
            for table in _TABLES:
                self.execute(f"DELETE FROM {table}")  # noqa: S608 - names are the constants above
