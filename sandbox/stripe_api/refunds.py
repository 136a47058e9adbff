"""Refunds."""

from dataclasses import replace

from sandbox.store import Json
from sandbox.stripe_api import disputes, events, payment_methods
from sandbox.stripe_api.errors import StripeError, invalid_param, invalid_request
from sandbox.stripe_api.forms import Form
from sandbox.stripe_api.objects import Call, fetch, listing, new_id, now, save

_REASONS = ("duplicate", "fraudulent", "requested_by_customer")


def create(call: Call) -> Json:
    form = call.form
    amount, reason = form.integer("amount"), form.choice("reason", _REASONS)
    if amount is not None and amount < 1:
        raise invalid_param("The amount must be at least 1.", "amount", "parameter_invalid_integer")
    charge = _charge(call)
    if disputes.forbids_refund(call, charge):
        raise invalid_request(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.", code="charge_disputed"
        )
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise invalid_request(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = left if amount is None else amount
    if amount > left:
        raise invalid_request(
            f"Refund amount ({_dollars(amount)}) is greater than unrefunded amount on charge ({_dollars(left)})",
            param="amount",
        )
    method = fetch(call, "payment_method", charge["payment_method"])
    test = payment_methods.behaviour(method)
    refund = {
        "id": new_id("re"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": now(),
        "currency": charge["currency"],
        "destination_details": {"type": test.type},
        "metadata": form.merged_metadata({}),
        "payment_intent": charge["payment_intent"],
        "reason": reason,
        "receipt_number": None,
        # Bank refunds and Stripe's pendingRefund card take days; the refundFail card seems to work at first.
        "status": "pending" if test.refund == "pending" or test.type == "us_bank_account" else "succeeded",
    }
    save(call, refund)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    save(call, charge)
    call.record(
        "refund",
        refund["id"],
        amount=amount,
        currency=charge["currency"],
        payment_intent=charge["payment_intent"],
        charge=charge["id"],
        metadata=refund["metadata"],
    )
    events.emit(call, "refund.created", refund)
    events.emit(call, "charge.refunded", charge)
    return refund


def create_in_dashboard(call: Call, intent: str, amount: int | None) -> Json:
    """What a person does in Stripe's dashboard: a refund that carries nothing of ours. `amount` None: all that is
    left."""
    fetch(call, "payment_intent", intent)
    params = {"payment_intent": intent} if amount is None else {"payment_intent": intent, "amount": str(amount)}
    return create(replace(call, form=Form(params)))


def retrieve(call: Call, refund: str) -> Json:
    return fetch(call, "refund", refund)


def list_all(call: Call) -> Json:
    intent, charge = call.form.text("payment_intent"), call.form.text("charge")
    return listing(
        call,
        "refund",
        "/v1/refunds",
        lambda item: (not intent or item["payment_intent"] == intent) and (not charge or item["charge"] == charge),
    )


def settle(call: Call, refund: str, outcome: str) -> Json:
    """What the bank says later: a pending refund succeeds, or one that was not final comes back."""
    resource = fetch(call, "refund", refund)
    charge = fetch(call, "charge", resource["charge"])
    test = payment_methods.behaviour(fetch(call, "payment_method", charge["payment_method"]))
    if resource["status"] != "pending" and not (test.refund == "failed" and resource["status"] == "succeeded"):
        raise invalid_request(f"The refund has the status {resource['status']} and is final.")
    resource["status"] = outcome
    if outcome == "failed":
        resource["failure_reason"] = "lost_or_stolen_card"
        charge["amount_refunded"] -= resource["amount"]
        charge["refunded"] = False
        save(call, charge)
        call.record("refund_failed", refund, amount=resource["amount"], charge=charge["id"])
    save(call, resource)
    events.emit(call, "refund.failed" if outcome == "failed" else "refund.updated", resource)
    return resource


def _charge(call: Call) -> Json:
    intent_id, charge_id = call.form.text("payment_intent"), call.form.text("charge")
    if charge_id:
        charge = fetch(call, "charge", charge_id, "charge")
    elif intent_id:
        intent = fetch(call, "payment_intent", intent_id, "payment_intent")
        if intent["latest_charge"] is None:
            raise _not_charged(intent_id)
        charge = fetch(call, "charge", intent["latest_charge"])
    else:
        raise invalid_param("Give payment_intent or charge.", "payment_intent", "parameter_missing")
    if charge["status"] != "succeeded":
        raise _not_charged(intent_id or charge["id"])
    return charge


def _not_charged(object_id: str) -> StripeError:
    return invalid_request(f"{object_id} does not have a successful charge to refund.", param="payment_intent")


def _dollars(amount: int) -> str:
    return f"${amount / 100:,.2f}"
