"""Every error leaves in one shape: `success`, `error`, `code`, and `fields` for invalid input."""

import sys
import traceback
from collections.abc import Mapping
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from psycopg import errors as pg
from redis.exceptions import RedisError
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import set_rollback

from lld.core.api.json import dump
from lld.core.errors import DomainError, ErrorCode, Overloaded, Throttled

log = structlog.get_logger(__name__)

_CODES: dict[type[Exception], ErrorCode] = {
    drf.ParseError: ErrorCode.MALFORMED,
    drf.NotAuthenticated: ErrorCode.NOT_AUTHENTICATED,
    drf.AuthenticationFailed: ErrorCode.INVALID_CREDENTIALS,
    drf.PermissionDenied: ErrorCode.FORBIDDEN,
    drf.NotFound: ErrorCode.NOT_FOUND,
    drf.MethodNotAllowed: ErrorCode.METHOD_NOT_ALLOWED,
    drf.NotAcceptable: ErrorCode.NOT_ACCEPTABLE,
    drf.UnsupportedMediaType: ErrorCode.UNSUPPORTED_MEDIA_TYPE,
}

# HTTP wants a challenge with every 401. Browsers show no prompt for a scheme that they do not know.
CHALLENGE = 'Session realm="lld"'

_BUSY = (pg.DeadlockDetected, pg.LockNotAvailable, pg.SerializationFailure)


def error_body(code: ErrorCode, sentence: str, **extra: Any) -> dict[str, Any]:
    return {"success": False, "error": sentence, "code": str(code), **extra}


def error_response(status: int, code: ErrorCode, sentence: str) -> HttpResponse:
    """An error from outside the API's views: middleware, unknown paths, crashes."""
    return HttpResponse(dump(error_body(code, sentence)), status=status, content_type="application/json")


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler. None for a bug, which Django then reports as a 500."""
    set_rollback()
    told = refusal(error)
    if told is None:
        return None
    status, body = told
    response = Response(body, status=status)
    if isinstance(error, Throttled | Overloaded):
        response["Retry-After"] = str(error.retry_after)
    if challenge := getattr(error, "auth_header", CHALLENGE if status == 401 else None):
        response["WWW-Authenticate"] = challenge
    return response


def refusal(error: Exception) -> tuple[int, dict[str, Any]] | None:
    """Status and body of what a caller is told of an error; None for a bug."""
    if isinstance(error, DomainError):
        return _domain(error)
    if isinstance(error, drf.ValidationError):
        return _invalid(error)
    if isinstance(error, Http404):
        error = drf.NotFound()
    if isinstance(error, PermissionDenied):
        error = drf.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return 413, error_body(ErrorCode.TOO_LARGE, "The body is too large.")
    if isinstance(error, SuspiciousOperation):
        return 400, error_body(ErrorCode.MALFORMED, "The request cannot be read.")
    if isinstance(error, drf.APIException):
        code = _CODES.get(type(error), ErrorCode.INVALID)
        return error.status_code, error_body(code, str(error.detail))
    return _dependency(error)


def _domain(error: DomainError) -> tuple[int, dict[str, Any]]:
    extra = dict(error.extra)
    if error.fields:
        extra["fields"] = error.fields
    return error.status, error_body(error.code, error.sentence, **extra)


def _invalid(error: drf.ValidationError) -> tuple[int, dict[str, Any]]:
    fields = flatten(error.detail)
    name, complaints = next(iter(fields.items()))
    sentence = complaints[0] if name == "body" else f"{name}: {complaints[0]}"
    return 400, error_body(ErrorCode.INVALID, sentence, fields=fields)


def _dependency(error: Exception) -> tuple[int, dict[str, Any]] | None:
    if isinstance(error, OperationalError) and isinstance(error.__cause__, _BUSY):
        log.warning("database_busy", reason=type(error.__cause__).__name__)
        return 409, error_body(ErrorCode.BUSY, "Others are changing the same thing. Try again.")
    if isinstance(error, OperationalError | InterfaceError | RedisError):
        log.error("dependency_down", reason=type(error).__name__)
        sentence = "A service that this needs is down. Try again shortly."
        return 503, error_body(ErrorCode.DEPENDENCY_DOWN, sentence)
    return None


def flatten(detail: Any, prefix: str = "") -> dict[str, list[str]]:
    """DRF's nested complaints as flat names: `items[0].quantity` → its sentences; the whole body is `body`."""
    if isinstance(detail, Mapping):
        flat: dict[str, list[str]] = {}
        for key, value in detail.items():
            name = prefix or "body" if key in {"non_field_errors", "__all__"} else _join(prefix, key)
            flat.update(flatten(value, name))
        return flat
    if isinstance(detail, list) and any(isinstance(part, Mapping | list) for part in detail):
        flat = {}
        for index, part in enumerate(detail):
            if part:
                flat.update(flatten(part, f"{prefix}[{index}]"))
        return flat
    sentences = detail if isinstance(detail, list) else [detail]
    return {prefix or "body": [str(sentence) for sentence in sentences]}


def _join(prefix: str, key: object) -> str:
    if isinstance(key, int):
        return f"{prefix}[{key}]"
    return f"{prefix}.{key}" if prefix else str(key)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return error_response(403, ErrorCode.CSRF_FAILED, "The CSRF token is missing or wrong.")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(404, ErrorCode.NOT_FOUND, "There is nothing at this address.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return error_response(413, ErrorCode.TOO_LARGE, "The body is too large.")
    return error_response(400, ErrorCode.MALFORMED, "The request cannot be read.")


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return error_response(403, ErrorCode.FORBIDDEN, "You may not do this.")


def server_error(request: HttpRequest) -> HttpResponse:
    error = sys.exception()
    return HttpResponse(dump(crash_body(error)), status=500, content_type="application/json")


def crash_body(error: BaseException | None) -> dict[str, Any]:
    """What a caller is told of a bug; the log says where it is."""
    if error is not None:
        # Where, and not the exception's words: they may quote what someone sent.
        frames = [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
        ]
        log.error("crash", error=type(error).__name__, frames=frames)
    return error_body(ErrorCode.SERVER_ERROR, "Something broke on our side. We have been told.")
