"""Posts to Discord, on good days and bad ones."""

import logging
from collections.abc import Callable

import pytest
import requests

from lld.core.errors import GatewayError, GatewayTimeout, NotConfigured
from lld.gateways import discord
from sandbox.testing import SandboxClient

POST = {"content": "A new order."}


def test_post_arrives_and_pings_nobody(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = []
    post_it = requests.post
    monkeypatch.setattr(requests, "post", lambda *a, **k: bodies.append(k["json"]) or post_it(*a, **k))

    assert discord.send_message("key", {"content": "@everyone " + "x" * 3000})

    [post] = sandbox.ledger("discord")
    assert post["content"] == ("@everyone " + "x" * 3000)[:2000]
    assert bodies[0]["allowed_mentions"] == {"parse": []}


@pytest.mark.parametrize(
    ("fault", "unknown"),
    [
        ("status_429", False),
        ("status_500", True),
        ("status_500_after_effect", True),
        ("reset_before_effect", True),
        ("reset_after_effect", True),
        ("malformed", True),
    ],
)
def test_vendor_failure_is_a_gateway_error(sandbox: SandboxClient, fault: str, unknown: bool) -> None:
    sandbox.fault("discord", fault)
    with pytest.raises(GatewayError) as failed:
        discord.send_message("key", POST)
    assert (failed.value.permanent, failed.value.unknown) == (False, unknown)
    assert "webhooks" not in str(failed.value)


def test_hung_vendor_times_out(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord, "TIMEOUT", (1, 0.2))
    sandbox.fault("discord", "hang", seconds=20)
    with pytest.raises(GatewayTimeout):
        discord.send_message("key", POST)


def test_invalid_post_is_permanently_refused(sandbox: SandboxClient) -> None:
    with pytest.raises(GatewayError) as refused:
        discord.send_message("key", {"content": ""})
    assert (refused.value.permanent, refused.value.unknown) == (True, False)


def test_webhook_url_is_not_logged(sandbox: SandboxClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        discord.send_message("key", POST)
    assert "webhooks" not in caplog.text


def test_missing_variable_is_not_configured(without: Callable[[str], None]) -> None:
    without("DISCORD_WEBHOOK_URL")
    with pytest.raises(NotConfigured, match="DISCORD_WEBHOOK_URL"):
        discord.send_message("key", POST)
