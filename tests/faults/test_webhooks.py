"""Stripe's webhooks: forged, old, repeated, out of order, unknown."""

import json
import time
from datetime import timedelta
from typing import Any

import pytest
import stripe
from rest_framework.test import APIClient

from lld.core.models import OutboxMessage, WebhookEvent
from orders import tasks
from orders.models import Order, Payment
from orders.services import intents
from sandbox.testing import SandboxClient
from tests.factories import card_order

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "whsec_test"


def event(kind: str, subject: dict[str, Any], number: int = 1) -> bytes:
    return json.dumps({"id": f"evt_{number}", "object": "event", "type": kind, "data": {"object": subject}}).encode()


def send(api: APIClient, body: bytes, *, secret: str = SECRET, timestamp: int | None = None) -> Any:
    header = stripe.WebhookSignature.generate_signature_header(body.decode(), secret, timestamp)
    return api.generic("POST", "/api/webhooks/stripe", body, "application/json", HTTP_STRIPE_SIGNATURE=header)


def paid_intent(sandbox: SandboxClient, order: Order) -> str:
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, deliver=False)
    return intent.id


def test_webhook_forged_or_old_is_refused(api: APIClient, sandbox: SandboxClient) -> None:
    order = card_order()
    body = event("payment_intent.succeeded", {"object": "payment_intent", "id": paid_intent(sandbox, order)})

    assert send(api, body, secret="whsec_wrong").status_code == 400
    assert send(api, body, timestamp=int(time.time()) - 3600).status_code == 400
    assert api.generic("POST", "/api/webhooks/stripe", body, "application/json").status_code == 400
    assert send(api, b"not json").status_code == 400

    assert not WebhookEvent.objects.exists()
    order.refresh_from_db()
    assert order.payment_status == "unpaid"


def test_webhook_repeat_is_answered_and_changes_nothing(api: APIClient, sandbox: SandboxClient) -> None:
    order = card_order()
    body = event("payment_intent.succeeded", {"object": "payment_intent", "id": paid_intent(sandbox, order)})

    assert [send(api, body).status_code for _ in range(3)] == [200, 200, 200]

    assert WebhookEvent.objects.get().processed_at is not None
    assert Payment.objects.filter(state="succeeded").count() == 1
    assert OutboxMessage.objects.filter(key__startswith=f"payment_received:{order.pk}:").count() == 1


def test_webhook_body_is_not_believed(api: APIClient, sandbox: SandboxClient) -> None:
    """A signed body saying that it succeeded counts for nothing while Stripe itself says otherwise."""
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    subject = {"object": "payment_intent", "id": intent.id, "status": "succeeded", "amount_received": 4500}

    assert send(api, event("payment_intent.succeeded", subject)).status_code == 200

    order.refresh_from_db()
    assert order.payment_status == "unpaid"


def test_webhooks_out_of_order_end_the_same(api: APIClient, sandbox: SandboxClient) -> None:
    order = card_order()
    intent = paid_intent(sandbox, order)
    kinds = ["payment_intent.succeeded", "payment_intent.processing", "payment_intent.created"]

    for number, kind in enumerate(kinds):
        assert send(api, event(kind, {"object": "payment_intent", "id": intent}, number)).status_code == 200

    order.refresh_from_db()
    assert order.payment_status == "paid"


def test_webhooks_of_unknown_kinds_and_intents_are_accepted(api: APIClient, sandbox: SandboxClient) -> None:
    assert send(api, event("price.created", {"object": "price", "id": "price_1"}, 1)).status_code == 200

    made = stripe.StripeClient("sk_test_sandbox", base_addresses={"api": sandbox.stripe_api_base})
    other = made.v1.payment_intents.create({"amount": 100, "currency": "usd"})
    stranger = event("payment_intent.created", {"object": "payment_intent", "id": other.id}, 2)

    assert send(api, stranger).status_code == 200
    assert WebhookEvent.objects.filter(processed_at=None).count() == 0
    assert not Payment.objects.exists()


def test_webhook_not_processed_is_swept_up(
    api: APIClient, sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = card_order()
    body = event("payment_intent.succeeded", {"object": "payment_intent", "id": paid_intent(sandbox, order)})

    with monkeypatch.context() as busy:
        busy.setattr(tasks.process_stripe_event, "apply_async", lambda *_, **__: None)
        assert send(api, body).status_code == 200

    monkeypatch.setattr("lld.core.webhooks.GRACE", timedelta(seconds=-1))
    tasks.sweep_stripe_events()

    order.refresh_from_db()
    assert order.payment_status == "paid"


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("balance.available", {"object": "balance", "available": [{"amount": 4500, "currency": "usd"}]}),
        ("invoice.upcoming", {"object": "invoice", "payment_intent": None}),
        ("charge.updated", {"object": "charge", "payment_intent": None}),
    ],
)
def test_webhook_about_what_has_no_id_is_accepted(
    api: APIClient, sandbox: SandboxClient, kind: str, subject: dict[str, Any]
) -> None:
    made = sandbox.deliver_event(kind, subject, deliver=False)

    assert send(api, json.dumps(made).encode()).status_code == 200

    stored = WebhookEvent.objects.get()
    assert (stored.kind, stored.processed_at is not None) == (kind, True)


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"id": "evt_1", "type": "x"},
        {"id": "evt_1", "type": "x", "data": []},
        {"id": "evt_1", "type": "x", "data": {"object": []}},
        {"id": "evt_1", "type": "x", "data": {"object": {}}},
        {"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": {"object": None, "id": "pi_1"}}},
        {"id": 1, "type": "x", "data": {"object": {"object": "charge"}}},
        {"id": "evt_1", "object": "v2.core.event", "type": "v1.billing.meter.no_meter_found", "related_object": {}},
    ],
    ids=str,
)
def test_webhook_of_a_shape_without_use_is_accepted(api: APIClient, body: Any) -> None:
    assert send(api, json.dumps(body).encode()).status_code == 200
    assert not WebhookEvent.objects.exists()


@pytest.mark.parametrize(
    "subject",
    [
        *({"object": kind} for kind in ("payment_intent", "dispute", "refund", "charge", "checkout.session")),
        {"object": "payment_intent", "id": ["pi_1"]},
        {"object": "charge", "id": "ch_1", "payment_intent": ["pi_1"]},
        {"object": "charge", "id": "ch_1", "payment_intent": {"object": "payment_intent"}},
    ],
    ids=str,
)
def test_webhook_that_names_nothing_of_ours_is_done_with(
    api: APIClient, sandbox: SandboxClient, subject: dict[str, Any]
) -> None:
    assert send(api, event("charge.refunded", subject)).status_code == 200
    assert WebhookEvent.objects.get().processed_at is not None


def test_webhook_with_the_intent_in_full_pays_as_one_with_its_id(api: APIClient, sandbox: SandboxClient) -> None:
    order = card_order()
    intent = {"object": "payment_intent", "id": paid_intent(sandbox, order)}

    assert send(api, event("charge.succeeded", {"object": "charge", "payment_intent": intent})).status_code == 200

    order.refresh_from_db()
    assert order.payment_status == "paid"
