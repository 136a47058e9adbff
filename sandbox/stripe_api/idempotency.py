"""Stripe's idempotency keys: the first answer is kept for a day and repeated."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sandbox.store import Json, Store
from sandbox.stripe_api.errors import StripeError
from sandbox.stripe_api.objects import now

_KEPT_SECONDS = 86_400


@dataclass(frozen=True)
class Saved:
    status: int
    body: str
    request_id: str


class IdempotencyKeys:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._in_use: set[str] = set()

    @contextmanager
    def claim(self, key: str | None) -> Iterator[None]:
        """Holds the key while its request runs. Raises StripeError 409 when another one holds it.

        Called by the event loop only, so looking and taking are one step.
        """
        if key is None:
            yield
            return
        if key in self._in_use:
            raise StripeError(
                409,
                saved=False,
                type="idempotency_error",
                code="idempotency_key_in_use",
                message=f"Another request with the idempotency key {key} is in progress.",
            )
        self._in_use.add(key)
        try:
            yield
        finally:
            self._in_use.discard(key)

    def find(self, key: str, fingerprint: str) -> Saved | None:
        """The kept answer. Raises StripeError when the key was first used for something else."""
        rows = self._store.execute(
            "SELECT * FROM idempotency WHERE key = ? AND created > ?", (key, now() - _KEPT_SECONDS)
        )
        if not rows:
            return None
        row = rows[0]
        if row["fingerprint"] != fingerprint:
            raise StripeError(
                400,
                saved=False,
                type="idempotency_error",
                message=f"The idempotency key {key} was first used with other parameters or another endpoint.",
            )
        return Saved(row["status"], row["body"], row["request_id"])

    def keep(self, key: str, fingerprint: str, saved: Saved) -> None:
        self._store.execute(
            "INSERT OR REPLACE INTO idempotency (key, fingerprint, status, body, request_id, created) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (key, fingerprint, saved.status, saved.body, saved.request_id, now()),
        )

    def replace_answer(self, key: str, status: int, body: str) -> None:
        """A 500 after the effect is what Stripe keeps, and repeats."""
        self._store.execute("UPDATE idempotency SET status = ?, body = ? WHERE key = ?", (status, body, key))


def fingerprint(method: str, path: str, params: Json) -> str:
    """The same for the same endpoint and parameters, whatever their order."""
    canonical = json.dumps([method, path, params], sort_keys=True)
    return hashlib.sha256(canonical.encode()).hexdigest()
