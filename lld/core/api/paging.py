"""Paging by `page` and `per_page` (or `limit`), and by `cursor` where a list grows at its head."""

from dataclasses import replace
from typing import Any

from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers

from lld.core.api.fields import LineField, StrictIntegerField
from lld.core.paging import Page, Place

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


CURSOR_HEADER = "X-Next-Cursor"
NEXT_CURSOR_HELP = "For `cursor`, to read on behind the last row of this page; null where there are no more."
# Of answers that are nothing but the rows.
NEXT_CURSOR = OpenApiParameter(
    CURSOR_HEADER,
    str,
    OpenApiParameter.HEADER,
    response=[200],
    description=NEXT_CURSOR_HELP.replace("null", "absent"),
)


class CursorQuery(PageQuery):
    """Pages that can also be read on from the last row: rows that come meanwhile at the head move nothing."""

    cursor = LineField(
        max_length=100, required=False, help_text="`next_cursor` of the page before, instead of `page`."
    )

    def validate_cursor(self, value: str) -> Place:
        try:
            return Place.read(value)
        except ValueError:
            raise serializers.ValidationError("Send the next_cursor of an answer as it was.") from None

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        behind = attrs.pop("cursor", None)
        if behind and attrs["page"] != 1:
            raise serializers.ValidationError({"cursor": ["Send either page or cursor."]})
        filled = super().validate(attrs)
        filled["window"] = replace(filled["window"], behind=behind)
        return filled
