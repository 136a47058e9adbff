"""What all of Stripe's resources share: the call at hand, ids, saving, lists, expansion."""

import secrets
import string
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.context import Sandbox
from sandbox.store import Json
from sandbox.stripe_api.errors import invalid_param, missing
from sandbox.stripe_api.forms import Form

API_VERSION = "2026-10-28.endive"
_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True)
class Call:
    """One operation: an API request of the product, or a step of the customer or bank (no request id)."""

    sandbox: Sandbox
    form: Form = field(default_factory=lambda: Form({}))
    request_id: str | None = None
    idempotency_key: str | None = None
    base_url: str = ""
    deliver: bool = True
    """Whether webhooks of this operation are sent."""

    def record(self, kind: str, object_id: str, **details: Any) -> None:
        self.sandbox.ledger.record("stripe", kind, object_id, self.idempotency_key, **details)


Operation = Callable[..., Json]
"""``operation(call, **path parameters)`` returns the resource or raises StripeError."""


def new_id(prefix: str) -> str:
    return f"{prefix}_{''.join(secrets.choice(_ALPHABET) for _ in range(24))}"


def now() -> int:
    return int(time.time())


def save(call: Call, resource: Json) -> None:
    call.sandbox.store.put(resource["object"], resource["id"], resource)


def fetch(call: Call, kind: str, object_id: str, param: str | None = None) -> Json:
    """The resource; 404 when its id came in the address (`param` is None), 400 when in a parameter."""
    resource = call.sandbox.store.find(object_id, kind)
    if resource is None:
        raise missing(kind, object_id, param or "id", status=400 if param else 404)
    return resource


def public(value: Any) -> Any:
    """A copy without the sandbox's own fields, whose names start with an underscore."""
    if isinstance(value, dict):
        return {
            name: item if name == "metadata" else public(item)
            for name, item in value.items()
            if not name.startswith("_")
        }
    if isinstance(value, list):
        return [public(item) for item in value]
    return value


def listing(call: Call, kind: str, url: str, keep: Callable[[Json], bool] = lambda _: True) -> Json:
    """A page of the resources that `keep` wants, newest first, by limit, starting_after and created."""
    limit = call.form.integer("limit")
    limit = 10 if limit is None else limit
    if not 1 <= limit <= 100:
        raise invalid_param("limit is between 1 and 100.", "limit")
    items = call.sandbox.store.newest(kind)
    after, before = call.form.text("starting_after"), call.form.text("ending_before")
    # The named one need not be wanted itself: it may have changed since the page before.
    if after:
        items = items[_position(items, after, kind, "starting_after") + 1 :]
    if before:
        items = items[: _position(items, before, kind, "ending_before")]
    found = [item for item in items if keep(item) and _created_within(call, item)]
    # The page that ends just before the named one is newest first, too.
    page = found[-limit:] if before else found[:limit]
    return {"object": "list", "data": page, "has_more": len(found) > limit, "url": url}


def _position(items: list[Json], object_id: str, kind: str, param: str) -> int:
    for index, item in enumerate(items):
        if item["id"] == object_id:
            return index
    raise missing(kind, object_id, param)


def _created_within(call: Call, item: Json) -> bool:
    if isinstance(call.form.values.get("created"), str):
        return bool(item["created"] == call.form.integer("created"))
    bounds = call.form.nested("created")
    created: int = item["created"]
    lowest, above = bounds.integer("gte"), bounds.integer("gt")
    highest, below = bounds.integer("lte"), bounds.integer("lt")
    return (
        (lowest is None or created >= lowest)
        and (above is None or created > above)
        and (highest is None or created <= highest)
        and (below is None or created < below)
    )


def expanded(call: Call, resource: Json) -> Json:
    """The public resource with ids replaced by objects as ``expand[]`` asks."""
    for path in call.form.texts("expand"):
        resource = _expand(call, resource, path.split("."), path)
    result: Json = public(resource)
    return result


def _expand(call: Call, value: Any, parts: list[str], path: str) -> Any:
    if isinstance(value, list):
        return [_expand(call, item, parts, path) for item in value]
    if value is None or not parts:
        return value
    name, rest = parts[0], parts[1:]
    hidden = f"_{name}"
    if isinstance(value, dict) and hidden in value and name not in value:
        # Includable fields, such as line_items, are absent unless asked for.
        return {**value, name: value[hidden]}
    if not isinstance(value, dict) or name not in value:
        raise invalid_param(f"This property cannot be expanded ({path}).", "expand")
    child = value[name]
    if isinstance(child, str):
        child = call.sandbox.store.find(child)
        if child is None:
            raise invalid_param(f"This property cannot be expanded ({path}).", "expand")
    return {**value, name: _expand(call, child, rest, path)}
