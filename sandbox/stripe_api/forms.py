"""Stripe's form encoding: ``a[b][0][c]=1`` and ``expand[]=x`` to nested values, and typed access to them."""

import re
from typing import Any
from urllib.parse import parse_qsl

from sandbox.store import Json
from sandbox.stripe_api.errors import invalid_param

_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
_MAX_FIELDS = 1000
_MAX_DEPTH = 10


def parse(text: str) -> Json:
    """Nested dicts and lists with text leaves. Raises StripeError for keys that are not well formed."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError as error:
        raise invalid_param(f"The form cannot be read: {error}", "") from error
    tree: Json = {}
    for key, value in pairs:
        match = _KEY.match(key)
        if match is None or key.count("[") > _MAX_DEPTH:
            raise invalid_param(f"Invalid parameter name: {key}", key)
        _insert(tree, [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])], value)
    return {name: _with_lists(item) for name, item in tree.items()}


def _insert(tree: Json, parts: list[str], value: str) -> None:
    for depth, part in enumerate(parts):
        name = part if part else str(len(tree))
        if depth == len(parts) - 1:
            tree[name] = value
            return
        child = tree.setdefault(name, {})
        if not isinstance(child, dict):
            raise invalid_param("A parameter is both a value and an object.", parts[0])
        tree = child


def _with_lists(value: Any) -> Any:
    """Dicts whose keys count 0, 1, 2 … are lists."""
    if not isinstance(value, dict):
        return value
    items = {name: _with_lists(item) for name, item in value.items()}
    if items and list(items) == [str(number) for number in range(len(items))]:
        return list(items.values())
    return items


class Form:
    """Typed access to parameters; errors name the parameter in bracket notation."""

    def __init__(self, values: Json, prefix: str = "") -> None:
        self.values = values
        self._prefix = prefix

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def param(self, name: str) -> str:
        return f"{self._prefix}[{name}]" if self._prefix else name

    def text(self, name: str) -> str | None:
        """None when absent or empty, which is how a form unsets a field."""
        value = self.values.get(name)
        if isinstance(value, dict | list):
            raise invalid_param("Invalid string.", self.param(name))
        return value or None

    def required(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise invalid_param(f"Missing required param: {self.param(name)}.", self.param(name), "parameter_missing")
        return value

    def choice(self, name: str, allowed: tuple[str, ...]) -> str | None:
        value = self.text(name)
        if value is not None and value not in allowed:
            raise invalid_param(f"Invalid {self.param(name)}: must be one of {', '.join(allowed)}", self.param(name))
        return value

    def integer(self, name: str) -> int | None:
        value = self.text(name)
        if value is None:
            return None
        if not re.fullmatch(r"-?[0-9]{1,18}", value):
            raise invalid_param(f"Invalid integer: {value}", self.param(name), "parameter_invalid_integer")
        return int(value)

    def flag(self, name: str) -> bool | None:
        value = self.text(name)
        if value not in (None, "true", "false"):
            raise invalid_param(f"Invalid boolean: {value}", self.param(name))
        return None if value is None else value == "true"

    def nested(self, name: str) -> "Form":
        """The object under `name`; an empty one when absent."""
        value = self.values.get(name) or {}
        if not isinstance(value, dict):
            raise invalid_param("Invalid object.", self.param(name))
        return Form(value, self.param(name))

    def nested_list(self, name: str) -> list["Form"]:
        value = self.values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise invalid_param("Invalid array of objects.", self.param(name))
        return [Form(item, f"{self.param(name)}[{index}]") for index, item in enumerate(value)]

    def texts(self, name: str) -> list[str]:
        value = self.values.get(name) or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise invalid_param("Invalid array of strings.", self.param(name))
        return value

    def merged_metadata(self, current: dict[str, str]) -> dict[str, str]:
        """Stripe's rule: given keys are set, keys with an empty value removed, an empty object clears."""
        if self.values.get("metadata") == "":
            return {}
        given = self.nested("metadata").values
        for name, value in given.items():
            if not isinstance(value, str):
                raise invalid_param("Metadata values are strings.", f"metadata[{name}]")
            if len(name) > 40 or len(value) > 500:
                raise invalid_param("Metadata keys have up to 40, values up to 500 characters.", f"metadata[{name}]")
        merged = {**current, **given}
        if len(merged) > 50:
            raise invalid_param("Metadata has up to 50 keys.", "metadata")
        return {name: value for name, value in merged.items() if value != ""}
