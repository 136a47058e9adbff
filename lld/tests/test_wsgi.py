"""What reaches Django before any of our code does."""

import io
from typing import Any

import pytest
from django.test import RequestFactory

from lld.wsgi import _bare, application

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
def test_charset_of_any_name_is_no_crash(charset: str, kind: str) -> None:
    for address in ("/api/products?search=a", "/api/v1/health?a=é", "/nowhere?a=1"):
        status, body = call("GET", address, f"{kind}; Charset={charset}")
        assert not status.startswith("5"), (address, status)
        assert body.startswith((b"{", b"<"))


def test_body_is_utf8_whatever_its_charset() -> None:
    status, body = call("POST", "/api/search/ai", "application/json; charset=utf-16", '{"query": "sartén"}'.encode())
    assert status.startswith("200"), body


@pytest.mark.parametrize(
    "kind",
    [
        "application/json; x*=undefined''%41",
        "application/json; x*=bogus''%41",
        "multipart/form-data; boundary*=undefined''BB",
        "a/b; charset*=utf-8''hex",
        "a/b; charset*=hex",
        "a/b; charset*0=he; charset*1=x",
        ";;;",
    ],
)
def test_content_type_parameters_are_no_crash(kind: str) -> None:
    status, body = call("GET", "/api/products?search=a", kind)
    assert status.startswith("200"), body


def test_charset_utf7_lets_no_nul_through() -> None:
    assert call("GET", "/api/products?search=%2BAAA-", "a/b; charset*=utf-7")[0].startswith("200")


@pytest.mark.parametrize("boundary", ["b", '"b"'])
def test_form_keeps_its_boundary(boundary: str) -> None:
    assert (
        _bare(f"multipart/form-data; charset=hex; boundary={boundary}") == f"multipart/form-data; boundary={boundary}"
    )
