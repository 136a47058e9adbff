"""What reaches Django before any of our code does."""

import io
from typing import Any

import pytest
from django.test import RequestFactory

from lld.wsgi import MOST_UNMEASURED, application

# Real requests open and close connections of their own.
pytestmark = pytest.mark.django_db(transaction=True)


def call(method: str, address: str, content_type: str, body: bytes = b"") -> tuple[str, bytes]:
    environ: dict[str, Any] = RequestFactory().generic(method, address, body, content_type=content_type).environ
    environ["wsgi.input"] = io.BytesIO(body)
    statuses: list[str] = []
    answer = application(environ, lambda status, headers, *_: statuses.append(status))
    return statuses[0], b"".join(answer)


@pytest.mark.parametrize("charset", ["hex", "zlib", "base64", "rot13", "undefined", "idna", "nonsense", '"hex"', ""])
@pytest.mark.parametrize("kind", ["text/plain", "application/json", "multipart/form-data; boundary=b"])
def test_no_charset_that_a_caller_names_ends_in_a_crash(charset: str, kind: str) -> None:
    for address in ("/api/products?search=a", "/api/v1/health?a=é", "/nowhere?a=1"):
        status, body = call("GET", address, f"{kind}; Charset={charset}")
        assert not status.startswith("5"), (address, status)
        assert body.startswith((b"{", b"<"))


def test_a_body_is_utf8_whatever_its_charset_is_said_to_be() -> None:
    status, body = call("POST", "/api/search/ai", "application/json; charset=utf-16", '{"query": "sartén"}'.encode())
    assert status.startswith("200"), body


@pytest.mark.parametrize(("size", "expected"), [(0, "200"), (MOST_UNMEASURED, "413")])
def test_a_body_in_chunks_is_read_and_has_limits(size: int, expected: str) -> None:
    body = '{"query": "sartén"}'.encode() + b" " * size
    environ: dict[str, Any] = RequestFactory().generic("POST", "/api/search/ai", body, "application/json").environ
    del environ["CONTENT_LENGTH"]
    environ |= {"wsgi.input": io.BytesIO(body), "HTTP_TRANSFER_ENCODING": "gzip, Chunked"}
    statuses: list[str] = []
    answer = b"".join(application(environ, lambda status, headers, *_: statuses.append(status)))
    assert statuses[0].startswith(expected), answer
