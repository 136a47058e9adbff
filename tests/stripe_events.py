"""Events of Stripe, as it sends and signs them."""

import json
from typing import Any

import stripe

SECRET = "whsec_test"  # of the test settings
PATH = "/api/webhooks/stripe"

# Of a kind that nothing follows from.
UNUSED = {
    "id": "evt_1",
    "object": "event",
    "type": "customer.created",
    "data": {"object": {"id": "cus_1", "object": "customer"}},
}


def send_event(client: Any, event: dict[str, Any] | None, *, secret: str = SECRET) -> Any:
    """The answer to an event that is signed with `secret`."""
    body = json.dumps(event or {})
    signature = stripe.WebhookSignature.generate_signature_header(body, secret)
    return client.generic("POST", PATH, body, "application/json", HTTP_STRIPE_SIGNATURE=signature)
