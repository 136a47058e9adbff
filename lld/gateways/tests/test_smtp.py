"""Mail: what is sent, what is refused, and what nobody can slip into a header."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from lld.core.errors import GatewayError, NotConfigured
from lld.gateways import smtp
from sandbox.testing import SandboxClient

MAIL = {"to": "ana@example.test", "subject": "Grüße", "text": "Hello", "html": "<p>Hello</p>"}


def test_mail_arrives_in_text_and_html(sandbox: SandboxClient) -> None:
    smtp.send_message("key", MAIL)
    [mail] = sandbox.mail()
    assert {name: mail[name] for name in MAIL} == MAIL
    assert "orders@lld.invalid" in mail["from"]


def test_message_id_is_the_same_for_a_repeat(sandbox: SandboxClient) -> None:
    ids = [smtp.send_message(key, MAIL) for key in ("one", "one", "two")]
    assert ids[0] == ids[1] != ids[2]
    assert [mail["message_id"] for mail in reversed(sandbox.mail())] == ids
    assert ids[0].endswith("@lld.invalid>")


@pytest.mark.parametrize(
    ("fault", "permanent", "unknown"),
    [("reject_451", False, False), ("reject_550", True, False), ("drop_after_data", False, True)],
)
def test_vendor_failure_is_a_gateway_error(
    sandbox: SandboxClient, fault: str, permanent: bool, unknown: bool
) -> None:
    sandbox.fault("smtp", fault)
    with pytest.raises(GatewayError) as failed:
        smtp.send_message("key", MAIL)
    assert (failed.value.permanent, failed.value.unknown) == (permanent, unknown)
    assert "ana@example.test" not in str(failed.value)


def test_hung_server_times_out(sandbox: SandboxClient, settings: Any) -> None:
    settings.EMAIL_TIMEOUT = 0.3
    sandbox.fault("smtp", "hang", seconds=20)
    with pytest.raises(GatewayError) as failed:
        smtp.send_message("key", MAIL)
    assert (failed.value.permanent, failed.value.unknown) == (False, True)


def test_unreachable_server_is_not_permanent(settings: Any) -> None:
    settings.EMAIL_PORT = 1
    with pytest.raises(GatewayError) as failed:
        smtp.send_message("key", MAIL)
    assert not failed.value.permanent


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Hello\nBcc: eve@evil.test"},
        {"subject": "Hello\r\n\r\nAnother body"},
        {"to": "ana@example.test\nBcc: eve@evil.test"},
        {"to": "ana@example.test, eve@evil.test"},
    ],
)
def test_header_injection_is_refused(sandbox: SandboxClient, changes: dict[str, str]) -> None:
    with pytest.raises(GatewayError) as refused:
        smtp.send_message("key", {**MAIL, **changes})
    assert refused.value.permanent
    assert "evil" not in str(refused.value)
    assert sandbox.mail() == []


def test_address_and_words_are_not_logged(sandbox: SandboxClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        smtp.send_message("key", MAIL)
    assert "ana@example" not in caplog.text
    assert "Hello" not in caplog.text


def test_missing_variable_is_not_configured(without: Callable[[str], None]) -> None:
    without("SMTP_HOST")
    with pytest.raises(NotConfigured, match="SMTP_HOST"):
        smtp.send_message("key", MAIL)
