"""Posts to Discord, on good days and bad ones."""

import logging
from collections.abc import Callable

import pytest
import requests

from lld.core.errors import GatewayError, GatewayTimeout, NotConfigured
from lld.gateways import discord
from sandbox.testing import SandboxClient

POST = {"content": "A new order."}


def test_a_post_arrives_and_pings_nobody(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
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
def test_a_bad_day(sandbox: SandboxClient, fault: str, unknown: bool) -> None:
    sandbox.fault("discord", fault)
    with pytest.raises(GatewayError) as failed:
        discord.send_message("key", POST)
    assert (failed.value.permanent, failed.value.unknown) == (False, unknown)
    assert "webhooks" not in str(failed.value)


def test_a_silence_ends(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discord, "TIMEOUT", (1, 0.2))
    sandbox.fault("discord", "hang", seconds=20)
    with pytest.raises(GatewayTimeout):
        discord.send_message("key", POST)


def test_a_post_that_it_will_never_take(sandbox: SandboxClient) -> None:
    with pytest.raises(GatewayError) as refused:
        discord.send_message("key", {"content": ""})
    assert (refused.value.permanent, refused.value.unknown) == (True, False)


def test_the_address_is_a_secret(sandbox: SandboxClient, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        discord.send_message("key", POST)
    assert "webhooks" not in caplog.text


def test_not_set_up(without: Callable[[str], None]) -> None:
    without("DISCORD_WEBHOOK_URL")
    with pytest.raises(NotConfigured, match="DISCORD_WEBHOOK_URL"):
        discord.send_message("key", POST)
