"""The environment is checked before anything starts, and a problem is one sentence without the value."""

import subprocess
import sys
from ipaddress import ip_network

import pytest

from lld.tests.settings.environments import GOOD, PROJECT, check, read


def test_whole_environment_is_ready_for_production() -> None:
    result = check()
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"DATABASE_URL": ""}, "Environment variable DATABASE_URL is missing; .env.example describes it."),
        ({"STRIPE_API_BASE": "http://127.0.0.1:8001"}, "production does not run against the sandbox"),
    ],
)
def test_problem_ends_the_process_with_one_sentence(changes: dict[str, str], sentence: str) -> None:
    result = check(**changes)
    assert result.returncode == 1
    assert sentence in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_sentry_watches_only_chosen_integrations() -> None:
    """What it finds installed by itself would report failures of the model, in words that may quote people."""
    program = "import django, sentry_sdk; django.setup(); print(*sorted(sentry_sdk.get_client().integrations))"
    dsn = "https://key@errors.invalid/1"
    environment = {"DJANGO_SETTINGS_MODULE": "lld.settings.production", **GOOD, "SENTRY_DSN": dsn}

    shown = subprocess.run(
        [sys.executable, "-c", program], cwd=PROJECT, env=environment, capture_output=True, text=True
    )

    assert {"celery", "django", "logging", "redis"} <= set(shown.stdout.split()), shown.stderr
    assert not {"openai", "httpx2", "boto3"} & set(shown.stdout.split())


@pytest.mark.parametrize("name", sorted(GOOD))
def test_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    with pytest.raises(SystemExit) as end:
        read(monkeypatch, **{name: ""})
    assert end.value.code == f"Environment variable {name} is missing; .env.example describes it."


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SECRET_KEY", "hunter2"),
        ("FIELD_ENCRYPTION_KEY", "hunter2"),
        ("PUBLIC_URL", "hunter2"),
        ("FRONTEND_URL", "ftp://hunter2"),
        ("DATABASE_URL", "mysql://u:hunter2@db/lld"),
        ("DATABASE_URL", "postgresql://u:hunter2@db"),
        ("DATABASE_URL", "postgresql://u:hunter2@[db/lld"),
        ("DATABASE_URL", "postgresql://u:hun%hunter2@db/lld"),
        ("REDIS_URL", "memcached://:hunter2@h"),
        ("REDIS_URL", "redis://:hunter2@h:port/0"),
        ("CORS_ORIGINS", "https://a.test,hunter2.test"),
        ("CORS_ORIGINS", "https://hunter2.test/path"),
        ("MAIL_FROM", "hunter2"),
        ("MAIL_FROM", "LLD\nBcc: hunter2@x.test <a@b.test>"),
        ("SMTP_PORT", "hunter2"),
        ("SMTP_PORT", "70000"),
        ("DELIVERY_FEE", "-1"),
        ("SALES_TAX_RATE", "1"),
        ("TRUSTED_PROXIES", "10.0.0.0/8,hunter2"),
        ("BUSINESS_TIME_ZONE", "Chicago"),
        ("LOG_LEVEL", "hunter2"),
        ("TWILIO_FROM", "312 hunter2"),
        ("TWILIO_ACCOUNT_SID", "hunter2"),
        ("STRIPE_API_BASE", "hunter2"),
        ("EXPOSE_DEBUG_TOKENS", "hunter2"),
    ],
)
def test_malformed_variable_is_named_without_its_value(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(SystemExit) as end:
        read(monkeypatch, **{name: value})

    sentence = str(end.value.code)
    assert sentence.startswith(f"Environment variable {name} is malformed: ")
    assert sentence.endswith(".")
    assert len(sentence.splitlines()) == 1
    assert "hunter2" not in sentence


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("STRIPE_API_KYE", "did you mean STRIPE_API_KEY?"),
        ("SMTP_PASS", "did you mean SMTP_PASSWORD?"),
        ("R2_QQQQQQQQQQ", "it is not one of ours; see .env.example."),
    ],
)
def test_misspelt_variable_gets_a_hint(monkeypatch: pytest.MonkeyPatch, name: str, hint: str) -> None:
    with pytest.raises(SystemExit) as end:
        read(monkeypatch, **{name: "hunter2"})
    assert end.value.code == f"Environment variable {name} is unknown: {hint}"


def test_environment_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = read(
        monkeypatch,
        TRUSTED_PROXIES="10.0.0.0/8, ::1",
        CORS_ORIGINS="https://a.test, http://b.test:3000",
        MAIL_FROM="LLD <orders@lld.test>",
        STRIPE_API_KEY="",
        SMTP_HOST="mail.lld.test",
        REDIS_URL="rediss://:p%40ss@valkey.lld.test:6380/1",
        SOMETHING_ELSE="x",
    )

    assert environment.proxy_networks == (ip_network("10.0.0.0/8"), ip_network("::1"))
    assert environment.cors_origins == ("https://a.test", "http://b.test:3000")
    assert environment.stripe_api_key is None
    assert environment.smtp_encrypts

    assert not read(monkeypatch, SMTP_HOST="127.0.0.1").smtp_encrypts


def test_environment_repr_hides_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = dict.fromkeys(
        ("STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET", "TWILIO_AUTH_TOKEN", "DISCORD_WEBHOOK_URL", "SMTP_PASSWORD"),
        "hunter2",
    )

    text = repr(read(monkeypatch, **secrets))

    assert "hunter2" not in text
    assert GOOD["SECRET_KEY"] not in text
    assert GOOD["DATABASE_URL"] not in text
