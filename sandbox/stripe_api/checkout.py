"""Checkout sessions: what a customer who opens a payment link pays in."""

from dataclasses import replace

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


def expire(call: Call, session: str) -> Json:
    resource = fetch(call, "checkout.session", session)
    if resource["status"] != "open":
        raise invalid_request(
            'Only Checkout Sessions with a status in ["open"] can be expired. '
            f"This Checkout Session has a status of `{resource['status']}`."
        )
    resource["status"] = "expired"
    save(call, resource)
    if resource["payment_intent"]:
        intents.end(call, fetch(call, "payment_intent", resource["payment_intent"]), "expired")
    events.emit(call, "checkout.session.expired", resource)
    return resource


def open_link(call: Call, payment_link: str) -> Json:
    """A customer opens the link: a session of their own, whose intent is made when they first try to pay. Raises
    StripeError when the link is not active."""
    session = _session(call, _active(call, payment_link), "guest@example.com")
    save(call, session)
    return session


def pay_link(call: Call, payment_link: str, payment_method: str) -> Json:
    """The customer pays on the page that was opened last and is still open, as after a decline, or else on a new one.
    Returns the session. Raises StripeError as `pay` does, and when the link is not active."""
    _active(call, payment_link)
    for session in call.sandbox.store.newest("checkout.session"):
        if session["payment_link"] == payment_link and session["status"] == "open":
            return pay(call, session["id"], payment_method)
    return pay(call, open_link(call, payment_link)["id"], payment_method)


def pay(call: Call, session: str, payment_method: str) -> Json:
    """The customer pays on a page that is open, which deactivating its link does not close. Raises StripeError when
    the session is not open, when the link was paid as often as it may be, and when the card is declined, which leaves
    the session and its intent open for another try."""
    resource = fetch(call, "checkout.session", session)
    link = fetch(call, "payment_link", resource["payment_link"])
    if resource["status"] != "open":
        raise invalid_request(f"This Checkout Session has a status of `{resource['status']}`.")
    if links.is_used_up(link):
        raise _inactive(link)
    intent = intents.take(call, _intent(call, resource, link), payment_method)
    resource.update(status="complete", payment_status="paid" if intent["status"] == "succeeded" else "unpaid")
    save(call, resource)
    events.emit(call, "checkout.session.completed", resource)
    links.count_completed(call, link)
    return resource


def payment_settled(call: Call, intent: Json) -> None:
    """Tells the outcome of a bank payment that was begun through a link."""
    for session in call.sandbox.store.newest("checkout.session"):
        if session["payment_intent"] == intent["id"] and session["status"] == "complete":
            paid = intent["status"] == "succeeded"
            session["payment_status"] = "paid" if paid else "unpaid"
            save(call, session)
            outcome = "succeeded" if paid else "failed"
            events.emit(call, f"checkout.session.async_payment_{outcome}", session)


def _active(call: Call, payment_link: str) -> Json:
    link = fetch(call, "payment_link", payment_link)
    if not link["active"]:
        raise _inactive(link)
    return link


def _inactive(link: Json) -> StripeError:
    return invalid_request(link["inactive_message"] or "This payment link is no longer active.")


def _intent(call: Call, session: Json, link: Json) -> Json:
    """The session's intent, made at the first try to pay."""
    if session["payment_intent"]:
        return fetch(call, "payment_intent", session["payment_intent"])
    data = link["payment_intent_data"] or {"description": None, "metadata": {}}
    params = {
        "amount": str(links.total(link)),
        "currency": link["currency"],
        "metadata": data["metadata"],
        "description": data["description"] or "",
    }
    intent = intents.create(replace(call, form=Form(params)))
    intent["_checkout"] = session["id"]
    save(call, intent)
    session["payment_intent"] = intent["id"]
    save(call, session)
    return intent


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
