"""Checkout sessions: what a customer who opens a payment link pays in."""

from sandbox.store import Json
from sandbox.stripe_api import events, intents, links
from sandbox.stripe_api.errors import StripeError, invalid_request
from sandbox.stripe_api.forms import Form
from sandbox.stripe_api.objects import Call, fetch, listing, new_id, now, public, save


def retrieve(call: Call, session: str) -> Json:
    return fetch(call, "checkout.session", session)


def list_all(call: Call) -> Json:
    wanted = {name: call.form.text(name) for name in ("payment_intent", "payment_link", "status")}
    return listing(
        call,
        "checkout.session",
        "/v1/checkout/sessions",
        lambda item: all(value is None or item[name] == value for name, value in wanted.items()),
    )


def pay_link(call: Call, payment_link: str, payment_method: str, *, email: str = "guest@example.com") -> Json:
    """What the customer does on the hosted page. Returns the checkout session; raises StripeError when
    the link is not active or the card is declined, which leaves the link open for another try."""
    link = fetch(call, "payment_link", payment_link)
    if not link["active"]:
        raise invalid_request(link["inactive_message"] or "This payment link is no longer active.")
    session = _session(call, link, email)
    paying = Call(sandbox=call.sandbox, form=Form(_intent_params(link)), base_url=call.base_url, deliver=call.deliver)
    intent = intents.create(paying)
    session["payment_intent"] = intent["id"]
    try:
        intent = intents.pay(call, intent["id"], payment_method)
    except StripeError:
        save(call, session)
        raise
    session.update(status="complete", payment_status="paid" if intent["status"] == "succeeded" else "unpaid")
    save(call, session)
    events.emit(call, "checkout.session.completed", session)
    links.count_completed(call, link)
    return session


def payment_settled(call: Call, intent: Json) -> None:
    """Tells the outcome of a bank payment that was begun through a link."""
    for session in call.sandbox.store.newest("checkout.session"):
        if session["payment_intent"] == intent["id"] and session["status"] == "complete":
            paid = intent["status"] == "succeeded"
            session["payment_status"] = "paid" if paid else "unpaid"
            save(call, session)
            outcome = "succeeded" if paid else "failed"
            events.emit(call, f"checkout.session.async_payment_{outcome}", session)


def _intent_params(link: Json) -> Json:
    data = link["payment_intent_data"] or {"description": None, "metadata": {}}
    return {
        "amount": str(links.total(link)),
        "currency": link["currency"],
        "metadata": data["metadata"],
        "description": data["description"] or "",
    }


def _session(call: Call, link: Json, email: str) -> Json:
    amount = links.total(link)
    return {
        "id": f"cs_test_{new_id('a').removeprefix('a_')}",
        "object": "checkout.session",
        "amount_subtotal": amount,
        "amount_total": amount,
        "cancel_url": None,
        "client_reference_id": None,
        "created": now(),
        "currency": link["currency"],
        "customer": None,
        "customer_details": {"email": email, "name": None, "phone": None},
        "customer_email": None,
        "expires_at": now() + 86_400,
        "livemode": False,
        "metadata": public(link["metadata"]),
        "mode": "payment",
        "payment_intent": None,
        "payment_link": link["id"],
        "payment_method_types": ["card", "us_bank_account"],
        "payment_status": "unpaid",
        "status": "open",
        "success_url": None,
        "url": None,
        "_line_items": link["_line_items"],
    }
