"""Events and their webhooks."""

import json

from sandbox.store import Json
from sandbox.stripe_api.objects import API_VERSION, Call, fetch, listing, new_id, now, public, save


def emit(call: Call, kind: str, resource: Json) -> None:
    """Stores an event with a snapshot of the resource and queues its webhook."""
    event = {
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


def queue(call: Call, event: Json) -> int:
    """Queues one delivery of an event to the product's endpoint; returns the delivery's number."""
    callbacks = call.sandbox.callbacks
    return callbacks.queue(
        "stripe",
        event["id"],
        event["type"],
        url=callbacks.stripe_url,
        content_type="application/json; charset=utf-8",
        body=json.dumps(event, indent=2),
        deliver=call.deliver,
    )


def retrieve(call: Call, event: str) -> Json:
    return fetch(call, "event", event)


def list_all(call: Call) -> Json:
    kind, kinds = call.form.text("type"), call.form.texts("types")
    return listing(
        call,
        "event",
        "/v1/events",
        lambda item: (not kind or item["type"] == kind) and (not kinds or item["type"] in kinds),
    )
