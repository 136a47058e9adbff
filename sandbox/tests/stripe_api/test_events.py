"""Webhooks: signed, in order, retried, and driven by tests where they ask for it."""

import json

import pytest
import stripe

from sandbox.testing import SandboxClient
from sandbox.tests.conftest import WEBHOOK_SECRET, Receiver

ORDER = {"amount": 2599, "currency": "usd"}


def test_payment_sends_signed_events(api: stripe.StripeClient, sandbox: SandboxClient, receiver: Receiver) -> None:

    intent = api.v1.payment_intents.create(ORDER, {"idempotency_key": "k"})
    sandbox.pay_intent(intent.id)
    sandbox.wait_for_deliveries()

    events = []
    for request in receiver.requests:
        assert request.path == "/api/webhooks/stripe"
        signature = request.headers["Stripe-Signature"]
        events.append(stripe.Webhook.construct_event(request.body, signature, WEBHOOK_SECRET))
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(request.body + b" ", signature, WEBHOOK_SECRET)

    assert [event.type for event in events] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
    ]
    assert events[0].request.idempotency_key == "k"
    assert events[2].data.object.status == "succeeded"
    assert api.v1.events.retrieve(events[2].id).type == "payment_intent.succeeded"
    assert len(api.v1.events.list({"type": "charge.succeeded"}).data) == 1


def test_decline_and_refund_send_their_events(
    api: stripe.StripeClient, sandbox: SandboxClient, receiver: Receiver
) -> None:
    intent = api.v1.payment_intents.create(ORDER)
    sandbox.pay_intent(intent.id, "pm_card_chargeDeclined")
    sandbox.pay_intent(intent.id)
    api.v1.refunds.create({"payment_intent": intent.id})
    sandbox.wait_for_deliveries()

    assert [json.loads(request.body)["type"] for request in receiver.requests] == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        "charge.succeeded",
        "payment_intent.succeeded",
        "refund.created",
        "charge.refunded",
    ]


def test_failing_receiver_is_tried_again(
    api: stripe.StripeClient, sandbox: SandboxClient, receiver: Receiver
) -> None:
    receiver.statuses.append(503)

    api.v1.payment_intents.create(ORDER)
    [delivery] = sandbox.wait_for_deliveries()

    assert (delivery["status"], delivery["attempts"], delivery["response_status"]) == ("delivered", 2, 200)
    first, second = receiver.requests
    assert first.body == second.body


def test_held_events_are_sent_in_any_order(
    api: stripe.StripeClient, sandbox: SandboxClient, receiver: Receiver
) -> None:
    sandbox.set_webhooks(enabled=False)

    intent = api.v1.payment_intents.create(ORDER)
    sandbox.set_webhooks(enabled=True)
    sandbox.pay_intent(intent.id, deliver=False)
    assert {delivery["status"] for delivery in sandbox.wait_for_deliveries()} == {"held"}
    assert receiver.requests == []

    paid = api.v1.events.list({"type": "payment_intent.succeeded"}).data[0]
    created = api.v1.events.list({"type": "payment_intent.created"}).data[0]
    for event in (paid, created, paid):
        assert sandbox.resend_event(event.id)["response_status"] == 200
    assert [json.loads(request.body)["id"] for request in receiver.requests] == [paid.id, created.id, paid.id]


def test_resend_tells_the_products_answer(
    api: stripe.StripeClient, sandbox: SandboxClient, receiver: Receiver
) -> None:
    api.v1.payment_intents.create(ORDER)
    sandbox.wait_for_deliveries()
    receiver.statuses.append(500)
    delivery = sandbox.resend_event(api.v1.events.list().data[0].id)
    assert (delivery["status"], delivery["response_status"]) == ("failed", 500)
