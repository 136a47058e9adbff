"""Fields that only orders know."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from orders.numbers import normalise_order_number


@extend_schema_field(OpenApiTypes.STR)
class OrderNumberField(serializers.CharField):
    """As people type and say it in, as we keep it out."""

    def to_internal_value(self, data: Any) -> str:
        return normalise_order_number(super().to_internal_value(data))
