"""`.env.example` names every setting and nothing else."""

import re
from pathlib import Path

from lld.settings.environment import Environment

EXAMPLE = Path(__file__).resolve().parents[1] / ".env.example"
LOCAL = {"PORT", "HOST", "SANDBOX_PORT", "SANDBOX", "LLD_HOME", "LLD_DEMO"}


def test_every_setting_has_its_line() -> None:
    lines = [line for line in EXAMPLE.read_text().splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Z0-9_]+= +# .+", line) for line in lines)
    names = [line.partition("=")[0] for line in lines]
    assert len(names) == len(set(names))
    assert set(names) == {name.upper() for name in Environment.model_fields} | LOCAL
