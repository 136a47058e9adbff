"""For tests: a sandbox of one's own on free ports, and a client of its control API."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from sandbox.settings import Settings
from sandbox.store import Json

_CHECKOUT = Path(__file__).resolve().parents[1]
_START_SECONDS = 20
_START_TRIES = 3


class SandboxClient:
    """`base_url` serves Stripe and Twilio; `discord_webhook_url`, `openai_base_url`, `r2_endpoint_url`, `smtp_host`
    and `smtp_port` the rest."""

    def __init__(self, base_url: str, smtp_port: int, *, host: str = "127.0.0.1") -> None:
        self.base_url = base_url
        self.stripe_api_base = base_url
        self.twilio_api_base = base_url
        self.discord_webhook_url = f"{base_url}/discord/api/webhooks/1/token"
        self.openai_base_url = f"{base_url}/openai/v1"
        self.r2_endpoint_url = f"{base_url}/r2"
        self.smtp_host = host
        self.smtp_port = smtp_port
        self._session = requests.Session()
        self._session.trust_env = False

    def close(self) -> None:
        self._session.close()

    def health(self) -> Json:
        return self._call("GET", "/health")

    def ledger(self, vendor: str | None = None, kind: str | None = None) -> list[Json]:
        """Effects, oldest first; see `sandbox.ledger.Ledger` for the kinds."""
        query = {name: value for name, value in (("vendor", vendor), ("kind", kind)) if value}
        entries: list[Json] = self._call("GET", "/ledger", params=query)["entries"]
        return entries

    def mail(self) -> list[Json]:
        """Mail, newest first, with text and html."""
        mail: list[Json] = self._call("GET", "/mail")["mail"]
        return mail

    def reset(self) -> None:
        """Forgets all state and faults, and sends callbacks again; `public_url` stays."""
        self._call("DELETE", "/ledger")

    def fault(self, vendor: str, fault: str, **order: Any) -> int:
        """`order`: method, path (regular expression from the start), seconds, times (1; None for no end)."""
        number: int = self._call("POST", "/faults", json={"vendor": vendor, "fault": fault, **order})["id"]
        return number

    def faults(self) -> list[Json]:
        faults: list[Json] = self._call("GET", "/faults")["faults"]
        return faults

    def clear_faults(self) -> None:
        self._call("DELETE", "/faults")

    def pay_intent(self, intent: str, payment_method: str = "pm_card_visa", **order: Any) -> Json:
        """The customer pays in the browser. Returns the intent, or Stripe's error body on a decline.

        `order`: authenticated (true), microdeposits (false; a bank account that has yet to be verified, and pays when
        it is paid with again), deliver (true).
        """
        path = f"/stripe/payment_intents/{intent}/pay"
        return self._call("POST", path, json={"payment_method": payment_method, **order}, declined=True)

    def settle_intent(self, intent: str, outcome: str, **order: Any) -> Json:
        return self._call("POST", f"/stripe/payment_intents/{intent}/settle", json={"outcome": outcome, **order})

    def refund_in_dashboard(self, intent: str, amount: int | None = None, **order: Any) -> Json:
        """A person refunds `amount` cents, or all that is left, in Stripe's dashboard. `order`: deliver (true)."""
        return self._call("POST", f"/stripe/payment_intents/{intent}/refund", json={"amount": amount, **order})

    def settle_refund(self, refund: str, outcome: str, **order: Any) -> Json:
        return self._call("POST", f"/stripe/refunds/{refund}/settle", json={"outcome": outcome, **order})

    def dispute_intent(
        self, intent: str, amount: int | None = None, *, reason: str = "fraudulent", **order: Any
    ) -> Json:
        """The payment is disputed, for `amount` cents or all that was not refunded. Returns the dispute.

        `order`: status (needs_response for cards, lost for bank accounts), deliver (true).
        """
        path = f"/stripe/payment_intents/{intent}/dispute"
        return self._call("POST", path, json={"amount": amount, "reason": reason, **order})

    def contest_dispute(self, dispute: str, **order: Any) -> Json:
        """A person sends evidence in Stripe's dashboard: the dispute is under review."""
        return self._call("POST", f"/stripe/disputes/{dispute}/contest", json=order)

    def close_dispute(self, dispute: str, outcome: str, **order: Any) -> Json:
        """The bank decides: won or lost."""
        return self._call("POST", f"/stripe/disputes/{dispute}/close", json={"outcome": outcome, **order})

    def open_link(self, link: str) -> Json:
        """A customer opens the hosted page. Returns the checkout session, or Stripe's error body when the link is
        closed."""
        return self._call("POST", f"/stripe/payment_links/{link}/open", declined=True)

    def pay_link(self, link: str, payment_method: str = "pm_card_visa", **order: Any) -> Json:
        """The customer pays on the hosted page: the one that a decline left open, or a new one. Returns the checkout
        session, or Stripe's error body when the card is declined or the link is closed. `order`: deliver (true)."""
        path = f"/stripe/payment_links/{link}/pay"
        return self._call("POST", path, json={"payment_method": payment_method, **order}, declined=True)

    def pay_session(self, session: str, payment_method: str = "pm_card_visa", **order: Any) -> Json:
        """The customer pays on a page that they have open, even if its link was closed meanwhile. As `pay_link`."""
        path = f"/stripe/checkout/sessions/{session}/pay"
        return self._call("POST", path, json={"payment_method": payment_method, **order}, declined=True)

    def deliver_event(self, kind: str, resource: Json, **order: Any) -> Json:
        """An event that nothing here causes, such as ``balance.available``, whose object has no id. It is kept,
        listed and sent like any other. Returns the event. `order`: deliver (true)."""
        return self._call("POST", "/stripe/events", json={"type": kind, "object": resource, **order})

    def objects(self, kind: str, after: int = 0) -> tuple[list[Json], int]:
        """All of Stripe's of a kind, such as ``event``, made after the one of this number, oldest first. Returns the
        number to go on from, too."""
        answer = self._call("GET", "/stripe/objects", params={"kind": kind, "after": after})
        return answer["objects"], answer["last"]

    def resend_event(self, event: str) -> Json:
        """Sends one event now and returns the delivery with the receiver's status."""
        return self._call("POST", f"/stripe/events/{event}/resend")

    def send_delivery(self, number: int) -> Json:
        """Sends one delivery now, again if it was sent before, and returns it with the receiver's status."""
        return self._call("POST", f"/webhooks/{number}/send")

    def set_message_status(self, sid: str, status: str, error_code: int | None = None) -> Json:
        order: Json = {"status": status}
        if error_code is not None:
            order["error_code"] = error_code
        return self._call("POST", f"/twilio/messages/{sid}/status", json=order)

    def queue_answer(self, content: str | None = None, **order: Any) -> None:
        """What the model says next. `order`: finish_reason, refusal, choices (0 or 1), body (the whole answer's
        text, instead of all others)."""
        self._call("POST", "/openai/answers", json={"content": content, **order})

    def set_webhooks(self, **order: Any) -> None:
        """`order`: enabled, public_url."""
        self._call("POST", "/webhooks", json=order)

    def deliveries(self) -> list[Json]:
        deliveries: list[Json] = self._call("GET", "/webhooks")["deliveries"]
        return deliveries

    def wait_for_deliveries(self, seconds: float = 10.0) -> list[Json]:
        """Waits until no delivery is pending. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            deliveries = self.deliveries()
            if all(delivery["status"] != "pending" for delivery in deliveries):
                return deliveries
            time.sleep(0.02)
        raise TimeoutError(f"Deliveries are still pending after {seconds} s.")

    def _call(self, method: str, path: str, *, declined: bool = False, **request: Any) -> Json:
        response = self._session.request(method, f"{self.base_url}/_sandbox{path}", timeout=30, **request)
        # A decline or a closed link is an outcome that tests look at.
        if not response.ok and not (declined and response.status_code in (400, 402)):
            raise RuntimeError(f"{method} {path}: {response.status_code} {response.text}")
        answer: Json = response.json()
        return answer


@contextmanager
def run_sandbox(
    *,
    public_url: str = "",
    stripe_api_key: str = "sk_test_sandbox",
    stripe_webhook_secret: str = Settings.stripe_webhook_secret,
    twilio_account_sid: str = "",
    twilio_auth_token: str = "",
    openai_api_key: str = "",
    r2_access_key_id: str = "",
    home: Path | None = None,
    vendor_specs: Path | None = None,
) -> Iterator[SandboxClient]:
    """Runs ``python -m sandbox`` on free loopback ports until the block ends."""
    env = {
        **os.environ,
        "HOST": "127.0.0.1",
        "PUBLIC_URL": public_url,
        "STRIPE_API_KEY": stripe_api_key,
        "STRIPE_WEBHOOK_SECRET": stripe_webhook_secret,
        "TWILIO_ACCOUNT_SID": twilio_account_sid,
        "TWILIO_AUTH_TOKEN": twilio_auth_token,
        "OPENAI_API_KEY": openai_api_key,
        "R2_ACCESS_KEY_ID": r2_access_key_id,
        "SANDBOX_HOME": str(home or ""),
        "PYTHONPATH": str(_CHECKOUT),
    }
    if vendor_specs is not None:
        env["VENDOR_SPECS"] = str(vendor_specs)
    process, client = _start(env)
    try:
        yield client
    finally:
        client.close()
        _stop(process)


def _start(env: dict[str, str]) -> tuple["subprocess.Popen[bytes]", SandboxClient]:
    """A free port can be taken by somebody else before the sandbox binds it; then another is tried."""
    for _ in range(_START_TRIES):
        port, smtp_port = _free_ports()
        process = subprocess.Popen(
            [sys.executable, "-m", "sandbox", "--until-stdin-closes"],  # outlives no killed test run
            stdin=subprocess.PIPE,
            env={**env, "SANDBOX_PORT": str(port), "SANDBOX_SMTP_PORT": str(smtp_port)},
        )
        client = SandboxClient(f"http://127.0.0.1:{port}", smtp_port)
        if _answers(process, client):
            return process, client
        client.close()
        _stop(process)
    raise RuntimeError("The sandbox did not start.")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.communicate(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()


def _answers(process: "subprocess.Popen[bytes]", client: SandboxClient) -> bool:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            # The port is compared too: another program could be the one that answers.
            return bool(client.health()["smtp_port"] == client.smtp_port)
        except requests.ConnectionError:
            time.sleep(0.05)
    return False


def _free_ports() -> tuple[int, int]:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as two:
        return one.getsockname()[1], two.getsockname()[1]
