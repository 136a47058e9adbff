"""Every error has one shape, whatever went wrong and wherever."""

from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from psycopg import errors as pg
from redis.exceptions import ConnectionError as RedisDown
from rest_framework.test import APIClient

from lld.core.api.exceptions import flatten
from lld.core.tests.answers import shape

pytestmark = pytest.mark.django_db


def post(body: bytes, content_type: str = "application/json", **extra: Any) -> Any:
    return Client().generic("POST", "/api/orders", body, content_type, **extra)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": "\\ud800"}',
        b"\xff\xfe",
        b"[" * 10_000 + b"]" * 10_000,
        b'{"items":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    ],
)
def test_invalid_json_is_malformed(body: bytes) -> None:
    shape(post(body), 400, "malformed")


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null", b"true"])
def test_json_other_than_an_object_is_invalid(body: bytes) -> None:
    shape(post(body), 400, "invalid")


def test_oversized_body_is_too_large() -> None:
    shape(post(b'{"a":"' + b"x" * 3_000_000 + b'"}'), 413, "too_large")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_other_content_types_are_refused(content_type: str) -> None:
    shape(post(b"a=1", content_type), 415, "unsupported_media_type")


def test_unknown_addresses_and_methods_are_refused() -> None:
    client = Client()

    shape(client.get("/api/nothing"), 404, "not_found")
    shape(client.get("/nothing"), 404, "not_found")
    shape(client.get("/api/products/"), 404, "not_found")
    for call in (client.delete, client.post, client.patch):
        shape(call("/api/products"), 405, "method_not_allowed")
    assert client.head("/api/products").status_code == 200
    shape(client.get("/api/products/999999999999999999999999"), 404, "not_found")


def test_crash_shows_no_detail(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("secret detail of SELECT * FROM users")

    monkeypatch.setattr("catalog.selectors.products.categories", crash)

    answer = Client(raise_request_exception=False).get("/api/categories")

    body = shape(answer, 500, "server_error")
    assert set(body) == {"success", "error", "code"}
    assert "secret" not in answer.content.decode()


@pytest.mark.parametrize(
    ("cause", "status", "code"),
    [
        (pg.DeadlockDetected(), 409, "busy"),
        (pg.LockNotAvailable(), 409, "busy"),
        (pg.QueryCanceled(), 503, "dependency_down"),
        (None, 503, "dependency_down"),
    ],
)
def test_database_trouble_is_busy_or_down(
    monkeypatch: pytest.MonkeyPatch, cause: Exception | None, status: int, code: str
) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("no") from cause

    monkeypatch.setattr("catalog.selectors.products.categories", fail)
    shape(Client().get("/api/categories"), status, code)


def test_valkey_down_is_dependency_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RedisDown

    monkeypatch.setattr("lld.core.throttles.valkey", fail)
    answer = APIClient().post("/api/login", {"username": "a", "password": "b"})
    shape(answer, 503, "dependency_down")


def test_nested_field_errors_have_flat_names() -> None:
    detail = {"items": [{}, {"quantity": ["Too few."]}], "non_field_errors": ["No."], "a": {"b": ["c"]}}
    assert flatten(detail) == {"items[1].quantity": ["Too few."], "body": ["No."], "a.b": ["c"]}
