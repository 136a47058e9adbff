"""Checkout sessions through the SDK and the control API."""

import stripe

from sandbox.testing import SandboxClient
from sandbox.tests.stripe_api.links import LINK


def test_declined_card_leaves_the_link_open(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    link = api.v1.payment_links.create(LINK)
    assert sandbox.pay_link(link.id, "pm_card_chargeDeclined")["error"]["code"] == "card_declined"
    [open_session] = api.v1.checkout.sessions.list({"payment_link": link.id}).data
    assert open_session.status == "open"
    assert sandbox.pay_link(link.id)["status"] == "complete"


def test_bank_debit_through_a_link_is_paid_when_settled(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    link = api.v1.payment_links.create(LINK)

    session = sandbox.pay_link(link.id, "pm_usBankAccount_success")
    assert (session["status"], session["payment_status"]) == ("complete", "unpaid")

    sandbox.settle_intent(session["payment_intent"], "succeeded")
    assert api.v1.checkout.sessions.retrieve(session["id"]).payment_status == "paid"

    events = [delivery["event"] for delivery in sandbox.wait_for_deliveries()]
    assert "checkout.session.async_payment_succeeded" in events
