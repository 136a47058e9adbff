"""Paging by `page` and `per_page` (or `limit`)."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.cache import caches
from django.db.models import QuerySet
from rest_framework import serializers

from lld.core.api.fields import StrictIntegerField

T = TypeVar("T")
MOST_PER_PAGE = 200
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


class PageQuery(serializers.Serializer[Any]):
    """Adds `window`, a Page, to the validated data. Subclasses set `default_size`."""

    default_size = 50

    page = StrictIntegerField(min_value=1, max_value=10_000_000, default=1, help_text="From 1.")
    per_page = StrictIntegerField(min_value=1, required=False, help_text="Rows a page; above 200 counts as 200.")
    limit = StrictIntegerField(min_value=1, required=False, help_text="Another name of per_page.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        size = attrs.pop("per_page", None) or attrs.pop("limit", None) or self.default_size
        attrs.pop("limit", None)
        attrs["window"] = Page(attrs.pop("page"), min(size, MOST_PER_PAGE))
        return attrs
