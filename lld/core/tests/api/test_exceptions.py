"""Every error has one shape, whatever went wrong and wherever."""

import json
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from psycopg import errors as pg
from redis.exceptions import ConnectionError as RedisDown
from rest_framework.test import APIClient

from lld.core.access import PUBLIC
from lld.core.addresses import subscriber
from lld.core.api.exceptions import flatten
from lld.core.api.views import ApiView
from lld.core.client_address import client_address

pytestmark = pytest.mark.django_db


def shape(answer: Any, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer.headers["Content-Type"] == "application/json"
    body: dict[str, Any] = json.loads(answer.content)
    assert body["success"] is False
    assert body["code"] == code
    assert body["error"]
    assert answer.headers["X-Request-ID"]
    return body


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
def test_what_is_not_json(body: bytes) -> None:
    shape(post(body), 400, "malformed")


@pytest.mark.parametrize("body", [b"[]", b"1", b'"x"', b"null", b"true"])
def test_json_that_is_no_object(body: bytes) -> None:
    shape(post(body), 400, "invalid")


def test_a_body_without_end() -> None:
    shape(post(b'{"a":"' + b"x" * 3_000_000 + b'"}'), 413, "too_large")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_another_content_type(content_type: str) -> None:
    shape(post(b"a=1", content_type), 415, "unsupported_media_type")


def test_unknown_addresses_and_methods() -> None:
    client = Client()
    shape(client.get("/api/nothing"), 404, "not_found")
    shape(client.get("/nothing"), 404, "not_found")
    shape(client.get("/api/products/"), 404, "not_found")
    for call in (client.delete, client.post, client.patch, client.options):
        shape(call("/api/products"), 405, "method_not_allowed")
    assert client.head("/api/products").status_code == 200
    shape(client.get("/api/products/999999999999999999999999"), 404, "not_found")


@pytest.mark.parametrize("path", ["/api/products/sku/a%00b", "/api/products?search=a%00b", "/%00"])
def test_nul_in_an_address(path: str) -> None:
    shape(Client().get(path), 400, "malformed")


def test_a_crash_shows_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_a_database_that_cannot(
    monkeypatch: pytest.MonkeyPatch, cause: Exception | None, status: int, code: str
) -> None:
    def fail(*_: Any) -> None:
        raise OperationalError("no") from cause

    monkeypatch.setattr("catalog.selectors.products.categories", fail)
    shape(Client().get("/api/categories"), status, code)


def test_a_broker_that_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RedisDown

    monkeypatch.setattr("lld.core.throttles.valkey", fail)
    answer = APIClient().post("/api/login", {"username": "a", "password": "b"})
    shape(answer, 503, "dependency_down")


def test_nested_complaints_have_flat_names() -> None:
    detail = {"items": [{}, {"quantity": ["Too few."]}], "non_field_errors": ["No."], "a": {"b": ["c"]}}
    assert flatten(detail) == {"items[1].quantity": ["Too few."], "body": ["No."], "a.b": ["c"]}


def test_a_view_that_forgets_to_say_who_may_call_it_does_not_exist() -> None:
    with pytest.raises(TypeError, match="declares"):
        type("Open", (ApiView,), {"get": lambda *_: None})
    with pytest.raises(TypeError, match="declares"):
        type("Idle", (ApiView,), {"access": {"GET": PUBLIC, "POST": PUBLIC}, "get": lambda *_: None})


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "expected"),
    [
        ("", "203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("10.0.0.0/8", "203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.1", "1.2.3.4, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.0/8", "10.0.0.1", "1.2.3.4, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.0/8", "10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "rubbish", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "9.9.9.9, rubbish", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
        ("10.0.0.0/8", "10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("10.0.0.0/8", "::ffff:10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("10.0.0.0/8", "", "1.2.3.4", ""),
    ],
)
def test_the_callers_address(rf: Any, settings: Any, proxies: str, peer: str, forwarded: str, expected: str) -> None:
    from ipaddress import ip_network

    settings.TRUSTED_PROXIES = [ip_network(proxies)] if proxies else []
    request = rf.get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == expected


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "::ffff:198.51.100.7"),
    ],
)
def test_of_ipv6_a_whole_network_is_one_subscriber(address: str, expected: str) -> None:
    assert subscriber(address) == expected


def test_logs_hold_no_secrets(caplog: pytest.LogCaptureFixture) -> None:
    import logging

    with caplog.at_level(logging.INFO):
        client = APIClient()
        client.post("/api/login", {"username": "ana@cafe.test", "password": "hunter2hunter2"})
        client.get("/api/auth/verify-email/s3cr3tt0k3n")
        client.get("/api/orders/by-phone/3125550147?phone_session_token=s3cr3tt0k3n")
        client.get("/api/staff/me", HTTP_AUTHORIZATION="Bearer s3cr3tt0k3n", HTTP_X_API_KEY="s3cr3tt0k3n")
    text = caplog.text
    assert text.count("api/") >= 4
    for secret in ("hunter2", "s3cr3t", "3125550147", "ana@cafe"):
        assert secret not in text
