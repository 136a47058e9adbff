"""Delivery of the vendors' callbacks to the product, such as Stripe's webhooks and Twilio's status callbacks."""

import threading
import time
from collections.abc import Callable, Mapping

import requests

from sandbox.store import Json, Store

_PAUSES = (0.3, 1.0, 3.0, 9.0)  # seconds after each failed try; then it has failed
_TIMEOUT = (2, 15)

Signer = Callable[[str, bytes], Mapping[str, str]]
"""``signer(url, body)`` returns the headers by which the product knows the vendor."""


class Callbacks:
    """Deliveries wait in the store and are sent by one background thread, in order of their due time.

    Status: ``pending``, ``delivered`` (the receiver said 2xx), ``failed`` (tries used up), ``held`` (delivery
    was off or not wanted; it can still be sent by `send_now`).
    """

    def __init__(self, store: Store, public_url: str) -> None:
        self._store = store
        self._signers: dict[str, Signer] = {}
        self._work = threading.Event()
        self._stopping = threading.Event()
        self.enabled = True
        self.public_url = public_url

    def start(self) -> None:
        threading.Thread(target=self._run, name="callbacks", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()
        self._work.set()

    def sign_with(self, vendor: str, signer: Signer) -> None:
        """From now on; a vendor without a signer sends its callbacks unsigned."""
        self._signers[vendor] = signer

    def queue(
        self,
        vendor: str,
        object_id: str,
        event: str,
        *,
        url: str,
        content_type: str,
        body: str,
        deliver: bool = True,
        after: float = 0.0,
    ) -> int:
        """Adds a delivery, due in `after` seconds, in the caller's transaction; returns its number."""
        status = "pending" if deliver and self.enabled and url else "held"
        row = self._store.execute(
            "INSERT INTO deliveries (vendor, object_id, event, url, content_type, body, status, due) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq",
            (vendor, object_id, event, url, content_type, body, status, time.time() + after),
        )
        self._work.set()
        return int(row[0]["seq"])

    def list(self) -> list[Json]:
        rows = self._store.execute("SELECT * FROM deliveries ORDER BY seq")
        return [_shown(dict(row)) for row in rows]

    def send_now(self, number: int) -> Json:
        """Sends a delivery at once, whatever its state, and returns it with the receiver's status."""
        rows = self._store.execute("SELECT * FROM deliveries WHERE seq = ?", (number,))
        self._attempt(dict(rows[0]), last=True)
        return _shown(dict(self._store.execute("SELECT * FROM deliveries WHERE seq = ?", (number,))[0]))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._work.clear()
            rows = self._store.execute("SELECT * FROM deliveries WHERE status = 'pending' ORDER BY due, seq LIMIT 1")
            if not rows:
                self._work.wait()
            elif (wait := rows[0]["due"] - time.time()) > 0:
                self._work.wait(wait)
            else:
                self._attempt(dict(rows[0]))

    def _attempt(self, row: Json, *, last: bool = False) -> None:
        body = row["body"].encode()
        headers = {"Content-Type": row["content_type"]}
        if signer := self._signers.get(row["vendor"]):
            headers |= signer(row["url"], body)
        status, error = None, None
        try:
            with requests.Session() as session:
                session.trust_env = False  # the product is on this machine, whatever proxy is set
                status = session.post(
                    row["url"], data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
                ).status_code
        except requests.RequestException as problem:
            error = str(problem)
        attempts = row["attempts"] + 1
        if status is not None and 200 <= status < 300:
            outcome = "delivered"
        elif last or attempts > len(_PAUSES):
            outcome = "failed"
        else:
            outcome = "pending"
        due = time.time() + (_PAUSES[attempts - 1] if outcome == "pending" else 0)
        self._store.execute(
            "UPDATE deliveries SET status = ?, attempts = ?, due = ?, response_status = ?, error = ? WHERE seq = ?",
            (outcome, attempts, due, status, error, row["seq"]),
        )


def _shown(row: Json) -> Json:
    return {
        "id": row["seq"],
        "vendor": row["vendor"],
        "object_id": row["object_id"],
        "event": row["event"],
        "url": row["url"],
        "status": row["status"],
        "attempts": row["attempts"],
        "response_status": row["response_status"],
        "error": row["error"],
    }
