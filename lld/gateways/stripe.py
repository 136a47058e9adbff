"""Payments by Stripe. Every call that moves money carries our own idempotency key.

Amounts cross this border as Decimal dollars; Stripe's whole cents stay inside. Everything that asks Stripe raises
GatewayError, for a web request also GatewayBusy; a worker waits up to 70 seconds for each answer.
"""

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import requests
import stripe
import structlog
from django.conf import settings

from lld.core import vendor_time
from lld.core.errors import ErrorCode, GatewayError, GatewayTimeout, InvalidInput
from lld.core.money import from_cents, to_cents
from lld.gateways.bulkhead import STRIPE_CALLS, for_requests
from lld.gateways.configuration import need, optional

log = structlog.get_logger(__name__)

VENDOR = "Stripe"
# Seconds to connect and to wait for an answer; a web request may wait less (lld.core.vendor_time).
TIMEOUT, REPEATS = (3, 20), 2


@dataclass(frozen=True)
class Intent:
    """A PaymentIntent as far as we trust it. `refunded` is what its charge gave back.

    `verifies_account`: the payer's bank has yet to show two small sums, and the payer to read them there.
    """

    id: str
    status: str
    amount: Decimal
    received: Decimal
    currency: str
    client_secret: str
    refunded: Decimal = Decimal(0)
    charge_id: str = ""
    method_type: str = ""
    failure: str = ""
    verifies_account: bool = False
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Link:
    id: str
    url: str
    active: bool


@dataclass(frozen=True)
class Refund:
    """`status` is Stripe's: pending, requires_action, succeeded, failed or canceled."""

    id: str
    status: str
    amount: Decimal
    failure: str = ""
    intent_id: str = ""
    metadata: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Dispute:
    """`taken` is what the payer's bank has from us now, after so many `movements` of money."""

    id: str
    status: str
    amount: Decimal
    taken: Decimal
    movements: int
    reason: str
    intent_id: str
    answer_by: datetime | None


@dataclass(frozen=True)
class Event:
    """An event, from a verified webhook or read at Stripe. `object_id` is what it tells of, "" for what has no id."""

    id: str
    kind: str
    object_type: str
    object_id: str
    body: Mapping[str, Any]


def create_intent(
    *, amount: Decimal, key: str, metadata: Mapping[str, str], description: str, receipt_email: str = ""
) -> Intent:
    """A PaymentIntent that the storefront confirms. The same `key` returns the same intent."""
    params: Any = {
        "amount": to_cents(amount),
        "currency": settings.CURRENCY,
        "automatic_payment_methods": {"enabled": True},
        "description": description,
        "metadata": dict(metadata),
    }
    if receipt_email:
        params["receipt_email"] = receipt_email
    with _calling() as client:
        return _intent(client.v1.payment_intents.create(params, {"idempotency_key": key}))


def fetch_intent(intent_id: str) -> Intent:
    """The intent as Stripe has it now, with what was refunded."""
    with _calling() as client:
        return _intent(client.v1.payment_intents.retrieve(intent_id, {"expand": ["latest_charge"]}))


def cancel_intent(intent_id: str) -> Intent:
    with _calling() as client:
        return _intent(client.v1.payment_intents.cancel(intent_id))


def create_link(*, amount: Decimal, key: str, name: str, metadata: Mapping[str, str]) -> Link:
    """A page on which one payment can be made. Metadata is on the link and on its PaymentIntent."""
    params: Any = {
        "line_items": [
            {
                "price_data": {
                    "currency": settings.CURRENCY,
                    "unit_amount": to_cents(amount),
                    "product_data": {"name": name},
                },
                "quantity": 1,
            }
        ],
        "restrictions": {"completed_sessions": {"limit": 1}},
        "metadata": dict(metadata),
        "payment_intent_data": {"metadata": dict(metadata)},
    }
    with _calling() as client:
        return _link(client.v1.payment_links.create(params, {"idempotency_key": key}))


def deactivate_link(link_id: str) -> Link:
    with _calling() as client:
        return _link(client.v1.payment_links.update(link_id, {"active": False}))


def expire_sessions(link_id: str) -> None:
    """Close the pages of a link that customers have open. One that was completed meanwhile stays as it is."""
    with _calling() as client:
        page = client.v1.checkout.sessions.list({"payment_link": link_id, "status": "open"})
        open_ = [session.id for session in page.auto_paging_iter()]
    for session_id in open_:
        try:
            with _calling() as client:
                client.v1.checkout.sessions.expire(session_id)
        except GatewayError as error:
            if not error.permanent:
                raise


def paid_intents(link_id: str) -> list[str]:
    """The PaymentIntents of the checkouts that customers completed on a link."""
    with _calling() as client:
        page = client.v1.checkout.sessions.list({"payment_link": link_id, "status": "complete"})
        intents = [session.to_dict().get("payment_intent") for session in page.auto_paging_iter()]
    return [intent for intent in intents if isinstance(intent, str)]


def create_refund(*, intent_id: str, amount: Decimal, key: str, metadata: Mapping[str, str]) -> Refund:
    """Give money back. Not final on creation: `pending` may still fail."""
    params: Any = {
        "payment_intent": intent_id,
        "amount": to_cents(amount),
        "reason": "requested_by_customer",
        "metadata": dict(metadata),
    }
    with _calling() as client:
        return _refund(client.v1.refunds.create(params, {"idempotency_key": key}))


def fetch_refund(refund_id: str) -> Refund:
    with _calling() as client:
        return _refund(client.v1.refunds.retrieve(refund_id))


def list_refunds(intent_id: str) -> list[Refund]:
    """All refunds of an intent, newest first, whoever made them."""
    with _calling() as client:
        page = client.v1.refunds.list({"payment_intent": intent_id, "limit": 100})
        return [_refund(refund) for refund in page.auto_paging_iter()]


def fetch_dispute(dispute_id: str) -> Dispute:
    with _calling() as client:
        return _dispute(client.v1.disputes.retrieve(dispute_id))


def list_events(since: datetime, kinds: Sequence[str], *, undelivered: bool = False) -> Iterator[Event]:
    """Events of these kinds, newest first, of the last month at most. `undelivered`: whose webhooks failed."""
    params: Any = {"created": {"gte": int(since.timestamp())}, "types": list(kinds), "limit": 100}
    if undelivered:
        params["delivery_success"] = False
    with _calling() as client:
        for event in client.v1.events.list(params).auto_paging_iter():
            if (told := _event(event.to_dict())) is not None:
                yield told


def verify_event(payload: bytes, signature: str) -> Event | None:
    """The event of a webhook request; None for what has not the shape of one that we use, such as a thin event.

    InvalidInput when it was not signed with our secret just now.
    """
    secret, tolerance = need("STRIPE_WEBHOOK_SECRET"), stripe.Webhook.DEFAULT_TOLERANCE
    try:
        stripe.WebhookSignature.verify_header(payload.decode(), signature, secret, tolerance)
        return _event(json.loads(payload))
    except (stripe.SignatureVerificationError, ValueError) as error:
        raise InvalidInput("The signature is not valid.", code=ErrorCode.MALFORMED) from error


class _Sessions(threading.local):
    """Connections to Stripe, a thread's own each, that wait no longer than the web request behind a call may."""

    def __init__(self) -> None:
        self._session = requests.Session()

    def request(self, method: str, url: str, *, timeout: tuple[float, float], **more: Any) -> requests.Response:
        left = vendor_time.seconds_left()
        if left is not None:
            if left <= 0:
                # Of no kind that the SDK would try again.
                raise requests.RequestException("The web request may not wait any longer.")
            connect, read = timeout
            timeout = min(connect, left), min(read, left)
        return self._session.request(method, url, timeout=timeout, **more)

    def close(self) -> None:
        self._session.close()


@cache
def _client_for(key: str, base: str | None) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        base_addresses={"api": base} if base else {},
        max_network_retries=REPEATS,
        http_client=stripe.RequestsClient(timeout=TIMEOUT, session=_Sessions()),  # type: ignore[arg-type]  # acts as one
    )


def _client() -> stripe.StripeClient:
    return _client_for(need("STRIPE_API_KEY"), optional("STRIPE_API_BASE"))


@contextmanager
def _calling() -> Iterator[stripe.StripeClient]:
    with for_requests(VENDOR, STRIPE_CALLS), _errors():
        yield _client()


@contextmanager
def _errors() -> Iterator[None]:
    try:
        yield
    except stripe.APIConnectionError as error:
        raise GatewayTimeout(VENDOR) from error
    except stripe.CardError as error:
        raise GatewayError(
            VENDOR, error.user_message or "The card was declined.", permanent=True, vendor_code=error.code or ""
        ) from error
    except stripe.StripeError as error:
        status = error.http_status or 500
        raise GatewayError(
            VENDOR,
            f"Stripe refused the request ({error.code or status}).",
            # A key that Stripe does not accept is our mistake, and is mended.
            permanent=400 <= status < 500 and status not in {401, 403, 409, 429},
            unknown=status >= 500,
            vendor_code=error.code or "",
        ) from error


def _intent(raw: Any) -> Intent:
    body = raw.to_dict()
    charge = body.get("latest_charge")
    expanded = charge if isinstance(charge, dict) else {}
    failure = body.get("last_payment_error") or {}
    return Intent(
        id=body["id"],
        status=body["status"],
        amount=from_cents(body["amount"]),
        received=from_cents(body.get("amount_received") or 0),
        currency=body["currency"],
        client_secret=body.get("client_secret") or "",
        refunded=from_cents(expanded.get("amount_refunded") or 0),
        charge_id=expanded.get("id") or (charge if isinstance(charge, str) else ""),
        method_type=(expanded.get("payment_method_details") or {}).get("type") or "",
        failure=failure.get("message") or "",
        verifies_account=(body.get("next_action") or {}).get("type") == "verify_with_microdeposits",
        metadata=body.get("metadata") or {},
    )


def _event(body: Any) -> Event | None:
    match body:
        case {"id": str(event_id), "type": str(kind), "data": {"object": {"object": str(object_type)} as subject}}:
            object_id = subject.get("id")
            return Event(event_id, kind, object_type, object_id if isinstance(object_id, str) else "", body)
    log.info("stripe_event_ignored")
    return None


def _dispute(raw: Any) -> Dispute:
    body = raw.to_dict()
    movements = body.get("balance_transactions") or []
    answer_by = (body.get("evidence_details") or {}).get("due_by")
    return Dispute(
        id=body["id"],
        status=body["status"],
        amount=from_cents(body["amount"]),
        taken=-from_cents(sum(movement["amount"] for movement in movements)),
        movements=len(movements),
        reason=body.get("reason") or "",
        intent_id=body.get("payment_intent") or "",
        answer_by=datetime.fromtimestamp(answer_by, UTC) if answer_by else None,
    )


def _link(raw: Any) -> Link:
    return Link(raw.id, raw.url, raw.active)


def _refund(raw: Any) -> Refund:
    body = raw.to_dict()
    intent = body.get("payment_intent")
    return Refund(
        id=body["id"],
        status=body["status"],
        amount=from_cents(body["amount"]),
        failure=body.get("failure_reason") or "",
        intent_id=intent if isinstance(intent, str) else "",
        metadata=body.get("metadata") or {},
    )
