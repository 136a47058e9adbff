"""Environments for tests: one that is good for production, and ways to try it with changes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lld.settings.environment import Environment, read_environment

PROJECT = Path(__file__).resolve().parents[3]

GOOD = {
    "SECRET_KEY": "Zq3vN8xKp2Lw7RtYb5HcJ9mD4sFgA6eU1iOoXzQwErTyVbNmPlKj",
    "FIELD_ENCRYPTION_KEY": "f" * 50,
    "PUBLIC_URL": "https://api.lld.test",
    "FRONTEND_URL": "https://www.lld.test",
    "DATABASE_URL": "postgresql://lld:pw@db.lld.test/lld",
    "REDIS_URL": "redis://valkey.lld.test/0",
}
PRODUCTION = {**GOOD, "DJANGO_SETTINGS_MODULE": "lld.settings.production", "MEDIA_ROOT": "/srv/media"}


def check(**changes: str) -> "subprocess.CompletedProcess[str]":
    environment = {"PATH": os.environ["PATH"], **PRODUCTION, **changes}
    command = [sys.executable, "-m", "django", "check", "--deploy", "--fail-level", "WARNING"]
    return subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True)


def read(monkeypatch: pytest.MonkeyPatch, **changes: str) -> Environment:
    monkeypatch.setattr("os.environ", {**GOOD, **changes})
    return read_environment.__wrapped__()
