"""Shapes of API keys."""

from datetime import date, datetime
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from accounts.models import ApiKey
from lld.core.access import DEFAULT_SCOPES, SCOPES, Scope, parse_scopes
from lld.core.api.fields import ChoiceField, LineField, PatternField, TextField
from lld.core.api.schema import SuccessField
from lld.core.clock import business_day, business_today

LAST_YEAR = 2100


class KeyShape(serializers.ModelSerializer[ApiKey]):
    """A key, without what opens anything."""

    created_by = serializers.CharField(
        source="created_by.username", default=None, allow_null=True, help_text="Null where the command line made it."
    )
    revoked_by = serializers.CharField(source="revoked_by.username", default=None, allow_null=True)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=SCOPES))

    class Meta:
        model = ApiKey
        fields = (
            "id",
            "name",
            "prefix",
            "key_preview",
            "description",
            "scopes",
            "is_active",
            "created_at",
            "created_by",
            "expires_at",
            "revoked_at",
            "revoked_by",
            "last_used_at",
            "use_count",
        )


class DayField(serializers.DateField):
    """A day; blank is none, as forms send it."""

    def to_internal_value(self, value: Any) -> date | None:  # type: ignore[override]  # blank is None
        return None if value == "" else super().to_internal_value(value)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "For the voice agent",
            value={"name": "Voice agent", "prefix": "voice", "scopes": ["voice"], "expires_at": "2027-12-31"},
            request_only=True,
        )
    ]
)
class CreateKey(serializers.Serializer[Any]):
    name = LineField(max_length=100)
    prefix = PatternField(
        r"\A[A-Za-z][A-Za-z0-9_-]{1,18}\Z",
        help_text="What the raw key begins with: 2 to 19 letters, digits, _ and -.",
        error_messages={"invalid": "Use 2 to 19 letters, digits, _ and -, a letter first."},
    )
    description = TextField(max_length=500, required=False, allow_blank=True, default="")
    expires_at = DayField(
        required=False, allow_null=True, default=None, help_text="The last day it works, in business time."
    )
    scopes = serializers.ListField(
        child=ChoiceField(choices=SCOPES),
        required=False,
        allow_empty=False,
        max_length=20,
        default=[str(scope) for scope in DEFAULT_SCOPES],
    )

    def validate_expires_at(self, value: date | None) -> datetime | None:
        """The end of that day."""
        if value is None:
            return None
        if not business_today() <= value or value.year > LAST_YEAR:
            raise serializers.ValidationError("Enter a day from today on.")
        return business_day(value)[1]

    def validate_scopes(self, value: list[str]) -> tuple[Scope, ...]:
        return parse_scopes(value)


class CreatedKey(KeyShape):
    raw_key = serializers.CharField(help_text="Shown this once.")
    warning = serializers.CharField()

    class Meta(KeyShape.Meta):
        fields: Any = (*KeyShape.Meta.fields, "raw_key", "warning")


class ChangedKey(serializers.Serializer[Any]):
    success = SuccessField()
    key = KeyShape()


class VerifyKey(serializers.Serializer[Any]):
    raw_key = LineField(max_length=200)


class VerifiedKey(serializers.Serializer[Any]):
    valid = serializers.BooleanField()
    reason = serializers.CharField(allow_blank=True, help_text="Why it is not; blank for a valid key.")
    key = KeyShape(allow_null=True, help_text="Null when there is no such key.")
