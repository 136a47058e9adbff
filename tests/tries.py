"""The counts of tries, between tests."""

import os

from lld.core.throttles import valkey


def forget_tries() -> None:
    """Only this process's: the other half of the suite counts in the same Valkey."""
    prefix = f"test-{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    keys = list(valkey().scan_iter(f"{prefix}:*"))
    if keys:
        valkey().delete(*keys)
