"""`.env.example` names every setting and nothing else, and sets none."""

import re
from itertools import pairwise
from pathlib import Path

from lld.settings.environment import Environment

EXAMPLE = Path(__file__).resolve().parents[1] / ".env.example"
LOCAL = {"PORT", "HOST", "SANDBOX_PORT", "SANDBOX", "LLD_HOME", "LLD_DEMO"}
COMPOSE = {"POSTGRES_PASSWORD"}


def test_every_setting_is_listed_once_and_explained() -> None:
    lines = EXAMPLE.read_text().splitlines()

    explained = [name for above, name in pairwise(lines) if "=" in name and re.match(r"# [A-Z0-9a-z]", above)]
    names = [line.partition("=")[0] for line in lines if line and not line.startswith("#")]

    assert names == [line.partition("=")[0] for line in explained]
    assert len(names) == len(set(names))
    assert set(names) == {name.upper() for name in Environment.model_fields} | LOCAL | COMPOSE


def test_example_sets_nothing() -> None:
    """Not every reader of such files knows comments behind a value: one would be a secret that everyone has."""
    settings = [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Z0-9_]+=", line) for line in settings)
