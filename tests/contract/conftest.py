"""What the contract's suites share."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest

Capture = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def _commits(django_capture_on_commit_callbacks: Capture) -> Iterator[None]:
    """What waits for a commit is done, although the test is rolled back; what it raises, the test raises."""
    with django_capture_on_commit_callbacks(execute=True):
        yield
