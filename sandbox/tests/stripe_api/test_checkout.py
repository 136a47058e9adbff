"""Checkout sessions through the SDK and the control API."""

import pytest
import stripe

from sandbox.testing import SandboxClient
from sandbox.tests.stripe_api.links import LINK


def declined_session(api: stripe.StripeClient, sandbox: SandboxClient) -> stripe.checkout.Session:
    """Open, with an intent, on a link of its own."""
    link = api.v1.payment_links.create(LINK)
    assert sandbox.pay_link(link.id, "pm_card_chargeDeclined")["error"]["code"] == "card_declined"
    [session] = api.v1.checkout.sessions.list({"payment_link": link.id, "status": "open"}).data
    return session


def test_decline_leaves_the_session_open(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    session = declined_session(api, sandbox)
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert api.v1.payment_intents.retrieve(session.payment_intent).status == "requires_payment_method"

    again = sandbox.pay_link(session.payment_link)

    assert (again["id"], again["status"], again["payment_intent"]) == (session.id, "complete", session.payment_intent)
    assert len(sandbox.ledger(kind="payment_intent")) == 1
    assert api.v1.checkout.sessions.list({"payment_link": session.payment_link, "status": "open"}).data == []


def test_bank_debit_through_a_link_is_paid_when_settled(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    link = api.v1.payment_links.create(LINK)

    session = sandbox.pay_link(link.id, "pm_usBankAccount_success")
    assert (session["status"], session["payment_status"]) == ("complete", "unpaid")

    sandbox.settle_intent(session["payment_intent"], "succeeded")
    assert api.v1.checkout.sessions.retrieve(session["id"]).payment_status == "paid"

    events = [delivery["event"] for delivery in sandbox.wait_for_deliveries()]
    assert "checkout.session.async_payment_succeeded" in events


@pytest.mark.parametrize("action", ["confirm", "cancel"])
def test_intent_of_a_session_is_the_sessions(api: stripe.StripeClient, sandbox: SandboxClient, action: str) -> None:
    intent = declined_session(api, sandbox).payment_intent

    with pytest.raises(stripe.InvalidRequestError, match="created by Checkout") as caught:
        getattr(api.v1.payment_intents, action)(intent)

    assert (caught.value.http_status, caught.value.code) == (400, "payment_intent_unexpected_state")
    assert "created by Checkout" in sandbox.pay_intent(intent)["error"]["message"]
    assert api.v1.payment_intents.retrieve(intent).status == "requires_payment_method"


def test_expired_session_takes_no_money(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    session = declined_session(api, sandbox)

    assert api.v1.checkout.sessions.expire(session.id).status == "expired"

    intent = api.v1.payment_intents.retrieve(session.payment_intent)
    assert (intent.status, intent.cancellation_reason) == ("canceled", "expired")
    events = [delivery["event"] for delivery in sandbox.wait_for_deliveries()]
    assert events[-2:] == ["payment_intent.canceled", "checkout.session.expired"]
    assert "error" in sandbox.pay_session(session.id)
    with pytest.raises(stripe.InvalidRequestError, match="has a status of `expired`"):
        api.v1.checkout.sessions.expire(session.id)
    assert sandbox.ledger(kind="charge") == []

    assert sandbox.pay_link(session.payment_link)["id"] != session.id


def test_completed_session_does_not_expire(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    session = sandbox.pay_link(api.v1.payment_links.create(LINK).id)
    with pytest.raises(stripe.InvalidRequestError, match="has a status of `complete`"):
        api.v1.checkout.sessions.expire(session["id"])
    assert api.v1.payment_intents.retrieve(session["payment_intent"]).status == "succeeded"


def test_open_page_has_no_intent_before_the_first_try(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    link = api.v1.payment_links.create(LINK)

    session = sandbox.open_link(link.id)
    assert (session["status"], session["payment_intent"]) == ("open", None)
    assert sandbox.ledger(kind="payment_intent") == []

    assert api.v1.checkout.sessions.expire(session["id"]).status == "expired"


def test_open_page_can_be_paid_though_its_link_is_closed(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    link = api.v1.payment_links.create(LINK)
    session = sandbox.open_link(link.id)

    api.v1.payment_links.update(link.id, {"active": False})

    assert sandbox.open_link(link.id)["error"]["message"] == LINK["inactive_message"]
    assert sandbox.pay_link(link.id)["error"]["message"] == LINK["inactive_message"]
    assert sandbox.pay_session(session["id"])["payment_status"] == "paid"


def test_link_is_paid_on_one_of_two_open_pages(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    link = api.v1.payment_links.create(LINK)
    first, second = (sandbox.open_link(link.id)["id"] for _ in range(2))

    assert sandbox.pay_session(first)["status"] == "complete"

    assert sandbox.pay_session(second)["error"]["message"] == LINK["inactive_message"]
    assert "error" in sandbox.pay_session(first)
    assert [item.id for item in api.v1.checkout.sessions.list({"payment_link": link.id, "status": "open"}).data] == [
        second
    ]
    assert len(sandbox.ledger(kind="charge")) == 1
