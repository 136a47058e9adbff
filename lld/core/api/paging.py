"""Paging by `page` and `per_page` (or `limit`)."""

from typing import Any

from rest_framework import serializers

from lld.core.api.fields import StrictIntegerField
from lld.core.paging import Page

MOST_PER_PAGE = 200


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
