"""Stripe's idempotency keys through Stripe's own SDK."""

import threading

import pytest
import requests
import stripe

from sandbox.testing import SandboxClient
from sandbox.tests.conftest import stripe_client
from sandbox.tests.stripe_api.intents import ORDER


def test_same_key_and_params_replay_the_first_answer(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    first = api.v1.payment_intents.create(ORDER, {"idempotency_key": "k"})
    again = api.v1.payment_intents.create(ORDER, {"idempotency_key": "k"})

    assert again.id == first.id
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.request_id
    assert [entry["idempotency_key"] for entry in sandbox.ledger(kind="payment_intent")] == ["k"]


def test_same_key_with_other_params_is_an_error(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    api.v1.payment_intents.create(ORDER, {"idempotency_key": "k"})

    with pytest.raises(stripe.IdempotencyError) as caught:
        api.v1.payment_intents.create({**ORDER, "amount": 1}, {"idempotency_key": "k"})
    assert caught.value.http_status == 400

    with pytest.raises(stripe.IdempotencyError):
        api.v1.customers.create({"email": "a@example.com"}, {"idempotency_key": "k"})
    assert len(sandbox.ledger()) == 1


def test_key_in_use_is_409_and_has_no_second_effect(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    sandbox.fault("stripe", "delay", seconds=1.0, path="/v1/payment_intents")
    made: list[str] = []

    with requests.Session() as session:
        slow = stripe_client(sandbox.stripe_api_base, session)
        thread = threading.Thread(
            target=lambda: made.append(slow.v1.payment_intents.create(ORDER, {"idempotency_key": "k"}).id)
        )
        thread.start()
        while not sandbox.faults()[0]["hits"]:
            pass
        with pytest.raises(stripe.APIError) as caught:
            api.v1.payment_intents.create(ORDER, {"idempotency_key": "k"})
        thread.join()

    assert caught.value.http_status == 409
    assert caught.value.json_body["error"]["code"] == "idempotency_key_in_use"
    assert [entry["id"] for entry in sandbox.ledger()] == made


def test_refused_params_do_not_use_up_the_key(api: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.v1.payment_intents.create({**ORDER, "amount": 49}, {"idempotency_key": "k"})
    assert (caught.value.code, caught.value.param) == ("amount_too_small", "amount")
    assert api.v1.payment_intents.create(ORDER, {"idempotency_key": "k"}).amount == 2599
