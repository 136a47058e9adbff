"""Events and their webhooks."""

import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from fnmatch import fnmatchcase

from sandbox.context import Sandbox
from sandbox.store import Json
from sandbox.stripe_api.errors import invalid_param
from sandbox.stripe_api.objects import API_VERSION, Call, fetch, listing, new_id, now, public, save


def emit(call: Call, kind: str, resource: Json) -> Json:
    """Stores an event with a snapshot of the resource and queues its webhook; returns the event."""
    event: Json = {
        "id": new_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": now(),
        "data": {"object": public(resource)},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": call.request_id, "idempotency_key": call.idempotency_key},
        "type": kind,
    }
    save(call, event)
    queue(call, event)
    return event


def queue(call: Call, event: Json) -> int:
    """Queues one delivery of an event to the product's endpoint; returns the delivery's number."""
    callbacks = call.sandbox.callbacks
    return callbacks.queue(
        "stripe",
        event["id"],
        event["type"],
        url=webhook_url(call.sandbox),
        content_type="application/json; charset=utf-8",
        body=json.dumps(event, indent=2),
        deliver=call.deliver,
    )


def webhook_url(sandbox: Sandbox) -> str:
    """Where the product takes Stripe's webhooks; empty while nobody knows where it is."""
    public_url = sandbox.callbacks.public_url
    return f"{public_url}/api/webhooks/stripe" if public_url else ""


def sign(secret: str, body: bytes) -> Mapping[str, str]:
    """``t=<unix seconds>,v1=<hex>``: HMAC-SHA256 over the time, a dot and the raw body."""
    moment = str(int(time.time()))
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={moment},v1={digest}"}


def retrieve(call: Call, event: str) -> Json:
    return fetch(call, "event", event)


def list_all(call: Call) -> Json:
    """All that happened, whether or not anybody was told: this is how a product catches up on lost webhooks."""
    kind, kinds = call.form.text("type"), call.form.texts("types")
    if kind and kinds:
        raise invalid_param("Give either type or types.", "types")
    wanted = kinds or [kind or "*"]
    told = call.form.flag("delivery_success")
    delivered = set() if told is None else _delivered(call)
    return listing(
        call,
        "event",
        "/v1/events",
        lambda item: (
            any(fnmatchcase(item["type"], pattern) for pattern in wanted)
            and (told is None or (item["id"] in delivered) == told)
        ),
    )


def _delivered(call: Call) -> set[str]:
    deliveries = call.sandbox.callbacks.list()
    return {delivery["object_id"] for delivery in deliveries if delivery["status"] == "delivered"}
