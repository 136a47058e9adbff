"""Every effect the product had on the outside, in order."""

import json
from datetime import UTC, datetime
from typing import Any

from sandbox.store import Json, Store


class Ledger:
    """Rows are written in the transaction of the effect, so that neither exists without the other.

    Kinds: Stripe ``charge`` (money taken), ``charge_failed``, ``refund``, ``refund_failed``, ``dispute``
    (money withdrawn), ``dispute_closed`` (its outcome: won gives the money back, lost does not),
    ``payment_intent``, ``setup_intent``, ``customer``, ``payment_link``; Twilio ``sms``; SMTP ``mail``;
    Discord ``post``; OpenAI ``chat_completion``; R2 ``put``, ``delete``; any vendor
    ``invalid_request`` (a request its published schema forbids).
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def record(
        self, vendor: str, kind: str, object_id: str | None, idempotency_key: str | None = None, **details: Any
    ) -> None:
        self._store.execute(
            "INSERT INTO ledger (time, vendor, kind, object_id, idempotency_key, details) VALUES (?, ?, ?, ?, ?, ?)",
            (datetime.now(UTC).isoformat(), vendor, kind, object_id, idempotency_key, json.dumps(details)),
        )

    def entries(self, vendor: str | None = None, kind: str | None = None) -> list[Json]:
        """Oldest first: {"seq", "time", "vendor", "kind", "id", "idempotency_key", and the details}."""
        rows = self._store.execute(
            "SELECT * FROM ledger WHERE vendor = coalesce(?, vendor) AND kind = coalesce(?, kind) ORDER BY seq",
            (vendor, kind),
        )
        return [
            {
                **json.loads(row["details"]),
                "seq": row["seq"],
                "time": row["time"],
                "vendor": row["vendor"],
                "kind": row["kind"],
                "id": row["object_id"],
                "idempotency_key": row["idempotency_key"],
            }
            for row in rows
        ]
