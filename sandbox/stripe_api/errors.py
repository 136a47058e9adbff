"""Stripe's error answers."""

from typing import Any

from sandbox.store import Json


class StripeError(Exception):
    """An answer that is not 2xx. `saved` says whether an idempotency key remembers it: Stripe keeps
    every result of a call that began to execute, and none of one that it turned away before."""

    def __init__(self, status: int, *, saved: bool = True, **fields: Any) -> None:
        super().__init__(fields.get("message"))
        self.status = status
        self.saved = saved
        self.body: Json = {"error": {key: value for key, value in fields.items() if value is not None}}


def invalid_request(
    message: str, *, param: str | None = None, code: str | None = None, status: int = 400, **fields: Any
) -> StripeError:
    return StripeError(status, type="invalid_request_error", message=message, param=param, code=code, **fields)


def invalid_param(message: str, param: str, code: str | None = None) -> StripeError:
    """A parameter that does not validate: the call never began."""
    return StripeError(400, saved=False, type="invalid_request_error", message=message, param=param, code=code)


def missing(kind: str, object_id: str, param: str, status: int = 400) -> StripeError:
    return invalid_request(f"No such {kind}: '{object_id}'", param=param, code="resource_missing", status=status)


def failure(status: int) -> Json:
    """Body of an injected 429 or 500."""
    if status == 429:
        return {"error": {"type": "invalid_request_error", "code": "rate_limit", "message": "Too many requests."}}
    return {"error": {"type": "api_error", "message": "An unknown error occurred."}}
