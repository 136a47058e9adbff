"""Windows into long lists, and what may be a few seconds old.

A list that grows at its head is read on from a place: a page by number would show again what has moved down.
"""

import binascii
import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.core.cache import caches
from django.db.models import Q, QuerySet

T = TypeVar("T")
COUNT_SECONDS = 5
LARGEST_ID = 2**63 - 1


@dataclass(frozen=True)
class Place:
    """A row of a list that is the newest first: its `created_at`, and its id among those of the same instant."""

    at: datetime
    pk: int

    @classmethod
    def read(cls, cursor: str) -> "Place":
        """ValueError for what no list has given out. It says where to read on, not what may be read."""
        try:
            at, _, pk = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii").partition(" ")
            place = cls(datetime.fromisoformat(at).astimezone(UTC), int(pk))
        except (ValueError, binascii.Error, OverflowError) as error:
            raise ValueError("is no cursor") from error
        if not 0 < place.pk <= LARGEST_ID or place.cursor != cursor:
            raise ValueError("is no cursor")
        return place

    @property
    def cursor(self) -> str:
        return self.spelt(f"{self.at:%Y-%m-%dT%H:%M:%S.%fZ} {self.pk}")

    @staticmethod
    def spelt(place: str) -> str:
        """The cursor of a place whose instant and id were put into text."""
        return urlsafe_b64encode(place.encode()).decode().rstrip("=")

    def rows_behind(self) -> Q:
        """What is older, so that one index has both the rows and their order."""
        return Q(created_at__lte=self.at) & (Q(created_at__lt=self.at) | Q(pk__lt=self.pk))


@dataclass(frozen=True)
class Page:
    """A window into a list: `number` from 1, `size` rows; or, of a list with a cursor, those behind `behind`."""

    number: int
    size: int
    behind: Place | None = None

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
