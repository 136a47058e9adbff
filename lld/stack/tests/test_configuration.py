"""What the environment says, and what the stack hands on."""

from pathlib import Path

from lld.stack.configuration import Configuration


def test_environment_keeps_secrets_and_can_leave_the_sandbox_out(home: Path) -> None:
    configuration = Configuration.read({"LLD_HOME": str(home), "PORT": "8123", "SANDBOX_PORT": "8124"})

    first, second = configuration.environment(), configuration.environment()
    assert first["SECRET_KEY"] == second["SECRET_KEY"]
    assert first["PUBLIC_URL"] == "http://127.0.0.1:8123"
    assert first["OPENAI_BASE_URL"] == "http://127.0.0.1:8124/openai/v1"

    without = Configuration.read({"LLD_HOME": str(home), "SANDBOX": "0"}).environment()
    vendors = ("STRIPE_", "EASYPOST_", "TWILIO_", "OPENAI_", "ELEVENLABS_", "DISCORD_", "SMTP_", "SANDBOX_")
    assert [name for name in without if name.startswith(vendors)] == []


def test_web_url_of_wildcard_and_ipv6_hosts_opens_in_a_browser() -> None:
    assert Configuration.read({"HOST": "0.0.0.0"}).web_url == "http://127.0.0.1:8000"  # noqa: S104
    assert Configuration.read({"HOST": "::1"}).web_url == "http://[::1]:8000"
