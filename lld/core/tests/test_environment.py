"""The environment is checked before anything starts, and a problem is one sentence without the value."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[3]

GOOD = {
    "SECRET_KEY": "s" * 50,
    "FIELD_ENCRYPTION_KEY": "f" * 50,
    "PUBLIC_URL": "https://api.lld.test",
    "FRONTEND_URL": "https://www.lld.test",
    "DATABASE_URL": "postgresql://lld:pw@db.lld.test/lld",
    "REDIS_URL": "redis://valkey.lld.test/0",
    "DJANGO_SETTINGS_MODULE": "lld.settings.production",
}


def check(**changes: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], **GOOD, **changes}
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)


def test_a_whole_environment_is_ready_for_production() -> None:
    result = check(SECRET_KEY="Zq3vN8xKp2Lw7RtYb5HcJ9mD4sFgA6eU1iOoXzQwErTyVbNmPlKj")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"SECRET_KEY": ""}, "Environment variable SECRET_KEY is missing; .env.example describes it."),
        ({"DATABASE_URL": ""}, "Environment variable DATABASE_URL is missing"),
        ({"DATABASE_URL": "mysql://hunter2@x"}, "Environment variable DATABASE_URL is malformed"),
        ({"SECRET_KEY": "hunter2"}, "Environment variable SECRET_KEY is malformed"),
        ({"PUBLIC_URL": "hunter2"}, "Environment variable PUBLIC_URL is malformed"),
        ({"SMTP_PORT": "hunter2"}, "Environment variable SMTP_PORT is malformed"),
        ({"DELIVERY_FEE": "-1"}, "Environment variable DELIVERY_FEE is malformed"),
        ({"TRUSTED_PROXIES": "10.0.0.0/8,hunter2"}, "Environment variable TRUSTED_PROXIES is malformed"),
        ({"BUSINESS_TIME_ZONE": "Chicago"}, "Environment variable BUSINESS_TIME_ZONE is malformed"),
        ({"TWILIO_FROM": "312 555"}, "Environment variable TWILIO_FROM is malformed"),
        (
            {"STRIPE_API_KYE": "hunter2"},
            "Environment variable STRIPE_API_KYE is unknown: did you mean STRIPE_API_KEY?",
        ),
        ({"STRIPE_API_BASE": "http://127.0.0.1:8001"}, "production does not run against the sandbox"),
    ],
)
def test_a_problem_ends_the_start_with_one_sentence(changes: dict[str, str], sentence: str) -> None:
    result = check(**changes)
    assert result.returncode == 1
    assert sentence in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert "hunter2" not in result.stderr
