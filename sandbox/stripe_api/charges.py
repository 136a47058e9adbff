"""Charges and their balance transactions."""

from sandbox.store import Json
from sandbox.stripe_api import payment_methods
from sandbox.stripe_api.objects import Call, fetch, listing, new_id, now, save

DECLINE_MESSAGES = {
    "card_declined": "The card was declined.",
    "expired_card": "The card has expired.",
    "incorrect_cvc": "The card's security code is incorrect.",
    "processing_error": "An error occurred while processing the card.",
    "authentication_required": "The card needs the cardholder's authentication.",
    "account_closed": "The bank account is closed.",
    "no_account": "The bank account could not be found.",
    "insufficient_funds": "The account has insufficient funds.",
    "debit_not_authorized": "The owner of the bank account did not authorize the debit.",
}


def retrieve(call: Call, charge: str) -> Json:
    return fetch(call, "charge", charge)


def list_all(call: Call) -> Json:
    intent, customer = call.form.text("payment_intent"), call.form.text("customer")
    return listing(
        call,
        "charge",
        "/v1/charges",
        lambda item: (
            (not intent or item["payment_intent"] == intent) and (not customer or item["customer"] == customer)
        ),
    )


def create(call: Call, intent: Json, method: Json, status: str) -> Json:
    """A charge of the intent's amount: succeeded, pending or failed."""
    test = payment_methods.behaviour(method)
    charge: Json = {
        "id": new_id("py" if method["type"] == "us_bank_account" else "ch"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "captured": False,
        "created": now(),
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "livemode": False,
        "metadata": intent["metadata"],
        "outcome": {"network_status": "approved_by_network", "type": "authorized"},
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": {test.type: payment_methods.details(test), "type": test.type},
        "receipt_email": intent["receipt_email"],
        "receipt_url": None,
        "refunded": False,
        "status": "pending",
    }
    if status == "succeeded":
        complete(call, charge)
    elif status == "failed":
        fail(call, charge, test.code or "card_declined")
    else:
        charge["paid"] = True  # as Stripe shows a debit that is under way
        save(call, charge)
    return charge


def complete(call: Call, charge: Json) -> None:
    """The money is taken: this is the effect that the ledger counts as a charge."""
    transaction = _balance_transaction(charge)
    save(call, transaction)
    charge.update(
        status="succeeded",
        paid=True,
        captured=True,
        amount_captured=charge["amount"],
        balance_transaction=transaction["id"],
    )
    save(call, charge)
    call.record(
        "charge",
        charge["id"],
        amount=charge["amount"],
        currency=charge["currency"],
        payment_intent=charge["payment_intent"],
        metadata=charge["metadata"],
    )


def fail(call: Call, charge: Json, code: str) -> None:
    charge.update(
        status="failed",
        paid=False,
        failure_code=code,
        failure_message=DECLINE_MESSAGES[code],
        outcome={"network_status": "declined_by_network", "type": "issuer_declined"},
    )
    save(call, charge)
    call.record(
        "charge_failed",
        charge["id"],
        amount=charge["amount"],
        currency=charge["currency"],
        payment_intent=charge["payment_intent"],
        code=code,
    )


def _balance_transaction(charge: Json) -> Json:
    amount = charge["amount"]
    if charge["payment_method_details"]["type"] == "us_bank_account":
        fee = min(round(amount * 0.008), 500)  # 0.8 %, at most $5
    else:
        fee = round(amount * 0.029) + 30  # 2.9 % and 30 cents
    return {
        "id": new_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": now() + 2 * 86_400,
        "created": now(),
        "currency": charge["currency"],
        "description": charge["description"],
        "exchange_rate": None,
        "fee": fee,
        "fee_details": [{"amount": fee, "currency": charge["currency"], "type": "stripe_fee"}],
        "net": amount - fee,
        "reporting_category": "charge",
        "source": charge["id"],
        "status": "pending",
        "type": "charge",
    }
