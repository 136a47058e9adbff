"""Shapes of changes of many products at once."""

from collections.abc import Mapping
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.serializers.images import NamedImageField
from catalog.serializers.products import LARGEST_ID, ChangeProduct
from lld.core.api.bodies import read_body
from lld.core.api.fields import LineField, StrictIntegerField
from lld.core.errors import ERROR_CODES

MOST_ROWS = 200


class AnyRow(serializers.Field[Any, Any, Any, Any]):
    """A row as it was sent, so that a bad one does not take the others with it."""

    def to_internal_value(self, data: Any) -> Any:
        return data


class RowsField(serializers.ListField):
    """From 1 to 200 rows. Each is validated by itself, later: `row_of`."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            child=AnyRow(allow_null=True), allow_empty=False, max_length=MOST_ROWS, help_text="1 to 200.", **kwargs
        )


def row_of(serializer: type[serializers.Serializer[Any]], row: Any) -> dict[str, Any]:
    """One validated row. InvalidInput, which names the fields, otherwise."""
    return read_body(serializer(data=row), row, strict=True)


class RowVersion(serializers.Serializer[Any]):
    version = StrictIntegerField(
        min_value=1, required=False, help_text="That the caller saw. Another one by now: `version_conflict`."
    )


class BulkUpdateRow(RowVersion, ChangeProduct):
    """A product by id or SKU, and what to change of it; the SKU stays."""

    id = StrictIntegerField(min_value=1, max_value=LARGEST_ID, required=False, allow_null=True)
    sku = LineField(  # type: ignore[assignment]  # names the product here
        max_length=40, required=False, allow_null=True, allow_blank=True
    )
    image_url = NamedImageField(required=False)
    category_id = None  # type: ignore[assignment]  # takes the field out

    def validate(self, attrs: Mapping[str, Any]) -> Mapping[str, Any]:
        if not attrs.get("id") and not attrs.get("sku"):
            raise serializers.ValidationError({"id": ["Give an id or a SKU."]})
        return attrs


@extend_schema_field(BulkUpdateRow(many=True))
class UpdateRowsField(RowsField):
    pass


class BulkUpdate(serializers.Serializer[Any]):
    products = UpdateRowsField()


class SavedRow(serializers.Serializer[Any]):
    index = serializers.IntegerField(help_text="Of the row in the request, from 0.")
    id = serializers.IntegerField()
    sku = serializers.CharField()
    version = serializers.IntegerField(help_text="As it is now.")


class SkippedRow(serializers.Serializer[Any]):
    index = serializers.IntegerField()
    id = serializers.IntegerField()
    sku = serializers.CharField()
    reason = serializers.CharField()


class RowError(serializers.Serializer[Any]):
    """What the row by itself would have been answered."""

    index = serializers.IntegerField()
    id = serializers.IntegerField(allow_null=True, help_text="As the row has it.")
    sku = serializers.CharField(allow_null=True, help_text="As the row has it.")
    error = serializers.CharField(help_text="A sentence for a person.")
    code = serializers.ChoiceField(choices=ERROR_CODES, help_text="Stable.")
    fields = serializers.DictField(  # type: ignore[assignment]  # the key of the contract
        child=serializers.ListField(child=serializers.CharField()),
        required=False,
        help_text="Invalid input only: complaints by field.",
    )
    version = serializers.IntegerField(required=False, help_text="With `version_conflict`: as it is now.")


class BulkUpdated(serializers.Serializer[Any]):
    success = serializers.BooleanField(help_text="Whether no row failed.")
    updated_count = serializers.IntegerField()
    skipped_count = serializers.IntegerField()
    error_count = serializers.IntegerField()
    updated = SavedRow(many=True)
    skipped = SkippedRow(
        many=True, help_text="Rows that change nothing, or name a product that an earlier one named without error."
    )
    errors = RowError(many=True)  # type: ignore[assignment]  # the key of the contract
