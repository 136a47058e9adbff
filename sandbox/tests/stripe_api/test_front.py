"""Who is let in to the sandbox's Stripe, and what it does not know."""

import pytest
import requests
import stripe

from sandbox.testing import SandboxClient
from sandbox.tests.conftest import stripe_client
from sandbox.tests.stripe_api.intents import ORDER


def test_wrong_key_is_401(sandbox: SandboxClient, session: requests.Session) -> None:
    other = stripe_client(sandbox.stripe_api_base, session, key="sk_test_other")
    with pytest.raises(stripe.AuthenticationError):
        other.v1.payment_intents.create(ORDER)
    assert sandbox.ledger() == []


def test_unknown_address_is_recorded(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.v1.coupons.list()
    assert caught.value.http_status == 404
    assert len(sandbox.ledger("stripe", "invalid_request")) == 1
