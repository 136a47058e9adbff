"""Examples for the API document: what each row of `tests/api` sends and is answered, in values that stay the same."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from lld.core.api.examples import FOLDER
from lld.core.clock import business_today
from tests import api
from tests.api.callers import EVERYONE, client_of
from tests.api.route import Call, Route
from tests.api.world import World
from tests.contract.other_answers import OTHER_ANSWERS, SHOWN_INSTEAD
from tests.factories import CategoryFactory, CustomerFactory, ProductFactory, StaffFactory
from tests.tries import forget_tries

APPS = {
    "core": api.core.ROUTES,
    "accounts": api.accounts.ROUTES,
    "catalog": api.catalog.ROUTES,
    "orders": api.orders.ROUTES,
    "shipping": api.shipping.ROUTES,
    "staffportal": api.staffportal.ROUTES,
}
# Who is shown as the caller, of those who get through: who sees all that there is to see.
SHOWN = ("customer", "key:voice", "key:catalog:write", "key:catalog:read", "manager", "admin", "staff", "sales_rep")

BASE = datetime(2026, 3, 2, 15, 0, tzinfo=UTC)
NEAR = timedelta(days=45)
SECRETS = re.compile(r"(^|_)(token|secret|raw_key|session_id|preview)$")
STAYING = {"code": 123456, "SMTP_PORT": 587}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_NUMBER = re.compile(r"\bLLD-[0-9A-Z]{4}-[0-9A-Z]{4}\b")
_CHANGING = (
    (re.compile(r"\b(pi|cs|pm|re|ch|plink|cus|evt)_\w+"), r"\1_example"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "00000000-0000-4000-8000-000000000000"),
    (re.compile(r"\b[0-9a-f]{16,}\b"), "0123456789abcdef"),
    (re.compile(r"127\.0\.0\.1:\d+"), "127.0.0.1:8001"),
    (re.compile(r"\b[\w-]{20,}:[\w-]{5,8}:[\w-]{20,}"), "signed-token"),
)


def record(app: str, operation_ids: dict[str, str]) -> dict[str, Any]:
    """Of each operation of an app the examples, in the order of its rows. Leaves no rows behind."""
    found: dict[str, Any] = {}
    for route in APPS[app]:
        operation = operation_ids[route.name]
        found[operation] = list(_examples(route, operation))
    return found


def path_of(app: str) -> Path:
    return FOLDER / f"{app}.json"


def write(app: str, examples: dict[str, Any]) -> None:
    path_of(app).write_text(json.dumps(examples, indent=1, ensure_ascii=False) + "\n")


def shape(value: Any) -> Any:
    """Keys and types of an example; of a list, each shape once."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    if isinstance(value, list):
        return sorted({json.dumps(shape(part), sort_keys=True) for part in value})
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def _examples(route: Route, operation: str) -> Iterator[dict[str, Any]]:
    calls = [
        (SHOWN_INSTEAD.get(operation, route.call), ""),
        *((documented.call, documented.by) for documented in route.documented),
    ]
    for number, (make_call, by) in enumerate(calls):
        # What the contract asks of a public route besides is asked by who is signed in.
        caller = by or ("customer" if number and route.callers == EVERYONE else _shown_caller(route))
        with transaction.atomic():
            example = _example(route, make_call, caller)
            transaction.set_rollback(True)
        yield {"name": operation if number == 0 else f"{operation}_{number + 1}", "by": caller, **example}
    for other in OTHER_ANSWERS:
        if other.operation == operation:
            with transaction.atomic():
                example = _example(route, other.call, other.by, other.headers, other.meanwhile)
                transaction.set_rollback(True)
            told = example["answer"]
            name = told.get("code") or told.get("status") or "again"
            yield {"name": f"{operation}_{name}", "by": other.by, **example}


def _shown_caller(route: Route) -> str:
    if route.callers == EVERYONE:
        return "anonymous"
    return next(caller for caller in SHOWN if caller in route.callers)


def _example(
    route: Route, make_call: Any, caller: str, headers: Mapping[str, str] = {}, meanwhile: Any = nullcontext
) -> dict[str, Any]:
    for factory in (CategoryFactory, CustomerFactory, ProductFactory, StaffFactory):
        factory.reset_sequence(1, force=True)
    # Kept answers and tries are of rows that are gone again.
    caches["process"].clear()
    forget_tries()
    client = client_of(caller)
    call: Call = make_call(World.of(client))
    client.defaults.update(headers)
    with meanwhile():
        answer = call.send(client, route.method, route.path)
    plain = Plain()
    example: dict[str, Any] = {"status": answer.status_code}
    if call.body:
        example["request"] = plain(call.body)
    if answer.content and answer.headers["Content-Type"] == "application/json":
        example["answer"] = plain(answer.json())
    return example


class Plain:
    """Puts in place of what differs from run to run what does not: ids, numbers, times, tokens."""

    def __init__(self) -> None:
        self._began = datetime.now(UTC)
        self._ids: dict[str, dict[Any, int]] = defaultdict(dict)

    def __call__(self, value: Any, key: str = "", parent: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self(part, name, key) for name, part in value.items()}
        if isinstance(value, list):
            return [self(part, key, parent) for part in value]
        if isinstance(value, SimpleUploadedFile):
            return f"(the bytes of {value.name})"
        if isinstance(value, int) and not isinstance(value, bool):
            return STAYING.get(key) or self._id(value, key, parent)
        return self._text(value, key) if isinstance(value, str) else value

    def _id(self, value: int, key: str, parent: str) -> int:
        kind = parent if key == "id" else re.sub(r"_?ids?$", "", key) if re.search(r"_ids?$|^order$", key) else None
        return value if kind is None else self._known(kind.rstrip("s"), value)

    def _text(self, value: str, key: str) -> str:
        if SECRETS.search(key) and value:
            return f"({key.replace('_', ' ')})"
        if key in STAYING and value.isdecimal():
            return str(STAYING[key])
        if _TIME.fullmatch(value):
            return self._time(value)
        if _DATE.fullmatch(value):
            return self._date(value)
        if value.startswith("data:image/"):
            return "data:image/png;base64,…"
        for changing, stays in _CHANGING:
            value = changing.sub(stays, value)
        return _NUMBER.sub(lambda found: f"LLD-7K2M-{self._known('number', found[0]):04}", value)

    def _known(self, kind: str, value: Any) -> int:
        """Which of its kind this is, in the order in which they are told."""
        known = self._ids[kind]
        return known.setdefault(value, len(known) + 1)

    def _time(self, value: str) -> str:
        since = datetime.fromisoformat(value) - self._began
        if abs(since) > NEAR:
            return value
        ten = timedelta(minutes=10)
        return f"{BASE + round(since / ten) * ten:%Y-%m-%dT%H:%M:%SZ}"

    def _date(self, value: str) -> str:
        since = date.fromisoformat(value) - business_today()
        return value if abs(since) > NEAR else (BASE.date() + since).isoformat()
