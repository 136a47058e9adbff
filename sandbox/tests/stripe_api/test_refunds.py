"""Refunds through Stripe's own SDK."""

import pytest
import stripe

from sandbox.testing import SandboxClient
from sandbox.tests.stripe_api.intents import open_intent, paid_intent


def test_refunds_stop_at_the_charged_amount(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = paid_intent(api, sandbox)

    refund = api.v1.refunds.create({"payment_intent": intent.id, "amount": 600, "metadata": {"why": "broken"}})
    assert (refund.status, refund.metadata.to_dict()) == ("succeeded", {"why": "broken"})

    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        api.v1.refunds.create({"payment_intent": intent.id, "amount": 2000})

    api.v1.refunds.create({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.v1.refunds.create({"payment_intent": intent.id})
    assert caught.value.code == "charge_already_refunded"

    charge = api.v1.charges.retrieve(intent.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (2599, True)
    assert [entry["amount"] for entry in sandbox.ledger(kind="refund")] == [600, 1999]
    assert [item.amount for item in api.v1.refunds.list({"payment_intent": intent.id}).data] == [1999, 600]


def test_refund_may_fail_after_it_succeeded(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = paid_intent(api, sandbox, "pm_card_refundFail")
    refund = api.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "succeeded"
    assert sandbox.settle_refund(refund.id, "failed")["status"] == "failed"
    assert api.v1.charges.retrieve(intent.latest_charge).amount_refunded == 0


def test_refund_may_be_pending(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    refund = api.v1.refunds.create({"payment_intent": paid_intent(api, sandbox, "pm_card_pendingRefund").id})
    assert refund.status == "pending"
    sandbox.settle_refund(refund.id, "succeeded")
    assert api.v1.refunds.retrieve(refund.id).status == "succeeded"


def test_unpaid_intent_has_nothing_to_refund(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        api.v1.refunds.create({"payment_intent": open_intent(api).id})

    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.v1.refunds.create({"payment_intent": "pi_unknown"})

    assert caught.value.code == "resource_missing"
    assert sandbox.ledger(kind="refund") == []


def test_refund_in_the_dashboard_carries_nothing_of_ours(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = paid_intent(api, sandbox)

    first = sandbox.refund_in_dashboard(intent.id, 600)
    rest = sandbox.refund_in_dashboard(intent.id)

    assert [first["amount"], rest["amount"]] == [600, 1999]
    assert api.v1.refunds.retrieve(first["id"]).metadata.to_dict() == {}
    assert api.v1.charges.retrieve(intent.latest_charge).refunded is True
    assert [entry["id"] for entry in sandbox.ledger(kind="refund")] == [first["id"], rest["id"]]
    told = api.v1.events.list({"types": ["refund.created", "charge.refunded"]}).data
    assert [event.type for event in told] == ["charge.refunded", "refund.created"] * 2
    assert told[0].request.id is None


def test_refund_in_the_dashboard_stops_at_the_charged_amount(
    api: stripe.StripeClient, sandbox: SandboxClient
) -> None:
    intent = paid_intent(api, sandbox)
    with pytest.raises(RuntimeError, match="greater than unrefunded amount"):
        sandbox.refund_in_dashboard(intent.id, 2600)
    assert sandbox.ledger(kind="refund") == []
