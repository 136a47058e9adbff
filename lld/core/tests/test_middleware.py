"""Requests on their way in and out: ids, logs, and bytes that are refused."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from lld.core.tests.answers import shape

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("path", ["/api/products/sku/a%00b", "/api/products?search=a%00b", "/%00"])
def test_nul_in_an_address_is_refused(path: str) -> None:
    shape(Client().get(path), 400, "malformed")


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


@pytest.mark.parametrize(
    ("offered", "kept"), [("0123-abcd-EF", True), ("short", False), ("a" * 65, False), ("x y z x y z", False)]
)
def test_request_id_of_the_caller_is_kept_if_valid(offered: str, kept: bool) -> None:
    given = Client().get("/api/v1/health", HTTP_X_REQUEST_ID=offered).headers["X-Request-ID"]
    assert (given == offered) is kept
    assert given


@pytest.mark.django_db
def test_chunked_body_is_refused(api: APIClient) -> None:
    answer = api.post("/api/search/ai", HTTP_TRANSFER_ENCODING="chunked", CONTENT_LENGTH="")
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")
