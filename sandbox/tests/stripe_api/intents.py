"""Payment intents, as tests open and pay them."""

import stripe

from sandbox.testing import SandboxClient

ORDER = {"amount": 2599, "currency": "usd", "metadata": {"order": "LLD-1", "_note": "kept"}}


def open_intent(api: stripe.StripeClient, **params: object) -> stripe.PaymentIntent:
    return api.v1.payment_intents.create({**ORDER, **params})


def paid_intent(
    api: stripe.StripeClient, sandbox: SandboxClient, method: str = "pm_card_visa"
) -> stripe.PaymentIntent:
    intent = open_intent(api)
    sandbox.pay_intent(intent.id, method)
    return api.v1.payment_intents.retrieve(intent.id)
