"""Around every request: an id, one log line, and a refusal of bytes that PostgreSQL cannot store."""

import re
import secrets
import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from lld.core import vendor_time
from lld.core.api.exceptions import error_response
from lld.core.clock import business_zone
from lld.core.errors import ErrorCode

GetResponse = Callable[[HttpRequest], HttpResponse]

log = structlog.get_logger(__name__)

_ACCEPTED_ID = re.compile(r"^[A-Za-z0-9-]{8,64}$")


class RequestLogMiddleware:
    """Binds `request_id` to all logs of the request and writes one line about its answer.

    The line names the route, never the path: paths carry tokens, order numbers and phone numbers.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        offered = request.headers.get("X-Request-ID", "")
        request_id = offered if _ACCEPTED_ID.match(offered) else secrets.token_hex(8)
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        began = time.perf_counter()
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        match = request.resolver_match
        log.info(
            "request",
            method=request.method,
            route=match.route if match else None,
            status=response.status_code,
            ms=round((time.perf_counter() - began) * 1000, 1),
        )
        return response


class VendorTimeMiddleware:
    """What passes here is a web request, and waits only so long for vendors."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with vendor_time.allow(vendor_time.REQUEST_SECONDS):
            return self.get_response(request)


class RefuseChunksMiddleware:
    """A body without a length.

    Django would take it for empty, and granian does not tell one that broke off from a whole one.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "Transfer-Encoding" in request.headers and not request.headers.get("Content-Length"):
            sentence = "Send the body with its Content-Length, not in chunks."
            return error_response(411, ErrorCode.LENGTH_REQUIRED, sentence)
        return self.get_response(request)


class ConsoleTimeMiddleware:
    """The console shows business time; the API answers in UTC."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path.startswith("/admin/"):
            return self.get_response(request)
        with timezone.override(business_zone()):
            return self.get_response(request)


class RefuseNulMiddleware:
    """A NUL in a path, query or cookie can match nothing, and would be an error of the database."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\0" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return error_response(400, ErrorCode.MALFORMED, "The address contains a NUL character.")
        # Quoted cookies may spell it as \000.
        if any("\0" in value for value in request.COOKIES.values()):
            return error_response(400, ErrorCode.MALFORMED, "A cookie contains a NUL character.")
        return self.get_response(request)
