"""Payment intents through Stripe's own SDK."""

import pytest
import stripe

from sandbox.testing import SandboxClient
from sandbox.tests.stripe_api.intents import open_intent, paid_intent


def test_paid_intent_has_charge_and_fee(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = open_intent(api)
    assert intent.status == "requires_payment_method"

    assert sandbox.pay_intent(intent.id)["status"] == "succeeded"

    paid = api.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge.balance_transaction"]})
    assert (paid.status, paid.amount_received) == ("succeeded", 2599)
    assert paid.metadata.to_dict() == {"order": "LLD-1", "_note": "kept"}
    assert paid.latest_charge.balance_transaction.net == 2599 - 105
    assert paid.latest_charge.payment_method_details.card.last4 == "4242"
    [charge] = sandbox.ledger("stripe", "charge")
    assert (charge["amount"], charge["payment_intent"]) == (2599, intent.id)


@pytest.mark.parametrize("action", ["confirm", "cancel"])
def test_paid_intent_can_neither_be_confirmed_nor_canceled(
    api: stripe.StripeClient, sandbox: SandboxClient, action: str
) -> None:
    intent = paid_intent(api, sandbox)

    with pytest.raises(stripe.InvalidRequestError) as caught:
        getattr(api.v1.payment_intents, action)(intent.id)

    assert caught.value.code == "payment_intent_unexpected_state"
    assert caught.value.error.payment_intent.status == "succeeded"
    assert "error" in sandbox.pay_intent(intent.id)
    assert len(sandbox.ledger(kind="charge")) == 1


def test_canceled_intent_cannot_be_paid(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = open_intent(api)
    assert api.v1.payment_intents.cancel(intent.id).status == "canceled"
    assert sandbox.pay_intent(intent.id)["error"]["code"] == "payment_intent_unexpected_state"


def test_decline_leaves_the_intent_open(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = open_intent(api, payment_method="pm_card_chargeDeclinedInsufficientFunds")
    assert intent.status == "requires_confirmation"

    with pytest.raises(stripe.CardError) as caught:
        api.v1.payment_intents.confirm(intent.id)
    assert (caught.value.code, caught.value.error.decline_code) == ("card_declined", "insufficient_funds")

    after = api.v1.payment_intents.retrieve(intent.id)
    assert after.status == "requires_payment_method"
    assert after.last_payment_error.decline_code == "insufficient_funds"
    assert after.last_payment_error.payment_method.card.last4 == "9995"
    assert "_test" not in str(after)
    assert sandbox.ledger(kind="charge") == []

    assert sandbox.pay_intent(intent.id)["status"] == "succeeded"


def test_intent_may_require_authentication(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    challenged = open_intent(api, payment_method="pm_card_authenticationRequired", confirm=True)
    assert challenged.status == "requires_action"

    failed = sandbox.pay_intent(challenged.id, "pm_card_authenticationRequired", authenticated=False)
    assert failed["error"]["code"] == "payment_intent_authentication_failure"
    assert sandbox.pay_intent(challenged.id, "pm_card_authenticationRequired")["status"] == "succeeded"

    customer = api.v1.customers.create({"email": "a@example.com"})
    with pytest.raises(stripe.CardError) as caught:
        open_intent(
            api,
            customer=customer.id,
            payment_method="pm_card_authenticationRequired",
            off_session=True,
            confirm=True,
        )
    assert caught.value.code == "authentication_required"


@pytest.mark.parametrize(("outcome", "status"), [("succeeded", "succeeded"), ("failed", "requires_payment_method")])
def test_bank_debit_is_final_only_when_settled(
    api: stripe.StripeClient, sandbox: SandboxClient, outcome: str, status: str
) -> None:
    intent = open_intent(api, payment_method_types=["us_bank_account"])

    assert sandbox.pay_intent(intent.id, "pm_usBankAccount")["status"] == "processing"
    assert sandbox.ledger(kind="charge") == []

    with pytest.raises(stripe.InvalidRequestError):
        api.v1.refunds.create({"payment_intent": intent.id})

    assert sandbox.settle_intent(intent.id, outcome)["status"] == status
    assert len(sandbox.ledger(kind="charge")) == (outcome == "succeeded")


def test_update_merges_metadata_and_keeps_a_paid_amount(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = open_intent(api)

    changed = api.v1.payment_intents.update(intent.id, {"amount": 3000, "metadata": {"order": "", "n": "2"}})
    assert (changed.amount, changed.metadata.to_dict()) == (3000, {"_note": "kept", "n": "2"})

    sandbox.pay_intent(intent.id)
    with pytest.raises(stripe.InvalidRequestError):
        api.v1.payment_intents.update(intent.id, {"amount": 1000})
    assert api.v1.payment_intents.update(intent.id, {"description": "paid"}).description == "paid"


def test_account_verified_by_microdeposits_pays_afterwards(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = open_intent(api)

    waiting = sandbox.pay_intent(intent.id, "pm_usBankAccount", microdeposits=True)
    assert (waiting["status"], waiting["next_action"]["type"]) == ("requires_action", "verify_with_microdeposits")
    assert waiting["next_action"]["verify_with_microdeposits"]["microdeposit_type"] == "descriptor_code"

    paid = sandbox.pay_intent(intent.id, "pm_usBankAccount")
    assert (paid["status"], paid["next_action"]) == ("processing", None)


def test_card_is_not_verified_by_microdeposits(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    assert "error" in sandbox.pay_intent(open_intent(api).id, "pm_card_visa", microdeposits=True)
