"""Customers."""

from typing import Any

from sandbox.store import Json
from sandbox.stripe_api import events
from sandbox.stripe_api.objects import Call, fetch, listing, new_id, now, save

_ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def create(call: Call) -> Json:
    customer: Json = {
        "id": new_id("cus"),
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "email": None,
        "invoice_settings": {"default_payment_method": None},
        "livemode": False,
        "metadata": {},
        "name": None,
        "phone": None,
        "shipping": None,
        "tax_exempt": "none",
    }
    _apply(call, customer)
    save(call, customer)
    call.record("customer", customer["id"])
    events.emit(call, "customer.created", customer)
    return customer


def retrieve(call: Call, customer: str) -> Json:
    return fetch(call, "customer", customer)


def update(call: Call, customer: str) -> Json:
    resource = fetch(call, "customer", customer)
    _apply(call, resource)
    save(call, resource)
    events.emit(call, "customer.updated", resource)
    return resource


def list_all(call: Call) -> Json:
    email = call.form.text("email")
    return listing(call, "customer", "/v1/customers", lambda item: not email or item["email"] == email)


def _apply(call: Call, customer: Json) -> None:
    form = call.form
    for name in ("description", "email", "name", "phone"):
        if name in form:
            customer[name] = form.text(name)
    if "address" in form:
        customer["address"] = _address(call)
    settings = form.nested("invoice_settings")
    if "default_payment_method" in settings:
        method = settings.text("default_payment_method")
        if method:
            fetch(call, "payment_method", method, settings.param("default_payment_method"))
        customer["invoice_settings"]["default_payment_method"] = method
    customer["metadata"] = form.merged_metadata(customer["metadata"])


def _address(call: Call) -> dict[str, Any] | None:
    given = call.form.nested("address")
    return {name: given.text(name) for name in _ADDRESS} if given.values else None
