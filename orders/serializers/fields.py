"""Fields that only orders know."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from lld.core.api.fields import LineField, MoneyField
from orders.numbers import normalise_order_number


@extend_schema_field(OpenApiTypes.STR)
class OrderNumberField(LineField):
    """As people type and say it in, as we keep it out."""

    def to_internal_value(self, data: Any) -> str:
        return normalise_order_number(super().to_internal_value(data))


class BalanceField(MoneyField):
    """What is still owed; below zero, what we owe back."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=None, help_text="What is still owed; below zero, what we owe back.", **kwargs)
