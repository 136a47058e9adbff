"""Cards that are saved for later."""

import pytest
import stripe

from sandbox.testing import SandboxClient
from sandbox.tests.stripe_api.intents import open_intent


def test_saved_card_pays_off_session(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    customer = api.v1.customers.create({"email": "a@example.com", "address": {"city": "Chicago"}})
    setup = api.v1.setup_intents.create({"customer": customer.id, "payment_method_types": ["card"]})

    setup = api.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})
    assert setup.status == "succeeded"

    api.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": setup.payment_method}})
    intent = open_intent(
        api, customer=customer.id, payment_method=setup.payment_method, off_session=True, confirm=True
    )
    assert intent.status == "succeeded"

    with pytest.raises(stripe.InvalidRequestError):
        open_intent(api, payment_method=setup.payment_method)  # without its customer
