"""Validation of requests against the vendors' own published API descriptions, where they are at hand."""

import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from sandbox.store import Json

_FILES = {
    "stripe": "stripe/spec3.trimmed.json",
    "twilio": "twilio/messages.openapi.json",
    "discord": "discord/execute_webhook.openapi.json",
    "openai": "openai/chat_responses.openapi.json",
}
# Their alternatives overlap where the vendor says that one alone fits.
_LOOSE = {"openai"}


class Violation(Exception):
    """A request that the vendor's description forbids. `param` is in bracket notation, "" for the whole;
    `rule` is the JSON Schema keyword that it breaks."""

    def __init__(self, message: str, param: str, rule: str) -> None:
        super().__init__(message)
        self.param = param
        self.rule = rule


class Specs:
    """The descriptions found in a folder; without the folder nothing is checked."""

    def __init__(self, folder: Path) -> None:
        self._specs = {
            vendor: _Spec(folder / name, loose=vendor in _LOOSE)
            for vendor, name in _FILES.items()
            if (folder / name).is_file()
        }

    def __bool__(self) -> bool:
        return bool(self._specs)

    def check(self, vendor: str, method: str, path: str, params: Any, *, form: bool = True) -> None:
        """`params`: the body, or the query of a GET; of a form, the leaves are text.

        Raises Violation. Operations that the description lacks pass.
        """
        spec = self._specs.get(vendor)
        if spec:
            spec.check(method.lower(), path, params, form)


class _Spec:
    def __init__(self, file: Path, *, loose: bool) -> None:
        self._file = file
        self._loose = loose

    @cached_property
    def _document(self) -> Json:
        document: Json = json.loads(self._file.read_text(), object_hook=_loosened if self._loose else None)
        return document

    @cached_property
    def _paths(self) -> list[tuple[re.Pattern[str], str]]:
        return [(re.compile(_template(path) + r"\Z"), path) for path in self._document["paths"]]

    def check(self, method: str, path: str, params: Any, form: bool) -> None:
        template = next((name for pattern, name in self._paths if pattern.match(path)), None)
        operation = self._document["paths"].get(template, {}).get(method)
        if operation is None:
            return
        schema = _query_schema(operation) if method == "get" else _body_schema(operation, form)
        value = self._typed(params, schema) if form else params
        validator = Draft202012Validator({"components": self._document.get("components", {}), **schema})
        error = best_match(validator.iter_errors(value))
        if error is not None:
            raise Violation(error.message[:500], _param(error), str(error.validator))

    def _typed(self, value: Any, schema: Json) -> Any:
        """Text of a form turned into what the schema asks for; what does not fit stays as it is."""
        if "$ref" in schema:
            schema = self._resolve(schema["$ref"])
        branches = schema.get("anyOf") or schema.get("oneOf")
        if branches:
            return self._typed_branch(value, branches)
        if isinstance(value, dict):
            properties = schema.get("properties", {})
            rest = schema.get("additionalProperties")
            rest = rest if isinstance(rest, dict) else {}
            return {name: self._typed(item, properties.get(name, rest)) for name, item in value.items()}
        if isinstance(value, list):
            return [self._typed(item, schema.get("items", {})) for item in value]
        if isinstance(value, str) and schema.get("type") == "array":
            return [self._typed(value, schema.get("items", {}))]  # Twilio's lists are repeated names
        if isinstance(value, str):
            return _scalar(value, schema.get("type"))
        return value

    def _typed_branch(self, value: Any, branches: list[Json]) -> Any:
        root = {"components": self._document.get("components", {})}
        candidates = [(self._typed(value, branch), branch) for branch in branches]
        for candidate, branch in candidates:
            if Draft202012Validator({**root, **branch}).is_valid(candidate):
                return candidate
        return candidates[0][0]

    def _resolve(self, reference: str) -> Json:
        node: Any = self._document
        for part in reference.removeprefix("#/").split("/"):
            node = node[part.replace("~1", "/").replace("~0", "~")]
        schema: Json = node
        return schema


def _loosened(schema: Json) -> Json:
    if isinstance(schema.get("oneOf"), list):
        schema["anyOf"] = schema.pop("oneOf")
    return schema


def _template(path: str) -> str:
    return re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))


def _query_schema(operation: Json) -> Json:
    query = [item for item in operation.get("parameters", []) if item.get("in") == "query"]
    return {
        "type": "object",
        "properties": {item["name"]: item["schema"] for item in query},
        "additionalProperties": False,
    }


def _body_schema(operation: Json, form: bool) -> Json:
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    schema: Json = operation.get("requestBody", {}).get("content", {}).get(kind, {}).get("schema", {})
    return schema


def _scalar(text: str, kind: str | None) -> Any:
    if kind == "integer" and re.fullmatch(r"-?\d{1,18}", text):
        return int(text)
    if kind == "number" and re.fullmatch(r"-?\d{1,18}(\.\d{1,18})?", text):
        return float(text)
    if kind == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def _param(error: ValidationError) -> str:
    place = [str(part) for part in error.absolute_path]
    if isinstance(error.instance, dict) and error.validator == "additionalProperties":
        place.append(min(set(error.instance) - set(error.schema.get("properties", {}))))
    if isinstance(error.instance, dict) and error.validator == "required":
        place.append(next(name for name in error.validator_value if name not in error.instance))
    return place[0] + "".join(f"[{part}]" for part in place[1:]) if place else ""
