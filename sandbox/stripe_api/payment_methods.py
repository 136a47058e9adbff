"""Payment methods, and how Stripe's published test cards and bank accounts behave."""

from dataclasses import dataclass

from sandbox.store import Json
from sandbox.stripe_api import events
from sandbox.stripe_api.errors import invalid_param, invalid_request
from sandbox.stripe_api.forms import Form
from sandbox.stripe_api.objects import Call, fetch, listing, new_id, now, save


@dataclass(frozen=True)
class Behaviour:
    """`code` and `decline_code` say why it fails (at once for a card, at settlement for a bank account);
    `challenge`: the cardholder has to authenticate; `refund`: what becomes of a refund."""

    last4: str
    brand: str = "visa"
    type: str = "card"
    code: str | None = None
    decline_code: str | None = None
    challenge: bool = False
    refund: str = "succeeded"


def _declined(last4: str, decline_code: str = "generic_decline", code: str = "card_declined") -> Behaviour:
    return Behaviour(last4, code=code, decline_code=decline_code)


def _bank(last4: str, code: str | None = None) -> Behaviour:
    return Behaviour(last4, brand="STRIPE TEST BANK", type="us_bank_account", code=code)


TEST_METHODS = {
    "pm_card_visa": Behaviour("4242"),
    "pm_card_visa_debit": Behaviour("5556"),
    "pm_card_mastercard": Behaviour("4444", brand="mastercard"),
    "pm_card_amex": Behaviour("0005", brand="amex"),
    "pm_card_discover": Behaviour("1117", brand="discover"),
    "pm_card_chargeDeclined": _declined("0002"),
    "pm_card_visa_chargeDeclined": _declined("0002"),
    "pm_card_chargeDeclinedInsufficientFunds": _declined("9995", "insufficient_funds"),
    "pm_card_visa_chargeDeclinedInsufficientFunds": _declined("9995", "insufficient_funds"),
    "pm_card_visa_chargeDeclinedLostCard": _declined("9987", "lost_card"),
    "pm_card_visa_chargeDeclinedStolenCard": _declined("9979", "stolen_card"),
    "pm_card_chargeDeclinedExpiredCard": _declined("0069", "expired_card", "expired_card"),
    "pm_card_chargeDeclinedIncorrectCvc": _declined("0127", "incorrect_cvc", "incorrect_cvc"),
    "pm_card_chargeDeclinedProcessingError": _declined("0119", "processing_error", "processing_error"),
    "pm_card_chargeCustomerFail": _declined("0341"),
    "pm_card_authenticationRequired": Behaviour("3184", challenge=True),
    "pm_card_threeDSecure2Required": Behaviour("3220", challenge=True),
    "pm_card_pendingRefund": Behaviour("7726", refund="pending"),
    "pm_card_refundFail": Behaviour("5126", refund="failed"),
    "pm_usBankAccount": _bank("6789"),
    "pm_usBankAccount_success": _bank("6789"),
    "pm_usBankAccount_accountClosed": _bank("1116", "account_closed"),
    "pm_usBankAccount_noAccount": _bank("1113", "no_account"),
    "pm_usBankAccount_insufficientFunds": _bank("2227", "insufficient_funds"),
    "pm_usBankAccount_debitNotAuthorized": _bank("3335", "debit_not_authorized"),
}
_CARD_NUMBERS = {
    "4242424242424242": "pm_card_visa",
    "5555555555554444": "pm_card_mastercard",
    "378282246310005": "pm_card_amex",
    "4000000000000002": "pm_card_chargeDeclined",
    "4000000000009995": "pm_card_chargeDeclinedInsufficientFunds",
    "4000000000000069": "pm_card_chargeDeclinedExpiredCard",
    "4000000000000127": "pm_card_chargeDeclinedIncorrectCvc",
    "4000000000000119": "pm_card_chargeDeclinedProcessingError",
    "4000000000000341": "pm_card_chargeCustomerFail",
    "4000002760003184": "pm_card_authenticationRequired",
    "4000000000007726": "pm_card_pendingRefund",
    "4000000000005126": "pm_card_refundFail",
}
_CARD_TOKENS = {
    "tok_visa": "pm_card_visa",
    "tok_mastercard": "pm_card_mastercard",
    "tok_amex": "pm_card_amex",
    "tok_chargeDeclined": "pm_card_chargeDeclined",
    "tok_chargeCustomerFail": "pm_card_chargeCustomerFail",
}
_ACCOUNT_NUMBERS = {
    "000123456789": "pm_usBankAccount_success",
    "000111111116": "pm_usBankAccount_accountClosed",
    "000111111113": "pm_usBankAccount_noAccount",
    "000222222227": "pm_usBankAccount_insufficientFunds",
    "000333333335": "pm_usBankAccount_debitNotAuthorized",
}


def behaviour(method: Json) -> Behaviour:
    return TEST_METHODS[method["_test"]]


def create(call: Call) -> Json:
    form = call.form
    kind = form.required("type")
    if kind == "card":
        token = _lookup(form.nested("card"), (("number", _CARD_NUMBERS), ("token", _CARD_TOKENS)))
    elif kind == "us_bank_account":
        token = _lookup(form.nested("us_bank_account"), (("account_number", _ACCOUNT_NUMBERS),))
    else:
        raise invalid_param(f"The sandbox knows card and us_bank_account, not {kind}.", "type")
    method = _build(token, form)
    save(call, method)
    return method


def _lookup(given: Form, sources: tuple[tuple[str, dict[str, str]], ...]) -> str:
    for name, known in sources:
        value = given.text(name)
        if value is not None:
            if value not in known:
                raise invalid_param("Only Stripe's published test numbers and tokens work here.", given.param(name))
            return known[value]
    param = given.param(sources[0][0])
    raise invalid_param(f"Missing required param: {param}.", param, "parameter_missing")


def retrieve(call: Call, payment_method: str) -> Json:
    return fetch(call, "payment_method", payment_method)


def list_all(call: Call) -> Json:
    customer, kind = call.form.text("customer"), call.form.text("type")
    return listing(
        call,
        "payment_method",
        "/v1/payment_methods",
        lambda item: item["customer"] == customer and (not kind or item["type"] == kind),
    )


def attach_to_customer(call: Call, payment_method: str) -> Json:
    customer = call.form.required("customer")
    fetch(call, "customer", customer, "customer")
    method = resolve(call, payment_method)
    attach(call, method, customer)
    return method


def detach(call: Call, payment_method: str) -> Json:
    method = fetch(call, "payment_method", payment_method)
    if method["customer"] is None:
        raise invalid_request("The payment method is not attached to a customer.")
    method["customer"] = None
    save(call, method)
    events.emit(call, "payment_method.detached", method)
    return method


def attach(call: Call, method: Json, customer: str) -> None:
    """Raises StripeError when it belongs to somebody else. Attaching twice changes nothing."""
    if method["customer"] == customer:
        return
    if method["customer"] is not None:
        raise invalid_request("The payment method is already attached to another customer.", param="payment_method")
    method["customer"] = customer
    save(call, method)
    events.emit(call, "payment_method.attached", method)


def resolve(call: Call, given: str, param: str = "payment_method") -> Json:
    """A stored payment method, or a new one for one of Stripe's test ids."""
    if given in TEST_METHODS:
        method = _build(given, Form({}))
        save(call, method)
        return method
    return fetch(call, "payment_method", given, param)


def _build(token: str, form: Form) -> Json:
    test = TEST_METHODS[token]
    billing = form.nested("billing_details")
    method: Json = {
        "id": new_id("pm"),
        "object": "payment_method",
        "allow_redisplay": "unspecified",
        "billing_details": {
            "address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")),
            "email": billing.text("email"),
            "name": billing.text("name"),
            "phone": billing.text("phone"),
        },
        "created": now(),
        "customer": None,
        "livemode": False,
        "metadata": form.merged_metadata({}),
        "type": test.type,
        "_test": token,
    }
    method[test.type] = details(test)
    return method


def details(test: Behaviour) -> Json:
    """The fields under the method's type, on payment methods and charges alike."""
    if test.type == "us_bank_account":
        return {
            "account_holder_type": "company",
            "account_type": "checking",
            "bank_name": test.brand,
            "fingerprint": f"sandboxbank{test.last4}",
            "last4": test.last4,
            "routing_number": "110000000",
        }
    return {
        "brand": test.brand,
        "checks": {"address_line1_check": None, "address_postal_code_check": None, "cvc_check": "pass"},
        "country": "US",
        "exp_month": 12,
        "exp_year": now() // 31_556_952 + 1972,  # two years ahead, whenever this runs
        "fingerprint": f"sandboxcard{test.last4}",
        "funding": "credit",
        "last4": test.last4,
        "network": test.brand,
    }
