"""Examples in the API document: of each operation what was sent and answered, as the tests recorded it.

One file for each of `tests/api`, written by `make openapi`: `{operation: [{name, by, status, request?, answer?}]}`.
Errors that every route may answer are the handler's own words for them.
"""

import json
from collections.abc import Iterator
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import Any

from rest_framework import exceptions as drf

from lld.core.api.exceptions import handle
from lld.core.errors import (
    Conflict,
    ErrorCode,
    Forbidden,
    GatewayBusy,
    GatewayError,
    GatewayTimeout,
    InvalidInput,
    NotConfigured,
    NotFound,
    StaleVersion,
    Throttled,
    TooLarge,
)

FOLDER = Path(__file__).parent
WRONG = "Ensure this value is greater than or equal to 1."

ERRORS: dict[str, tuple[Exception, ...]] = {
    "400": (
        InvalidInput(f"items[0].quantity: {WRONG}", fields={"items[0].quantity": [WRONG]}),
        drf.ParseError("The body is not valid JSON: unexpected character at position 1."),
    ),
    "401": (drf.NotAuthenticated(),),
    "403": (Forbidden("Your role may not do this."),),
    "404": (NotFound("There is no such order."),),
    "409": (Conflict("Others are changing the same thing. Try again.", code=ErrorCode.BUSY),),
    "413": (TooLarge("The body is too large."),),
    "429": (Throttled("Too many tries. Wait a moment.", retry_after=60),),
    "502": (GatewayError("Stripe", "Stripe did not carry this out."),),
    "503": (GatewayBusy("Stripe"), NotConfigured("STRIPE_API_KEY")),
    "504": (GatewayTimeout("Stripe"),),
}
# Beside these, where the operation has the header.
OF_HEADERS: dict[str, Exception] = {
    "If-Match": StaleVersion("order", 1, 7),
    "Idempotency-Key": Conflict(
        "This Idempotency-Key was used for another request.", code=ErrorCode.IDEMPOTENCY_CONFLICT
    ),
}


@cache
def recorded() -> dict[str, list[dict[str, Any]]]:
    """The examples of every operation, by its id."""
    found: dict[str, list[dict[str, Any]]] = {}
    for file in sorted(FOLDER.glob("*.json")):
        found |= json.loads(file.read_text())
    return found


def add_examples(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """drf-spectacular's hook: examples of bodies and answers, and words for statuses that have none."""
    shared = result["components"].setdefault("examples", {})
    for operations in result["paths"].values():
        for operation in operations.values():
            for example in recorded().get(operation["operationId"], ()):
                _add_recorded(operation, example)
            for status, response in operation["responses"].items():
                response["description"] = response["description"] or HTTPStatus(int(status)).phrase
                if _may_be_any_error(response, result["components"]["schemas"]):
                    for error in _errors(operation, status):
                        _add_error(response, error, shared)
    return result


def _add_recorded(operation: dict[str, Any], example: dict[str, Any]) -> None:
    summary = f"As {example['by']}"
    if "request" in example:
        for media in operation.get("requestBody", {}).get("content", {}).values():
            media.setdefault("examples", {})[example["name"]] = {"summary": summary, "value": example["request"]}
    if "answer" in example:
        (media,) = operation["responses"][str(example["status"])]["content"].values()
        media.setdefault("examples", {})[example["name"]] = {"summary": summary, "value": example["answer"]}


def _may_be_any_error(response: dict[str, Any], schemas: dict[str, Any]) -> bool:
    """Whether an error with nothing beyond what every error has is one of these answers."""
    references = [media["schema"].get("$ref", "") for media in response.get("content", {}).values()]
    named = [schemas[reference.rpartition("/")[2]] for reference in references if reference]
    return bool(named) and all(set(schema.get("required", ())) == {"success", "error", "code"} for schema in named)


def _errors(operation: dict[str, Any], status: str) -> Iterator[Exception]:
    yield from ERRORS.get(status, ())
    if status == "409":
        named = {parameter["name"] for parameter in operation.get("parameters", ())}
        yield from (error for header, error in OF_HEADERS.items() if header in named)


def _add_error(response: dict[str, Any], error: Exception, shared: dict[str, Any]) -> None:
    told: Any = handle(error, {})
    code = told.data["code"]
    shared[code] = {"summary": ErrorCode(code).label, "value": told.data}
    for media in response.get("content", {}).values():
        media.setdefault("examples", {})[code] = {"$ref": f"#/components/examples/{code}"}
