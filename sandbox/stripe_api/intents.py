"""PaymentIntents: Stripe's state machine, and what the customer and the bank do from outside."""

import secrets
from typing import Any

from sandbox.store import Json
from sandbox.stripe_api import charges, events, payment_methods
from sandbox.stripe_api.errors import StripeError, invalid_param, invalid_request
from sandbox.stripe_api.forms import Form
from sandbox.stripe_api.objects import Call, fetch, listing, new_id, now, save

_SMALLEST, _LARGEST = 50, 99_999_999  # minor units; Stripe's limits for USD
_TYPES = ["card", "us_bank_account"]
_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
_CANCEL_REASONS = ("duplicate", "fraudulent", "requested_by_customer", "abandoned")


def create(call: Call) -> Json:
    form = call.form
    amount, currency = _amount(form), _currency(form)
    if form.text("capture_method") == "manual":
        raise invalid_param("The sandbox does not simulate manual capture.", "capture_method")
    automatic = form.nested("automatic_payment_methods").flag("enabled")
    types = form.texts("payment_method_types")
    if automatic and types:
        raise invalid_param("Give either automatic_payment_methods or payment_method_types.", "payment_method_types")
    intent_id = new_id("pi")
    intent: Json = {
        "id": intent_id,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "automatic_payment_methods": None if types else {"allow_redirects": "always", "enabled": True},
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{intent_id}_secret_{secrets.token_hex(12)}",
        "confirmation_method": "automatic",
        "created": now(),
        "currency": currency,
        "customer": None,
        "description": None,
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": {},
        "next_action": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": types or _TYPES,
        "processing": None,
        "receipt_email": None,
        "setup_future_usage": None,
        "shipping": None,
        "statement_descriptor": None,
        "status": "requires_payment_method",
    }
    _apply(call, intent)
    confirming = form.flag("confirm")
    off_session = _off_session(form)
    if off_session and not confirming:
        raise invalid_param("off_session needs confirm=true.", "off_session")
    open_new(call, intent)
    return _confirm(call, intent, off_session=off_session) if confirming else intent


def open_new(call: Call, intent: Json) -> None:
    save(call, intent)
    call.record(
        "payment_intent",
        intent["id"],
        amount=intent["amount"],
        currency=intent["currency"],
        metadata=intent["metadata"],
    )
    events.emit(call, "payment_intent.created", intent)


def retrieve(call: Call, intent: str) -> Json:
    return fetch(call, "payment_intent", intent)


def list_all(call: Call) -> Json:
    customer = call.form.text("customer")
    return listing(
        call,
        "payment_intent",
        "/v1/payment_intents",
        lambda item: not customer or item["customer"] == customer,
    )


def update(call: Call, intent: str) -> Json:
    resource = fetch(call, "payment_intent", intent)
    fixed = {"amount", "currency", "customer", "payment_method", "payment_method_types"} & set(call.form.values)
    if fixed and resource["status"] not in _OPEN:
        raise _unexpected_state(resource, "updated", f"{sorted(fixed)[0]} can no longer change.")
    if "amount" in call.form:
        resource["amount"] = _amount(call.form)
    if "currency" in call.form:
        resource["currency"] = _currency(call.form)
    if "payment_method_types" in call.form:
        resource["payment_method_types"] = call.form.texts("payment_method_types")
    _apply(call, resource)
    save(call, resource)
    return resource


def confirm(call: Call, intent: str) -> Json:
    resource = fetch(call, "payment_intent", intent)
    _refuse_checkouts(resource)
    if resource["status"] not in _OPEN:
        raise _unexpected_state(resource, "confirmed", "")
    _apply(call, resource)
    return _confirm(call, resource, off_session=_off_session(call.form))


def cancel(call: Call, intent: str) -> Json:
    reason = call.form.choice("cancellation_reason", _CANCEL_REASONS)
    resource = fetch(call, "payment_intent", intent)
    _refuse_checkouts(resource)
    if resource["status"] not in _OPEN:
        raise _unexpected_state(resource, "canceled", f"Only {', '.join(_OPEN)} can be.")
    end(call, resource, reason)
    return resource


def end(call: Call, intent: Json, reason: str | None) -> None:
    """Cancels an intent that is open."""
    intent.update(status="canceled", canceled_at=now(), cancellation_reason=reason, next_action=None)
    save(call, intent)
    events.emit(call, "payment_intent.canceled", intent)


def pay(
    call: Call, intent: str, payment_method: str, *, authenticates: bool = True, microdeposits: bool = False
) -> Json:
    """What the customer does in the browser with the client secret, passing a challenge or failing it.

    `microdeposits`: gives the number of an account, which its bank has yet to show two small sums on.
    """
    resource = fetch(call, "payment_intent", intent)
    _refuse_checkouts(resource)
    if microdeposits:
        return _verify(call, resource, payment_method)
    return take(call, resource, payment_method, authenticates=authenticates)


def take(call: Call, intent: Json, payment_method: str, *, authenticates: bool = True) -> Json:
    """The money of an open intent, from a page of the shop or of Stripe. Raises StripeError on a decline."""
    if intent["status"] not in _OPEN:
        raise _unexpected_state(intent, "confirmed", "")
    method = payment_methods.resolve(call, payment_method)
    _check_method(call, intent, method)
    intent["payment_method"] = method["id"]
    if payment_methods.behaviour(method).challenge and not authenticates:
        raise _decline(call, intent, method, "payment_intent_authentication_failure", None)
    return _charge(call, intent, method)


def _verify(call: Call, intent: Json, payment_method: str) -> Json:
    method = payment_methods.resolve(call, payment_method)
    if method["type"] != "us_bank_account":
        raise invalid_request("Only bank accounts are verified by micro-deposits.", param="payment_method")
    _check_method(call, intent, method)
    deposits = {
        "arrival_date": now() + 2 * 86_400,
        "hosted_verification_url": f"https://payments.stripe.com/microdeposit/{intent['id']}",
        "microdeposit_type": "descriptor_code",
    }
    intent.update(
        status="requires_action",
        payment_method=method["id"],
        next_action={"type": "verify_with_microdeposits", "verify_with_microdeposits": deposits},
    )
    save(call, intent)
    events.emit(call, "payment_intent.requires_action", intent)
    return intent


def settle(call: Call, intent: str, outcome: str) -> Json:
    """What the bank says days after an ACH debit: succeeded or failed."""
    resource = fetch(call, "payment_intent", intent)
    if resource["status"] != "processing":
        raise _unexpected_state(resource, "settled", "Only processing can be.")
    method = fetch(call, "payment_method", resource["payment_method"])
    charge = fetch(call, "charge", resource["latest_charge"])
    resource["processing"] = None
    if outcome == "succeeded":
        charges.complete(call, charge)
        _succeed(call, resource, charge)
    else:
        code = payment_methods.behaviour(method).code or "insufficient_funds"
        charges.fail(call, charge, code)
        _fail(call, resource, charge, method, code, None)
    return resource


def _confirm(call: Call, intent: Json, *, off_session: bool) -> Json:
    if intent["payment_method"] is None:
        raise invalid_request(
            "A PaymentIntent without a payment method cannot be confirmed.",
            code="payment_intent_unexpected_state",
            param="payment_method",
            payment_intent=intent,
        )
    method = fetch(call, "payment_method", intent["payment_method"], "payment_method")
    _check_method(call, intent, method)
    if payment_methods.behaviour(method).challenge:
        if off_session or call.form.flag("error_on_requires_action"):
            raise _decline(call, intent, method, "authentication_required", "authentication_required")
        intent.update(
            status="requires_action",
            next_action={"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect"}},
        )
        save(call, intent)
        events.emit(call, "payment_intent.requires_action", intent)
        return intent
    return _charge(call, intent, method)


def _charge(call: Call, intent: Json, method: Json) -> Json:
    test = payment_methods.behaviour(method)
    if test.type == "us_bank_account":
        charge = charges.create(call, intent, method, "pending")
        intent.update(
            status="processing",
            latest_charge=charge["id"],
            next_action=None,
            last_payment_error=None,
            processing={"type": "us_bank_account"},
        )
        save(call, intent)
        events.emit(call, "charge.pending", charge)
        events.emit(call, "payment_intent.processing", intent)
        return intent
    if test.code:
        raise _decline(call, intent, method, test.code, test.decline_code)
    if intent["setup_future_usage"] and intent["customer"]:
        payment_methods.attach(call, method, intent["customer"])
    _succeed(call, intent, charges.create(call, intent, method, "succeeded"))
    return intent


def _succeed(call: Call, intent: Json, charge: Json) -> None:
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        next_action=None,
        last_payment_error=None,
    )
    save(call, intent)
    events.emit(call, "charge.succeeded", charge)
    events.emit(call, "payment_intent.succeeded", intent)


def _decline(call: Call, intent: Json, method: Json, code: str, decline_code: str | None) -> StripeError:
    """Leaves a failed charge, where the network was asked, and the intent open for another method."""
    charge = None
    if code in charges.DECLINE_MESSAGES and code != "authentication_required":
        charge = charges.create(call, intent, method, "failed")
    problem = _fail(call, intent, charge, method, code, decline_code)
    return StripeError(402, **problem, payment_intent=intent)


def _fail(
    call: Call, intent: Json, charge: Json | None, method: Json, code: str, decline_code: str | None
) -> dict[str, Any]:
    problem = {
        "type": "card_error" if method["type"] == "card" else "invalid_request_error",
        "code": code,
        "decline_code": decline_code,
        "charge": charge["id"] if charge else None,
        "message": charges.DECLINE_MESSAGES.get(code, "The payment method failed authentication."),
        "payment_method": method,
    }
    problem = {name: value for name, value in problem.items() if value is not None}
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        next_action=None,
        last_payment_error=problem,
        latest_charge=charge["id"] if charge else intent["latest_charge"],
    )
    save(call, intent)
    if charge:
        events.emit(call, "charge.failed", charge)
    events.emit(call, "payment_intent.payment_failed", intent)
    return problem


def _apply(call: Call, intent: Json) -> None:
    """The fields that creating, updating and confirming have in common."""
    form = call.form
    if (customer := form.text("customer")) is not None:
        fetch(call, "customer", customer, "customer")
        intent["customer"] = customer
    for name in ("description", "receipt_email", "statement_descriptor"):
        if name in form:
            intent[name] = form.text(name)
    if "setup_future_usage" in form:
        intent["setup_future_usage"] = form.choice("setup_future_usage", ("off_session", "on_session"))
    intent["metadata"] = form.merged_metadata(intent["metadata"])
    if (given := form.text("payment_method")) is not None:
        method = payment_methods.resolve(call, given)
        _check_method(call, intent, method)
        intent["payment_method"] = method["id"]
        if intent["status"] == "requires_payment_method":
            intent["status"] = "requires_confirmation"


def _check_method(call: Call, intent: Json, method: Json) -> None:
    if method["type"] not in intent["payment_method_types"]:
        raise invalid_request(
            f"The PaymentIntent does not allow payment methods of type {method['type']}.",
            param="payment_method",
            code="payment_intent_incompatible_payment_method",
        )
    if method["customer"] is not None and method["customer"] != intent["customer"]:
        raise invalid_request("The payment method belongs to another customer.", param="payment_method")


def _amount(form: Form) -> int:
    form.required("amount")
    amount = form.integer("amount") or 0
    if amount < 1:
        raise invalid_param("The amount must be at least 1.", "amount", "parameter_invalid_integer")
    if amount < _SMALLEST:
        raise invalid_param("The amount must be at least $0.50.", "amount", "amount_too_small")
    if amount > _LARGEST:
        raise invalid_param("The amount must be at most $999,999.99.", "amount", "amount_too_large")
    return amount


def _currency(form: Form) -> str:
    currency = form.required("currency").lower()
    if currency != "usd":
        raise invalid_param(f"The sandbox's account takes usd, not {currency}.", "currency")
    return currency


def _off_session(form: Form) -> bool:
    return form.choice("off_session", ("true", "false", "one_off", "recurring")) not in (None, "false")


def _refuse_checkouts(intent: Json) -> None:
    """An intent that a Checkout session made is the session's to pay and to end."""
    if intent.get("_checkout"):
        raise invalid_request(
            "You cannot perform this action on PaymentIntents created by Checkout. "
            "Expire the Checkout Session instead.",
            code="payment_intent_unexpected_state",
            payment_intent=intent,
        )


def _unexpected_state(intent: Json, wanted: str, rest: str) -> StripeError:
    return invalid_request(
        f"This PaymentIntent has the status {intent['status']} and cannot be {wanted}. {rest}".strip(),
        code="payment_intent_unexpected_state",
        payment_intent=intent,
    )
