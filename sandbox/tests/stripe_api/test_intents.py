"""Stripe's surface through Stripe's own SDK."""

import threading

import pytest
import requests
import stripe

from sandbox.testing import SandboxClient, run_sandbox
from sandbox.tests.conftest import stripe_client

ORDER = {"amount": 2599, "currency": "usd", "metadata": {"order": "LLD-1", "_note": "kept"}}


def _intent(api: stripe.StripeClient, **params: object) -> stripe.PaymentIntent:
    return api.v1.payment_intents.create({**ORDER, **params})


def _paid(api: stripe.StripeClient, sandbox: SandboxClient, method: str = "pm_card_visa") -> stripe.PaymentIntent:
    intent = _intent(api)
    sandbox.pay_intent(intent.id, method)
    return api.v1.payment_intents.retrieve(intent.id)


def test_wrong_key_is_401(sandbox: SandboxClient, session: requests.Session) -> None:
    other = stripe_client(sandbox.stripe_api_base, session, key="sk_test_other")
    with pytest.raises(stripe.AuthenticationError):
        other.v1.payment_intents.create(ORDER)
    assert sandbox.ledger() == []


def test_same_key_and_params_replays_the_first_answer(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    first = api.v1.payment_intents.create(ORDER, {"idempotency_key": "k"})
    again = api.v1.payment_intents.create(ORDER, {"idempotency_key": "k"})
    assert again.id == first.id
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.request_id
    assert [entry["idempotency_key"] for entry in sandbox.ledger(kind="payment_intent")] == ["k"]


def test_same_key_with_other_params_is_an_idempotency_error(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
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


def test_paid_intent_has_charge_and_fee(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = _intent(api)
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
    intent = _paid(api, sandbox)
    with pytest.raises(stripe.InvalidRequestError) as caught:
        getattr(api.v1.payment_intents, action)(intent.id)
    assert caught.value.code == "payment_intent_unexpected_state"
    assert caught.value.error.payment_intent.status == "succeeded"
    assert "error" in sandbox.pay_intent(intent.id)
    assert len(sandbox.ledger(kind="charge")) == 1


def test_canceled_intent_cannot_be_paid(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = _intent(api)
    assert api.v1.payment_intents.cancel(intent.id).status == "canceled"
    assert sandbox.pay_intent(intent.id)["error"]["code"] == "payment_intent_unexpected_state"


def test_decline_leaves_the_intent_open(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = _intent(api, payment_method="pm_card_chargeDeclinedInsufficientFunds")
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


def test_authentication(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    challenged = _intent(api, payment_method="pm_card_authenticationRequired", confirm=True)
    assert challenged.status == "requires_action"
    failed = sandbox.pay_intent(challenged.id, "pm_card_authenticationRequired", authenticated=False)
    assert failed["error"]["code"] == "payment_intent_authentication_failure"
    assert sandbox.pay_intent(challenged.id, "pm_card_authenticationRequired")["status"] == "succeeded"
    customer = api.v1.customers.create({"email": "a@example.com"})
    with pytest.raises(stripe.CardError) as caught:
        _intent(
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
    intent = _intent(api, payment_method_types=["us_bank_account"])
    assert sandbox.pay_intent(intent.id, "pm_usBankAccount")["status"] == "processing"
    assert sandbox.ledger(kind="charge") == []
    with pytest.raises(stripe.InvalidRequestError):
        api.v1.refunds.create({"payment_intent": intent.id})
    assert sandbox.settle_intent(intent.id, outcome)["status"] == status
    assert len(sandbox.ledger(kind="charge")) == (outcome == "succeeded")


def test_saved_card_pays_off_session(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    customer = api.v1.customers.create({"email": "a@example.com", "address": {"city": "Chicago"}})
    setup = api.v1.setup_intents.create({"customer": customer.id, "payment_method_types": ["card"]})
    setup = api.v1.setup_intents.confirm(setup.id, {"payment_method": "pm_card_visa"})
    assert setup.status == "succeeded"
    api.v1.customers.update(customer.id, {"invoice_settings": {"default_payment_method": setup.payment_method}})
    intent = _intent(api, customer=customer.id, payment_method=setup.payment_method, off_session=True, confirm=True)
    assert intent.status == "succeeded"
    with pytest.raises(stripe.InvalidRequestError):
        _intent(api, payment_method=setup.payment_method)  # without its customer


def test_update_merges_metadata_and_fixes_the_amount_once_paid(
    api: stripe.StripeClient, sandbox: SandboxClient
) -> None:
    intent = _intent(api)
    changed = api.v1.payment_intents.update(intent.id, {"amount": 3000, "metadata": {"order": "", "n": "2"}})
    assert (changed.amount, changed.metadata.to_dict()) == (3000, {"_note": "kept", "n": "2"})
    sandbox.pay_intent(intent.id)
    with pytest.raises(stripe.InvalidRequestError):
        api.v1.payment_intents.update(intent.id, {"amount": 1000})
    assert api.v1.payment_intents.update(intent.id, {"description": "paid"}).description == "paid"


def test_refunds_stop_at_the_charge(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = _paid(api, sandbox)
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


def test_refund_that_comes_back(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = _paid(api, sandbox, "pm_card_refundFail")
    refund = api.v1.refunds.create({"payment_intent": intent.id})
    assert refund.status == "succeeded"
    assert sandbox.settle_refund(refund.id, "failed")["status"] == "failed"
    assert api.v1.charges.retrieve(intent.latest_charge).amount_refunded == 0


def test_refund_that_takes_its_time(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    refund = api.v1.refunds.create({"payment_intent": _paid(api, sandbox, "pm_card_pendingRefund").id})
    assert refund.status == "pending"
    sandbox.settle_refund(refund.id, "succeeded")
    assert api.v1.refunds.retrieve(refund.id).status == "succeeded"


def test_unpaid_intent_has_nothing_to_refund(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    with pytest.raises(stripe.InvalidRequestError):
        api.v1.refunds.create({"payment_intent": _intent(api).id})
    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.v1.refunds.create({"payment_intent": "pi_unknown"})
    assert caught.value.code == "resource_missing"
    assert sandbox.ledger(kind="refund") == []


def test_lists_page_newest_first(api: stripe.StripeClient) -> None:
    ids = [_intent(api).id for _ in range(5)][::-1]
    first = api.v1.payment_intents.list({"limit": 2})
    assert ([item.id for item in first.data], first.has_more) == (ids[:2], True)
    assert [item.id for item in first.auto_paging_iter()] == ids
    before = api.v1.payment_intents.list({"limit": 2, "ending_before": ids[3]})
    assert [item.id for item in before.data] == ids[1:3]
    assert api.v1.payment_intents.list({"created": {"gt": first.data[0].created + 5}}).data == []


def test_address_unknown_to_the_sandbox_is_recorded(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.v1.coupons.list()
    assert caught.value.http_status == 404
    assert len(sandbox.ledger("stripe", "invalid_request")) == 1


def test_state_outlives_a_restart(tmp_path, session: requests.Session) -> None:
    with run_sandbox(home=tmp_path) as sandbox:
        intent = stripe_client(sandbox.base_url, session, "sk_test_sandbox").v1.payment_intents.create(
            ORDER, {"idempotency_key": "k"}
        )
    with run_sandbox(home=tmp_path) as sandbox:
        again = stripe_client(sandbox.base_url, session, "sk_test_sandbox").v1.payment_intents.create(
            ORDER, {"idempotency_key": "k"}
        )
        assert again.id == intent.id
        assert len(sandbox.ledger()) == 1
