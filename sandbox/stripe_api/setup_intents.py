"""SetupIntents: saving a card or bank account for later."""

import secrets

from sandbox.store import Json
from sandbox.stripe_api import events, payment_methods
from sandbox.stripe_api.errors import StripeError, invalid_request
from sandbox.stripe_api.objects import Call, fetch, listing, new_id, now, save

_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create(call: Call) -> Json:
    form = call.form
    setup_id = new_id("seti")
    types = form.texts("payment_method_types")
    setup: Json = {
        "id": setup_id,
        "object": "setup_intent",
        "automatic_payment_methods": None if types else {"allow_redirects": "always", "enabled": True},
        "cancellation_reason": None,
        "client_secret": f"{setup_id}_secret_{secrets.token_hex(12)}",
        "created": now(),
        "customer": None,
        "description": form.text("description"),
        "last_setup_error": None,
        "latest_attempt": None,
        "livemode": False,
        "mandate": None,
        "metadata": form.merged_metadata({}),
        "next_action": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": types or ["card", "us_bank_account"],
        "status": "requires_payment_method",
        "usage": form.choice("usage", ("off_session", "on_session")) or "off_session",
    }
    if (customer := form.text("customer")) is not None:
        fetch(call, "customer", customer, "customer")
        setup["customer"] = customer
    _take_method(call, setup)
    save(call, setup)
    call.record("setup_intent", setup_id, customer=setup["customer"])
    events.emit(call, "setup_intent.created", setup)
    return _confirm(call, setup) if form.flag("confirm") else setup


def retrieve(call: Call, intent: str) -> Json:
    return fetch(call, "setup_intent", intent)


def list_all(call: Call) -> Json:
    customer = call.form.text("customer")
    return listing(
        call, "setup_intent", "/v1/setup_intents", lambda item: not customer or item["customer"] == customer
    )


def confirm(call: Call, intent: str) -> Json:
    setup = _open(call, intent, "confirmed")
    _take_method(call, setup)
    return _confirm(call, setup)


def cancel(call: Call, intent: str) -> Json:
    setup = _open(call, intent, "canceled")
    setup.update(status="canceled", cancellation_reason=call.form.text("cancellation_reason"))
    save(call, setup)
    events.emit(call, "setup_intent.canceled", setup)
    return setup


def _open(call: Call, intent: str, wanted: str) -> Json:
    setup = fetch(call, "setup_intent", intent)
    if setup["status"] not in _OPEN:
        raise invalid_request(
            f"This SetupIntent has the status {setup['status']} and cannot be {wanted}.",
            code="setup_intent_unexpected_state",
            setup_intent=setup,
        )
    return setup


def _take_method(call: Call, setup: Json) -> None:
    given = call.form.text("payment_method")
    if given is None:
        return
    method = payment_methods.resolve(call, given)
    if method["type"] not in setup["payment_method_types"]:
        raise invalid_request(
            f"The SetupIntent does not allow payment methods of type {method['type']}.", param="payment_method"
        )
    setup.update(payment_method=method["id"], status="requires_confirmation")


def _confirm(call: Call, setup: Json) -> Json:
    if setup["payment_method"] is None:
        raise invalid_request(
            "A SetupIntent without a payment method cannot be confirmed.",
            code="setup_intent_unexpected_state",
            param="payment_method",
        )
    method = fetch(call, "payment_method", setup["payment_method"])
    test = payment_methods.behaviour(method)
    # The chargeCustomerFail card saves well and fails when charged.
    if test.type == "card" and test.code and method["_test"] != "pm_card_chargeCustomerFail":
        problem: Json = {
            "type": "card_error",
            "code": test.code,
            "decline_code": test.decline_code,
            "message": "The card was declined.",
            "payment_method": method,
        }
        setup.update(status="requires_payment_method", payment_method=None, last_setup_error=problem)
        save(call, setup)
        events.emit(call, "setup_intent.setup_failed", setup)
        raise StripeError(402, **problem, setup_intent=setup)
    if setup["customer"]:
        payment_methods.attach(call, method, setup["customer"])
    setup.update(status="succeeded", last_setup_error=None)
    save(call, setup)
    events.emit(call, "setup_intent.succeeded", setup)
    return setup
