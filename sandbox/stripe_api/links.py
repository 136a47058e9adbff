"""Payment links."""

from sandbox.store import Json
from sandbox.stripe_api import events
from sandbox.stripe_api.errors import invalid_param, missing
from sandbox.stripe_api.forms import Form
from sandbox.stripe_api.objects import Call, fetch, listing, new_id, now, save

_LARGEST = 99_999_999


def create(call: Call) -> Json:
    items = [_line_item(item) for item in call.form.nested_list("line_items")]
    if not items:
        raise invalid_param("Missing required param: line_items.", "line_items", "parameter_missing")
    total = sum(item["amount_total"] for item in items)
    if not 50 <= total <= _LARGEST:
        raise invalid_param("The total is between $0.50 and $999,999.99.", "line_items", "amount_too_small")
    link_id = new_id("plink")
    link: Json = {
        "id": link_id,
        "object": "payment_link",
        "active": True,
        "after_completion": {"hosted_confirmation": {"custom_message": None}, "type": "hosted_confirmation"},
        "allow_promotion_codes": False,
        "billing_address_collection": "auto",
        "created": now(),
        "currency": items[0]["currency"],
        "customer_creation": "if_required",
        "inactive_message": None,
        "livemode": False,
        "metadata": {},
        "payment_intent_data": None,
        "payment_method_types": None,
        "restrictions": None,
        "submit_type": "auto",
        "url": f"{call.base_url}/pay/{link_id}",
        "_line_items": {
            "object": "list",
            "data": items,
            "has_more": False,
            "url": f"/v1/payment_links/{link_id}/line_items",
        },
    }
    _apply(call.form, link)
    save(call, link)
    call.record(
        "payment_link", link_id, amount=total, currency=link["currency"], metadata=link["metadata"], url=link["url"]
    )
    events.emit(call, "payment_link.created", link)
    return link


def retrieve(call: Call, payment_link: str) -> Json:
    return fetch(call, "payment_link", payment_link)


def update(call: Call, payment_link: str) -> Json:
    link = fetch(call, "payment_link", payment_link)
    active = call.form.flag("active")
    if active is not None:
        link["active"] = active
    _apply(call.form, link)
    save(call, link)
    events.emit(call, "payment_link.updated", link)
    return link


def list_all(call: Call) -> Json:
    active = call.form.flag("active")
    return listing(call, "payment_link", "/v1/payment_links", lambda item: active is None or item["active"] == active)


def line_items(call: Call, payment_link: str) -> Json:
    items: Json = fetch(call, "payment_link", payment_link)["_line_items"]
    return items


def total(link: Json) -> int:
    """Minor units."""
    return sum(item["amount_total"] for item in link["_line_items"]["data"])


def is_used_up(link: Json) -> bool:
    """Whether it was paid as often as it may be."""
    sessions = link["restrictions"] and link["restrictions"]["completed_sessions"]
    return bool(sessions) and sessions["count"] >= sessions["limit"]


def count_completed(call: Call, link: Json) -> None:
    """A link with a limit closes itself once the limit is reached."""
    if link["restrictions"] is None:
        return
    link["restrictions"]["completed_sessions"]["count"] += 1
    if is_used_up(link):
        link["active"] = False
    save(call, link)
    events.emit(call, "payment_link.updated", link)


def _apply(form: Form, link: Json) -> None:
    if "inactive_message" in form:
        link["inactive_message"] = form.text("inactive_message")
    link["metadata"] = form.merged_metadata(link["metadata"])
    if "payment_intent_data" in form:
        data = form.nested("payment_intent_data")
        current = link["payment_intent_data"] or {"description": None, "metadata": {}}
        link["payment_intent_data"] = {
            "description": data.text("description") or current["description"],
            "metadata": data.merged_metadata(current["metadata"]),
        }
    if "restrictions" in form:
        limit = form.nested("restrictions").nested("completed_sessions").integer("limit")
        count = link["restrictions"]["completed_sessions"]["count"] if link["restrictions"] else 0
        link["restrictions"] = {"completed_sessions": {"count": count, "limit": limit}} if limit else None
    if "after_completion" in form:
        link["after_completion"] = _after_completion(form.nested("after_completion"))


def _after_completion(form: Form) -> Json:
    if form.choice("type", ("hosted_confirmation", "redirect")) == "redirect":
        redirect = form.nested("redirect")
        url = redirect.required("url")
        if not url.startswith(("http://", "https://")):
            raise invalid_param("Not a valid URL.", redirect.param("url"), "url_invalid")
        return {"redirect": {"url": url}, "type": "redirect"}
    message = form.nested("hosted_confirmation").text("custom_message")
    return {"hosted_confirmation": {"custom_message": message}, "type": "hosted_confirmation"}


def _line_item(form: Form) -> Json:
    form.required("quantity")
    quantity = form.integer("quantity") or 0
    if quantity < 1:
        raise invalid_param("The quantity must be at least 1.", form.param("quantity"))
    if (price := form.text("price")) is not None:
        raise missing("price", price, form.param("price"))
    given = form.nested("price_data")
    if given.required("currency").lower() != "usd":
        raise invalid_param("The sandbox's account takes usd.", given.param("currency"))
    given.required("unit_amount")
    unit_amount = given.integer("unit_amount") or 0
    if unit_amount < 0:
        raise invalid_param("The amount cannot be negative.", given.param("unit_amount"))
    product = given.nested("product_data")
    name = product.required("name")
    return {
        "id": new_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": unit_amount * quantity,
        "amount_tax": 0,
        "amount_total": unit_amount * quantity,
        "currency": "usd",
        "description": name,
        "price": {
            "id": new_id("price"),
            "object": "price",
            "active": False,
            "currency": "usd",
            "product": new_id("prod"),
            "type": "one_time",
            "unit_amount": unit_amount,
        },
        "quantity": quantity,
    }
