"""Pytest plugin: PostgreSQL, Valkey and a sandbox of the suite's own, up before Django reads its settings.

Servers named by DATABASE_URL and REDIS_URL are used instead of the embedded ones. Workers of pytest-xdist
inherit the controller's servers, and have a sandbox each, so that ledgers do not mix.
"""

import atexit
import os
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from lld.stack.servers import EmbeddedServers
from sandbox.testing import SandboxClient, run_sandbox

_running = ExitStack()
atexit.register(_running.close)


def _start_servers() -> None:
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
        return
    home = Path(_running.enter_context(tempfile.TemporaryDirectory(prefix="lld-tests-")))
    servers = _running.enter_context(EmbeddedServers(home, durable=False))
    os.environ.setdefault("DATABASE_URL", servers.database_url)
    os.environ.setdefault("REDIS_URL", servers.redis_url)


def _start_sandbox() -> SandboxClient:
    client = _running.enter_context(
        run_sandbox(
            stripe_api_key="sk_test_sandbox",
            stripe_webhook_secret="whsec_test",
            twilio_account_sid="AC" + "0" * 32,
            twilio_auth_token="test-token",
            openai_api_key="sk-test-sandbox",
            r2_access_key_id="r2-test-sandbox",
        )
    )
    os.environ |= {
        "STRIPE_API_BASE": client.stripe_api_base,
        "TWILIO_API_BASE": client.twilio_api_base,
        "OPENAI_BASE_URL": client.openai_base_url,
        "DISCORD_WEBHOOK_URL": client.discord_webhook_url,
        "SMTP_HOST": client.smtp_host,
        "SMTP_PORT": str(client.smtp_port),
    }
    return client


_start_servers()
sandbox_client = _start_sandbox()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not sandbox_client.health()["vendor_specs"]:
        terminalreporter.write_line(
            "The vendors' API descriptions are not here: requests to the sandbox were not checked against them."
        )
