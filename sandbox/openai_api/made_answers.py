"""What the simulated model says: the plainest value that fits a schema, with SKUs that it was told of."""

import json
import re
from collections.abc import Sequence
from typing import Any

from sandbox.store import Json

SENTENCE = "Here is what I would look at first."
_MOST_SKUS = 3
_SKU = re.compile(r'"sku"\s*:\s*("(?:[^"\\]|\\.)*")')


def made(schema: Json, texts: Sequence[str]) -> Any:
    """A value that fits `schema`, always the same for the same schema and texts."""
    found = [json.loads(quoted) for text in texts for quoted in _SKU.findall(text)]
    return _Maker(schema, list(dict.fromkeys(found))[:_MOST_SKUS]).value(schema, "")


def looseness(schema: Json) -> str | None:
    """Why OpenAI would not take `schema` as strict, or None: objects must be closed, with all keys required."""
    properties = schema.get("properties", {})
    if schema.get("type") == "object" and schema.get("additionalProperties") is not False:
        return "'additionalProperties' is required to be supplied and to be false."
    if set(schema.get("required", [])) != set(properties):
        return "'required' is required to be supplied and to include every key in properties."
    parts = [*properties.values(), *schema.get("$defs", {}).values(), *schema.get("anyOf", [])]
    parts += [schema["items"]] if isinstance(schema.get("items"), dict) else []
    return next((problem for part in parts if (problem := looseness(part))), None)


class _Maker:
    def __init__(self, root: Json, skus: list[str]) -> None:
        self._root = root
        self._skus = skus

    def value(self, schema: Json, name: str) -> Any:
        """`name` is the property's, in lower case."""
        if "$ref" in schema:
            return self.value(self._resolve(schema["$ref"]), name)
        if "const" in schema:
            return schema["const"]
        if "enum" in schema:
            return schema["enum"][0]
        if "anyOf" in schema:
            return self._chosen(schema["anyOf"], name)
        kind = schema.get("type")
        if isinstance(kind, list):
            return self._chosen([{**schema, "type": one} for one in kind], name)
        if kind == "object":
            return {key: self.value(part, key.lower()) for key, part in schema.get("properties", {}).items()}
        if kind == "array":
            return self._list(schema, name)
        if kind == "string":
            return self._text(schema, name)
        if kind in ("integer", "number"):
            return schema.get("minimum", 0)
        return False if kind == "boolean" else None

    def _chosen(self, branches: list[Json], name: str) -> Any:
        filled = [branch for branch in branches if branch.get("type") != "null"]
        if len(filled) < len(branches) and not ("sku" in name or "text" in name):
            return None
        return self.value(filled[0], name)

    def _list(self, schema: Json, name: str) -> list[Any]:
        if "sku" in name and schema.get("items", {}).get("type") == "string":
            return self._skus[: schema.get("maxItems")]
        return [self.value(schema.get("items", {}), name) for _ in range(schema.get("minItems", 0))]

    def _text(self, schema: Json, name: str) -> str:
        text = next(iter(self._skus), "") if "sku" in name else SENTENCE
        return text[: schema.get("maxLength")]

    def _resolve(self, reference: str) -> Json:
        node: Any = self._root
        for part in reference.removeprefix("#/").split("/"):
            node = node[part]
        schema: Json = node
        return schema
