"""Webhooks: signed, in order, retried, and driven by tests where they ask for it."""

import json

import pytest
import stripe

from sandbox.testing import SandboxClient
from sandbox.tests.conftest import WEBHOOK_SECRET, Receiver
from sandbox.tests.stripe_api.intents import open_intent

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


def test_lost_events_are_listed(api: stripe.StripeClient, sandbox: SandboxClient, receiver: Receiver) -> None:
    """By Stripe's guide to undelivered events: those since the last that was delivered, oldest first."""
    known = api.v1.payment_intents.create(ORDER)
    sandbox.wait_for_deliveries()
    last = api.v1.events.list().data[0]
    assert last.data.object.id == known.id
    for _ in range(3):
        sandbox.pay_intent(open_intent(api).id, deliver=False)
    sandbox.wait_for_deliveries()

    lost = api.v1.events.list({"ending_before": last.id, "delivery_success": False, "limit": 2})

    assert [event.type for event in lost.auto_paging_iter()] == ["charge.succeeded", "payment_intent.succeeded"] * 3
    assert len(receiver.requests) == 4
    told = api.v1.events.list({"delivery_success": True}).data
    assert {event.type for event in told} == {"payment_intent.created"}


def test_events_are_listed_by_kind_and_time(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    sandbox.pay_intent(open_intent(api).id)
    made = api.v1.events.list().data[0].created

    def kinds(**params: object) -> list[str]:
        return [event.type for event in api.v1.events.list(params).data]

    assert kinds() == ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]
    assert kinds(types=["charge.succeeded", "payment_intent.created"]) == kinds()[1:]
    assert kinds(type="payment_intent.*") == ["payment_intent.succeeded", "payment_intent.created"]
    assert kinds(created={"gte": made - 60}, limit=1) == kinds()[:1]
    assert kinds(created={"gte": made + 60}) == []
    with pytest.raises(stripe.InvalidRequestError):
        kinds(type="charge.succeeded", types=["charge.succeeded"])


def test_events_page_newest_first(api: stripe.StripeClient) -> None:
    for _ in range(3):
        open_intent(api)

    first = api.v1.events.list({"limit": 2})
    rest = api.v1.events.list({"limit": 2, "starting_after": first.data[-1].id})

    assert (len(first.data), first.has_more, len(rest.data), rest.has_more) == (2, True, 1, False)
    assert api.v1.events.retrieve(rest.data[0].id).data.object.id == rest.data[0].data.object.id


def test_event_of_any_kind_is_sent(api: stripe.StripeClient, sandbox: SandboxClient, receiver: Receiver) -> None:
    balance = {"object": "balance", "available": [{"amount": 100, "currency": "usd"}], "livemode": False}

    made = sandbox.deliver_event("balance.available", balance)
    lost = sandbox.deliver_event("balance.available", balance, deliver=False)
    sandbox.wait_for_deliveries()

    [request] = receiver.requests
    event = stripe.Webhook.construct_event(request.body, request.headers["Stripe-Signature"], WEBHOOK_SECRET)
    assert (event.id, event.type, event.to_dict()["data"]) == (made["id"], "balance.available", {"object": balance})
    assert [item.id for item in api.v1.events.list().data] == [lost["id"], made["id"]]
    assert sandbox.ledger() == []


def test_objects_are_listed_from_where_one_stopped(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    first = api.v1.payment_intents.create(ORDER)
    told, last = sandbox.objects("event")
    assert [event["data"]["object"]["id"] for event in told] == [first.id]

    second = api.v1.payment_intents.create(ORDER)

    told, last = sandbox.objects("event", last)
    assert [event["data"]["object"]["id"] for event in told] == [second.id]
    assert sandbox.objects("event", last) == ([], last)
    assert [intent["id"] for intent in sandbox.objects("payment_intent")[0]] == [first.id, second.id]
