"""The contract as data, and which of its rows are built."""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.urls import Resolver404, resolve

HERE = Path(__file__).parent

_EXAMPLES = {"int": "1", "string": "x", "str": "x"}


@dataclass(frozen=True)
class Row:
    """One endpoint as the reference has it. `keys` are the documented keys of the answer."""

    method: str
    path: str
    auth: str
    roles: tuple[str, ...]
    also: tuple[str, ...]
    scope: str
    params: tuple[dict[str, Any], ...]
    fields: tuple[dict[str, Any], ...]
    shape: str
    keys: dict[str, Any]

    @property
    def name(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def is_built(self) -> bool:
        """Whether the URL configuration has a view for this path that handles this method."""
        path = re.sub(r"<(?:(\w+):)?\w+>", lambda match: _EXAMPLES[match[1] or "str"], self.path)
        try:
            view = resolve(path).func
        except Resolver404:
            return False
        handled = getattr(getattr(view, "view_class", None), "access", {})
        # `/api/orders/create-account` must not pass for an order of that number.
        return self.method in handled and self.is_of(self.method, resolve(path).route)

    def is_of(self, method: str, route: str) -> bool:
        """Whether it is about this method of a route, as the URL configuration spells it."""
        return self.method == method and _shape(f"/{route}") == _shape(self.path)


def _shape(path: str) -> str:
    return re.sub(r"<[^>]+>", "<>", path)


@cache
def rows() -> tuple[Row, ...]:
    return tuple(
        Row(
            method=row["method"],
            path=row["path"],
            auth=row["auth"],
            roles=tuple(row.get("roles", ())),
            also=tuple(row.get("also", ())),
            scope=row.get("scope", ""),
            params=tuple(row.get("params", ())),
            fields=tuple(row.get("fields", ())),
            shape=row["response"]["shape"],
            keys=row["response"].get("keys", {}),
        )
        for row in json.loads((HERE / "contract.json").read_text())
    )


def not_built_yet() -> list[str]:
    return (HERE / "not_built.txt").read_text().splitlines()
