"""Each refusal that a view can make, through the whole of Django."""

import json
import logging
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client
from django.urls import include, path
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from lld.core import audit
from lld.core.access import CUSTOMERS, PUBLIC, STAFF, Scope, api_key
from lld.core.actors import SYSTEM
from lld.core.api.schema import ErrorSerializer
from lld.core.api.views import ApiView
from lld.core.errors import (
    Conflict,
    ErrorCode,
    Forbidden,
    GatewayError,
    GatewayTimeout,
    InvalidInput,
    NotConfigured,
    NotFound,
    Overloaded,
    Throttled,
)
from lld.core.models import AuditEntry
from tests.factories import as_customer, as_key, as_staff

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


class Line(serializers.Serializer[Any]):
    quantity = serializers.IntegerField(min_value=1)


class Order(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=5)
    items = Line(many=True)


class Raising(ApiView):
    """Raises what the test put here."""

    access = {"GET": PUBLIC, "POST": PUBLIC}
    authentication_classes = ()
    error: Exception

    def get(self, request: Request) -> Response:
        raise self.error

    def post(self, request: Request) -> Response:
        return Response(self.body(Order))


class Guarded(ApiView):
    access = {"GET": CUSTOMERS, "POST": CUSTOMERS | api_key(Scope.VOICE), "DELETE": STAFF}

    def get(self, request: Request) -> Response:
        return Response({"kind": self.actor.kind})

    post = delete = get


def plain(request: HttpRequest) -> HttpResponse:
    raise Raising.error


urlpatterns = [
    path("raising", Raising.as_view()),
    path("guarded", Guarded.as_view()),
    path("plain", plain),
    path("", include("lld.urls")),
]
handler400 = "lld.core.api.exceptions.bad_request"
handler403 = "lld.core.api.exceptions.permission_denied"
handler404 = "lld.core.api.exceptions.not_found"
handler500 = "lld.core.api.exceptions.server_error"


def shape(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["X-Request-ID"]
    body: dict[str, Any] = json.loads(answer.content)
    assert (body["success"], body["code"]) == (False, code)
    filled = ErrorSerializer(data=body)
    assert filled.is_valid(), filled.errors
    return body


def raised(monkeypatch: pytest.MonkeyPatch, error: Exception, address: str = "/raising") -> Any:
    monkeypatch.setattr(Raising, "error", error, raising=False)
    return Client(raise_request_exception=False).get(address)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (InvalidInput("No.", fields={"a": ["No."]}), 400, "invalid"),
        (Forbidden("No."), 403, "forbidden"),
        (NotFound("No."), 404, "not_found"),
        (Conflict("No."), 409, "conflict"),
        (Conflict("No.", code=ErrorCode.OUT_OF_STOCK, extra={"items": [1]}), 409, "out_of_stock"),
        (Throttled("No.", retry_after=0), 429, "throttled"),
        (Overloaded("No.", retry_after=0), 503, "overloaded"),
        (NotConfigured("STRIPE_API_KEY"), 503, "not_configured"),
        (GatewayError("Stripe", "Stripe failed."), 502, "vendor_failed"),
        (GatewayTimeout("Stripe"), 504, "vendor_timeout"),
        (Http404(), 404, "not_found"),
        (PermissionDenied(), 403, "forbidden"),
        (SuspiciousOperation("secret"), 400, "malformed"),
        (RequestDataTooBig("secret"), 413, "too_large"),
    ],
)
def test_refusals_have_their_status_and_code(
    monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    answer = raised(monkeypatch, error)

    body = shape(answer, status, code)
    assert "secret" not in answer.content.decode()
    keys = {"success", "error", "code"} | ({"fields"} if getattr(error, "fields", None) else set())
    assert set(body) == keys | set(getattr(error, "extra", {}))
    assert answer.headers.get("Retry-After") == ("1" if code in {"throttled", "overloaded"} else None)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404("secret"), 404, "not_found"),
        (PermissionDenied("secret"), 403, "forbidden"),
        (SuspiciousOperation("secret"), 400, "malformed"),
        (RequestDataTooBig("secret"), 413, "too_large"),
        (KeyError("secret"), 500, "server_error"),
    ],
)
def test_refusals_outside_the_api_have_one_shape(
    monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    answer = raised(monkeypatch, error, "/plain")
    assert set(shape(answer, status, code)) == {"success", "error", "code"}
    assert "secret" not in answer.content.decode()


def test_crash_is_logged_without_its_message(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        answer = raised(monkeypatch, KeyError("ana@cafe.test"))

    assert set(shape(answer, 500, "server_error")) == {"success", "error", "code"}
    logged: Any = next(record.msg for record in caplog.records if record.levelname == "ERROR")
    assert (logged["event"], logged["error"]) == ("crash", "KeyError")
    assert logged["frames"][-1].endswith(" get")
    assert __file__ in logged["frames"][-1]
    assert logged["request_id"] == answer.headers["X-Request-ID"]
    assert "ana@cafe.test" not in caplog.text


def test_field_errors_name_their_fields() -> None:
    answer = Client().post(
        "/raising", {"name": "too long", "items": [{"quantity": 1}, {"quantity": 0}]}, "application/json"
    )

    body = shape(answer, 400, "invalid")
    assert set(body["fields"]) == {"name", "items[1].quantity"}
    assert body["error"].startswith("name: ")


@pytest.mark.parametrize("body", [b"", b"{}"])
def test_empty_body_is_an_object_without_fields(body: bytes) -> None:
    answer = Client().generic("POST", "/raising", body, "application/json")
    assert set(shape(answer, 400, "invalid")["fields"]) == {"name", "items"}


def test_nul_in_a_field_is_a_field_error() -> None:
    answer = Client().generic("POST", "/raising", b'{"name":"a\\u0000","items":[]}', "application/json")
    assert set(shape(answer, 400, "invalid")["fields"]) == {"name"}


def test_credentials_missing_invalid_or_not_allowed() -> None:
    client = Client()

    stranger = client.get("/guarded")
    shape(stranger, 401, "not_authenticated")

    bad = client.get("/guarded", HTTP_AUTHORIZATION="Bearer x")
    shape(bad, 401, "invalid_credentials")

    unknown = client.post("/api/login", {"username": "a", "password": "b"}, "application/json")
    shape(unknown, 401, "invalid_credentials")
    for answer in (stranger, bad, unknown):
        assert answer.headers["WWW-Authenticate"].endswith('realm="lld"')

    shape(as_staff().get("/guarded"), 403, "forbidden")
    shape(as_customer().delete("/guarded"), 403, "forbidden")
    assert as_key(Scope.VOICE).post("/guarded").json() == {"kind": "api_key"}
    shape(as_key(Scope.QUEUE).post("/guarded"), 403, "forbidden")


def test_session_without_csrf_token_is_refused() -> None:
    customer = as_customer()
    customer.credentials()
    shape(customer.post("/guarded"), 403, "csrf_failed")


def test_invalid_utf8_in_an_address_is_no_crash() -> None:
    assert Client().get("/api/products?search=%ff%ed%a0%80").status_code == 200
    shape(Client().get("/api/products/sku/%ff"), 404, "not_found")


def test_audit_row_has_the_request_id(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(view: Raising, request: Request) -> Response:
        audit.record("test", actor=SYSTEM, target=AuditEntry(pk=1))
        return Response({})

    monkeypatch.setattr(Raising, "get", write)

    answer = Client().get("/raising")

    assert AuditEntry.objects.get().request_id == answer.headers["X-Request-ID"]
