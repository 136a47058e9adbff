"""Windows into long lists, and what may be a few seconds old."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.cache import caches
from django.db.models import QuerySet

T = TypeVar("T")
COUNT_SECONDS = 5


@dataclass(frozen=True)
class Page:
    """A window into a list: `number` from 1, `size` rows."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        return (self.number - 1) * self.size

    def pages(self, total: int) -> int:
        return -(-total // self.size)


def recent_count(rows: Callable[[], QuerySet[Any, Any]], *parts: object) -> int:
    """How many rows a list has, as of a few seconds ago. `parts` name the list and its filters.

    Counting is most of the cost of a page, and nobody who pages through thousands needs the very last one.
    """
    return recently(lambda: rows().count(), *parts)


def recently(look: Callable[[], T], *parts: object) -> T:
    """What `look` found a few seconds ago, or finds now. `parts` name what is looked for; None is not kept."""
    key = hashlib.sha256(repr(parts).encode()).hexdigest()
    found: T | None = caches["process"].get(key)
    if found is None:
        found = look()
        caches["process"].set(key, found, COUNT_SECONDS)
    return found
