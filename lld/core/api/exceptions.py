"""Every error leaves in one shape: `success`, `error`, `code`, and `fields` for invalid input."""

import sys
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import set_rollback

from lld.core.api.json import dump
from lld.core.errors import ErrorCode, GatewayBusy, InvalidInput, Overloaded, Throttled
from lld.core.refusals import crash_body, error_body, refusal

_CODES: dict[type[Exception], ErrorCode] = {
    drf.ParseError: ErrorCode.MALFORMED,
    drf.NotAuthenticated: ErrorCode.NOT_AUTHENTICATED,
    drf.AuthenticationFailed: ErrorCode.INVALID_CREDENTIALS,
    drf.PermissionDenied: ErrorCode.FORBIDDEN,
    drf.NotFound: ErrorCode.NOT_FOUND,
    drf.MethodNotAllowed: ErrorCode.METHOD_NOT_ALLOWED,
    drf.UnsupportedMediaType: ErrorCode.UNSUPPORTED_MEDIA_TYPE,
}

# HTTP wants a challenge with every 401. Browsers show no prompt for a scheme that they do not know.
CHALLENGE = 'Session realm="lld"'


def error_response(status: int, code: ErrorCode, sentence: str) -> HttpResponse:
    """An error from outside the API's views: middleware, unknown paths, crashes."""
    return HttpResponse(dump(error_body(code, sentence)), status=status, content_type="application/json")


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """DRF's exception handler. None for a bug, which Django then reports as a 500."""
    set_rollback()
    told = _told(error)
    if told is None:
        return None
    status, body = told
    response = Response(body, status=status)
    if isinstance(error, Throttled | Overloaded | GatewayBusy):
        response["Retry-After"] = str(error.retry_after)
    if challenge := getattr(error, "auth_header", CHALLENGE if status == 401 else None):
        response["WWW-Authenticate"] = challenge
    return response


def _told(error: Exception) -> tuple[int, dict[str, Any]] | None:
    """Status and body of what a caller is told of an error, DRF's and Django's own among them; None for a bug."""
    if isinstance(error, drf.ValidationError):
        return refusal(invalid_input(error))
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
    return refusal(error)


def invalid_input(error: drf.ValidationError) -> InvalidInput:
    """The same complaints as an error of ours."""
    return invalid_fields(flatten(error.detail))


def invalid_fields(fields: Mapping[str, list[str]]) -> InvalidInput:
    """400 with complaints by flat names, the first of which is the sentence for a person."""
    name, complaints = next(iter(fields.items()))
    return InvalidInput(complaints[0] if name == "body" else f"{name}: {complaints[0]}", fields=fields)


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
