"""SMS: sent once, or not known to be sent, and never twice."""

import logging
from collections.abc import Callable

import pytest

from lld.core.errors import GatewayError, GatewayTimeout, NotConfigured
from lld.gateways import twilio
from sandbox.testing import SandboxClient

SMS = {"to": "+13125550147", "body": "Your order is on its way."}


@pytest.fixture
def fresh_client() -> None:
    twilio._client.cache_clear()


def test_sms_arrives(sandbox: SandboxClient) -> None:
    sid = twilio.send_message("key", SMS)
    [text] = sandbox.ledger("twilio", "sms")
    assert (text["to"], text["sender"], text["body"]) == (SMS["to"], "+13125550100", SMS["body"])
    assert sid.startswith("SM")


@pytest.mark.parametrize(
    ("fault", "unknown", "sent"),
    [
        ("status_429", False, 0),
        ("status_500", True, 0),
        ("status_500_after_effect", True, 1),
        ("reset_before_effect", True, 0),
        ("reset_after_effect", True, 1),
        ("malformed", True, 1),
    ],
)
def test_vendor_failure_is_a_gateway_error(sandbox: SandboxClient, fault: str, unknown: bool, sent: int) -> None:
    sandbox.fault("twilio", fault, method="POST")
    with pytest.raises(GatewayError) as failed:
        twilio.send_message("key", SMS)
    assert (failed.value.permanent, failed.value.unknown) == (False, unknown)
    assert len(sandbox.ledger("twilio", "sms")) == sent


def test_hung_vendor_times_out(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, fresh_client: None) -> None:
    monkeypatch.setattr(twilio, "TIMEOUT_SECONDS", 0.2)
    sandbox.fault("twilio", "hang", seconds=20)

    with pytest.raises(GatewayTimeout) as silent:
        twilio.send_message("key", SMS)
    twilio._client.cache_clear()

    assert silent.value.unknown


def test_unreachable_vendor_has_done_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio, "optional", lambda _: "http://127.0.0.1:1")
    with pytest.raises(GatewayError) as failed:
        twilio.send_message("key", SMS)
    assert (failed.value.permanent, failed.value.unknown) == (False, False)


@pytest.mark.parametrize("changes", [{"to": "nonsense"}, {"body": ""}])
def test_invalid_sms_is_permanently_refused(sandbox: SandboxClient, changes: dict[str, str]) -> None:
    with pytest.raises(GatewayError) as refused:
        twilio.send_message("key", {**SMS, **changes})
    assert (refused.value.permanent, refused.value.unknown) == (True, False)
    assert refused.value.vendor_code.isdecimal()
    assert sandbox.ledger("twilio", "sms") == []


def test_number_text_and_token_are_not_logged_or_told(
    sandbox: SandboxClient, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox.fault("twilio", "status_500")

    with caplog.at_level(logging.DEBUG):
        with pytest.raises(GatewayError) as failed:
            twilio.send_message("key", SMS)
        twilio.send_message("key", SMS)

    for secret in (SMS["to"], SMS["to"][1:], SMS["body"], "test-token", "Basic "):
        assert secret not in caplog.text + str(failed.value)


@pytest.mark.parametrize("variable", ["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"])
def test_missing_variable_is_not_configured(without: Callable[[str], None], variable: str) -> None:
    without(variable)
    with pytest.raises(NotConfigured, match=variable):
        twilio.send_message("key", SMS)
