"""Vendors that are not set up, and ways to name what a call came to."""

from collections.abc import Callable, Iterator

import pytest

from lld.settings.environment import read_environment


@pytest.fixture
def without(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Takes one variable out of the environment for the rest of the test."""

    def take_out(variable: str) -> None:
        monkeypatch.delenv(variable)
        read_environment.cache_clear()

    yield take_out
    monkeypatch.undo()
    read_environment.cache_clear()
