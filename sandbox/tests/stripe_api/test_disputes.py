"""Disputes: ordered of the bank, read through Stripe's own SDK."""

import pytest
import stripe

from sandbox.testing import SandboxClient
from sandbox.tests.stripe_api.intents import open_intent, paid_intent


def told(sandbox: SandboxClient) -> list[str]:
    """The kinds of the events about disputes, in the order in which they were made."""
    kinds = [delivery["event"] for delivery in sandbox.deliveries()]
    return [kind for kind in kinds if kind.startswith("charge.dispute.")]


def debited_intent(api: stripe.StripeClient, sandbox: SandboxClient) -> stripe.PaymentIntent:
    """Paid from a bank account, and settled."""
    intent = paid_intent(api, sandbox, "pm_usBankAccount_success")
    sandbox.settle_intent(intent.id, "succeeded")
    return intent


def test_dispute_withdraws_the_money(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = paid_intent(api, sandbox)

    made = sandbox.dispute_intent(intent.id)

    dispute = api.v1.disputes.retrieve(made["id"], {"expand": ["charge", "payment_intent"]})
    assert (dispute.status, dispute.reason, dispute.amount) == ("needs_response", "fraudulent", 2599)
    assert (dispute.charge.id, dispute.charge.disputed) == (intent.latest_charge, True)
    assert dispute.payment_intent.status == "succeeded"
    assert dispute.is_charge_refundable is False
    [withdrawal] = dispute.balance_transactions
    assert (withdrawal.amount, withdrawal.fee, withdrawal.net) == (-2599, 1500, -4099)
    assert (withdrawal.reporting_category, withdrawal.source) == ("dispute", dispute.id)
    assert told(sandbox) == ["charge.dispute.created", "charge.dispute.funds_withdrawn"]
    [entry] = sandbox.ledger("stripe", "dispute")
    assert (entry["id"], entry["amount"], entry["payment_intent"]) == (dispute.id, 2599, intent.id)


def test_dispute_won_gives_the_money_back(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    dispute = sandbox.dispute_intent(paid_intent(api, sandbox).id, 600, reason="product_not_received")

    assert sandbox.contest_dispute(dispute["id"])["status"] == "under_review"
    sandbox.close_dispute(dispute["id"], "won")

    closed = api.v1.disputes.retrieve(dispute["id"])
    assert (closed.status, closed.is_charge_refundable) == ("won", True)
    assert closed.evidence_details.has_evidence is True
    assert [(item.amount, item.fee) for item in closed.balance_transactions] == [(-600, 1500), (600, 0)]
    assert api.v1.charges.retrieve(dispute["charge"]).disputed is True
    assert told(sandbox)[2:] == [
        "charge.dispute.updated",
        "charge.dispute.closed",
        "charge.dispute.funds_reinstated",
    ]
    assert [entry["outcome"] for entry in sandbox.ledger(kind="dispute_closed")] == ["won"]


def test_dispute_lost_is_final(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    dispute = sandbox.dispute_intent(paid_intent(api, sandbox).id)

    assert sandbox.close_dispute(dispute["id"], "lost")["status"] == "lost"

    assert told(sandbox)[2:] == ["charge.dispute.closed"]
    assert len(api.v1.disputes.retrieve(dispute["id"]).balance_transactions) == 1
    with pytest.raises(RuntimeError, match="has the status lost and is final"):
        sandbox.close_dispute(dispute["id"], "won")
    with pytest.raises(RuntimeError, match="takes no evidence"):
        sandbox.contest_dispute(dispute["id"])
    assert len(sandbox.ledger(kind="dispute_closed")) == 1


def test_dispute_of_a_bank_debit_is_lost_at_once(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = debited_intent(api, sandbox)

    dispute = sandbox.dispute_intent(intent.id, reason="insufficient_funds")

    assert (dispute["status"], dispute["evidence_details"]["due_by"]) == ("lost", 0)
    assert told(sandbox) == ["charge.dispute.created", "charge.dispute.funds_withdrawn", "charge.dispute.closed"]
    assert [entry["outcome"] for entry in sandbox.ledger(kind="dispute_closed")] == ["lost"]
    assert api.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_dispute_of_a_card_may_be_lost_at_once(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    dispute = sandbox.dispute_intent(paid_intent(api, sandbox).id, status="lost")
    assert (dispute["status"], told(sandbox)[-1]) == ("lost", "charge.dispute.closed")


@pytest.mark.parametrize("outcome", [None, "lost"])
def test_disputed_charge_is_not_refunded(
    api: stripe.StripeClient, sandbox: SandboxClient, outcome: str | None
) -> None:
    intent = paid_intent(api, sandbox)
    dispute = sandbox.dispute_intent(intent.id, 600)
    if outcome:
        sandbox.close_dispute(dispute["id"], outcome)

    with pytest.raises(stripe.InvalidRequestError) as caught:
        api.v1.refunds.create({"payment_intent": intent.id, "amount": 100})

    assert (caught.value.http_status, caught.value.code) == (400, "charge_disputed")
    with pytest.raises(RuntimeError, match="charge_disputed"):
        sandbox.refund_in_dashboard(intent.id, 100)
    assert sandbox.ledger(kind="refund") == []


def test_charge_is_refunded_once_its_dispute_is_won(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = paid_intent(api, sandbox)
    sandbox.close_dispute(sandbox.dispute_intent(intent.id)["id"], "won")
    assert api.v1.refunds.create({"payment_intent": intent.id}).amount == 2599


def test_disputes_are_listed_newest_first(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intents = [paid_intent(api, sandbox) for _ in range(3)]
    ids = [sandbox.dispute_intent(intent.id)["id"] for intent in intents][::-1]

    page = api.v1.disputes.list({"limit": 2})

    assert ([item.id for item in page.data], page.has_more) == (ids[:2], True)
    assert [item.id for item in page.auto_paging_iter()] == ids
    assert [item.id for item in api.v1.disputes.list({"payment_intent": intents[0].id}).data] == ids[2:]
    assert [item.id for item in api.v1.disputes.list({"charge": intents[1].latest_charge}).data] == ids[1:2]
    made = page.data[0].created
    assert len(api.v1.disputes.list({"created": {"gte": made - 60}}).data) == 3
    assert api.v1.disputes.list({"created": {"gte": made + 60}}).data == []


def test_dispute_takes_what_was_not_refunded(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    intent = paid_intent(api, sandbox)
    api.v1.refunds.create({"payment_intent": intent.id, "amount": 600})
    assert sandbox.dispute_intent(intent.id)["amount"] == 1999


@pytest.mark.parametrize("amount", [0, 2600])
def test_dispute_stays_within_the_charge(api: stripe.StripeClient, sandbox: SandboxClient, amount: int) -> None:
    intent = paid_intent(api, sandbox)
    with pytest.raises(RuntimeError, match="between 1 and 2599"):
        sandbox.dispute_intent(intent.id, amount)
    assert sandbox.ledger(kind="dispute") == []


def test_dispute_needs_a_charge_not_disputed_before(api: stripe.StripeClient, sandbox: SandboxClient) -> None:
    with pytest.raises(RuntimeError, match="successful charge to dispute"):
        sandbox.dispute_intent(open_intent(api).id)

    intent = paid_intent(api, sandbox)
    sandbox.dispute_intent(intent.id, 600)

    with pytest.raises(RuntimeError, match="disputed already"):
        sandbox.dispute_intent(intent.id, 600)
    assert len(sandbox.ledger(kind="dispute")) == 1
