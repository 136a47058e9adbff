"""Delivery of the vendors' callbacks to the product: Stripe's webhooks and Twilio's status callbacks."""

import base64
import hashlib
import hmac
import threading
import time
from collections.abc import Mapping
from urllib.parse import parse_qsl

import requests

from sandbox.settings import Settings
from sandbox.store import Json, Store

_PAUSES = (0.3, 1.0, 3.0, 9.0)  # seconds after each failed try; then it has failed
_TIMEOUT = (2, 15)


class Callbacks:
    """Deliveries wait in the store and are sent by one background thread, in order of their due time.

    Status: ``pending``, ``delivered`` (the receiver said 2xx), ``failed`` (tries used up), ``held`` (delivery
    was off or not wanted; it can still be sent by `send_now`).
    """

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._work = threading.Event()
        self._stopping = threading.Event()
        self.enabled = True
        self.public_url = settings.public_url

    def start(self) -> None:
        threading.Thread(target=self._run, name="callbacks", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()
        self._work.set()

    @property
    def stripe_url(self) -> str:
        return f"{self.public_url}/api/webhooks/stripe" if self.public_url else ""

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
        headers = {"Content-Type": row["content_type"], **self._signature(row["vendor"], row["url"], body)}
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

    def _signature(self, vendor: str, url: str, body: bytes) -> Mapping[str, str]:
        if vendor == "stripe":
            return {"Stripe-Signature": stripe_signature(self._settings.stripe_webhook_secret, body)}
        return {"X-Twilio-Signature": twilio_signature(self._settings.twilio_auth_token, url, body)}


def stripe_signature(secret: str, body: bytes) -> str:
    """``t=<unix seconds>,v1=<hex>``: HMAC-SHA256 over the time, a dot and the raw body."""
    moment = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def twilio_signature(auth_token: str, url: str, form: bytes) -> str:
    """Base64 HMAC-SHA1 over the address followed by every name and value, sorted by name."""
    fields = sorted(parse_qsl(form.decode(), keep_blank_values=True))
    text = url + "".join(name + value for name, value in fields)
    # Twilio's scheme is SHA-1; there is no choice here.
    digest = hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


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
