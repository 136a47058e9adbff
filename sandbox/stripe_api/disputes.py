"""Disputes: a cardholder, or a bank, takes a payment back, and what becomes of that."""

from sandbox.store import Json
from sandbox.stripe_api import events
from sandbox.stripe_api.errors import invalid_param, invalid_request
from sandbox.stripe_api.objects import Call, fetch, listing, new_id, now, save

REASONS = (
    "bank_cannot_process",
    "check_returned",
    "credit_not_processed",
    "customer_initiated",
    "debit_not_authorized",
    "duplicate",
    "fraudulent",
    "general",
    "incorrect_account_details",
    "insufficient_funds",
    "noncompliant",
    "product_not_received",
    "product_unacceptable",
    "subscription_canceled",
    "unrecognized",
)
_OPEN = ("needs_response", "under_review")
_FEE = 1500  # minor units; Stripe keeps it, whoever wins
_DAYS_TO_RESPOND = 9


def retrieve(call: Call, dispute: str) -> Json:
    return fetch(call, "dispute", dispute)


def list_all(call: Call) -> Json:
    intent, charge = call.form.text("payment_intent"), call.form.text("charge")
    return listing(
        call,
        "dispute",
        "/v1/disputes",
        lambda item: (not intent or item["payment_intent"] == intent) and (not charge or item["charge"] == charge),
    )


def create(call: Call, intent: str, *, amount: int | None, reason: str, status: str | None) -> Json:
    """The money is withdrawn at once. `amount` None: all that was not refunded. `status` is needs_response or lost;
    None: lost for a bank account, whose returns cannot be contested, and needs_response for a card."""
    charge = _charge(call, intent)
    amount = charge["amount"] - charge["amount_refunded"] if amount is None else amount
    if not 1 <= amount <= charge["amount"]:
        raise invalid_param(f"The amount must be between 1 and {charge['amount']}.", "amount")
    by_card = charge["payment_method_details"]["type"] == "card"
    dispute: Json = {
        "id": new_id("du"),
        "object": "dispute",
        "amount": amount,
        "balance_transactions": [],
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "enhanced_eligibility_types": [],
        "evidence": dict.fromkeys(("customer_communication", "product_description", "receipt", "uncategorized_text")),
        "evidence_details": {
            # 0 where the bank takes no answer
            "due_by": now() + _DAYS_TO_RESPOND * 86_400 if by_card else 0,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
            "submission_method": "not_submitted",
        },
        "is_charge_refundable": False,
        "livemode": False,
        "metadata": {},
        "payment_intent": intent,
        "payment_method_details": _card_details(charge) if by_card else None,
        "reason": reason,
        "status": status or ("needs_response" if by_card else "lost"),
    }
    _move_money(call, dispute, -amount)
    charge["disputed"] = True
    save(call, charge)
    _record(call, "dispute", dispute, reason=reason)
    events.emit(call, "charge.dispute.created", dispute)
    events.emit(call, "charge.dispute.funds_withdrawn", dispute)
    if dispute["status"] == "lost":
        _tell_end(call, dispute)
    return dispute


def submit_evidence(call: Call, dispute: str) -> Json:
    """What a person does in Stripe's dashboard: contests the dispute."""
    resource = fetch(call, "dispute", dispute)
    if resource["status"] != "needs_response":
        raise invalid_request(f"The dispute has the status {resource['status']} and takes no evidence.")
    resource["status"] = "under_review"
    resource["evidence_details"].update(has_evidence=True, submission_count=1, submission_method="manual")
    save(call, resource)
    events.emit(call, "charge.dispute.updated", resource)
    return resource


def close(call: Call, dispute: str, outcome: str) -> Json:
    """What the bank decides: won or lost. The money comes back when it is won."""
    resource = fetch(call, "dispute", dispute)
    if resource["status"] not in _OPEN:
        raise invalid_request(f"The dispute has the status {resource['status']} and is final.")
    resource["status"] = outcome
    if outcome == "won":
        resource["is_charge_refundable"] = True
        _move_money(call, resource, resource["amount"])
    else:
        save(call, resource)
    _tell_end(call, resource)
    return resource


def forbids_refund(call: Call, charge: Json) -> bool:
    """Whether the money is with the cardholder's bank, or may yet go there."""
    return charge["disputed"] and any(
        dispute["charge"] == charge["id"] and not dispute["is_charge_refundable"]
        for dispute in call.sandbox.store.newest("dispute")
    )


def _charge(call: Call, intent: str) -> Json:
    charge_id = fetch(call, "payment_intent", intent)["latest_charge"]
    charge = fetch(call, "charge", charge_id) if charge_id else None
    if charge is None or charge["status"] != "succeeded":
        raise invalid_request(f"{intent} does not have a successful charge to dispute.")
    if charge["disputed"]:
        raise invalid_request(f"Charge {charge_id} is disputed already, or was once.")
    return charge


def _card_details(charge: Json) -> Json:
    card = charge["payment_method_details"]["card"]
    details = {"brand": card["brand"], "case_type": "chargeback", "network": card["network"]}
    return {"card": {**details, "network_reason_code": None}, "type": "card"}


def _move_money(call: Call, dispute: Json, amount: int) -> None:
    """Out of the account (negative) or back into it."""
    out = amount < 0
    fee = _FEE if out else 0
    transaction: Json = {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now(),
        "created": now(),
        "currency": dispute["currency"],
        "description": f"Chargeback {'withdrawal' if out else 'reversal'} for {dispute['charge']}",
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [{"amount": fee, "currency": dispute["currency"], "type": "stripe_fee"}] if fee else [],
        "net": amount - fee,
        "reporting_category": "dispute" if out else "dispute_reversal",
        "source": dispute["id"],
        "status": "pending",
        "type": "adjustment",
    }
    save(call, transaction)
    dispute["balance_transactions"].append(transaction)
    save(call, dispute)


def _tell_end(call: Call, dispute: Json) -> None:
    _record(call, "dispute_closed", dispute, outcome=dispute["status"])
    events.emit(call, "charge.dispute.closed", dispute)
    if dispute["status"] == "won":
        events.emit(call, "charge.dispute.funds_reinstated", dispute)


def _record(call: Call, kind: str, dispute: Json, **details: str) -> None:
    call.record(
        kind,
        dispute["id"],
        amount=dispute["amount"],
        currency=dispute["currency"],
        payment_intent=dispute["payment_intent"],
        charge=dispute["charge"],
        **details,
    )
