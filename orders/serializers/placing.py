"""What every way of placing an order takes: the items, and where they go."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from lld.core.api.fields import LineField, MailField, StrictIntegerField
from lld.core.api.phones import ExtensionField, PhoneWithExtensionField
from lld.core.api.postal import CityField, StateField, StreetField, ZipField
from orders.selectors import DELIVERY_FIELDS
from orders.services.quoting import Item

MOST_LINES = 200
MOST_OF_ONE = 100_000


class ItemInput(serializers.Serializer[Any]):
    """A product by `product_id` or `sku`. Prices are ours: from customers they are ignored, from staff refused."""

    product_id = StrictIntegerField(min_value=1, max_value=2**62, required=False, allow_null=True)
    sku = LineField(max_length=40, required=False, allow_blank=True)
    quantity = StrictIntegerField(min_value=1, max_value=MOST_OF_ONE)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if not attrs.get("product_id") and not attrs.get("sku"):
            raise serializers.ValidationError({"product_id": "Name the product by product_id or sku."})
        return attrs


EXAMPLE_ITEMS = [{"product_id": 12, "quantity": 4}, {"sku": "AP-1004", "quantity": 12}]
EXAMPLE_ADDRESS = {
    "delivery_name": "Ana Ruiz",
    "delivery_company": "Taqueria La Milpa",
    "delivery_address": "1845 S Blue Island Ave",
    "delivery_city": "Chicago",
    "delivery_state": "IL",
    "delivery_zip": "60608",
    "delivery_phone": "+1 312 555 0147",
    "delivery_email": "ana@lamilpa.example",
}


def example(name: str, **value: Any) -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)


@extend_schema_serializer(examples=[example("By id and by SKU", items=EXAMPLE_ITEMS)])
class ItemsInput(serializers.Serializer[Any]):
    items = ItemInput(many=True, allow_empty=False, max_length=MOST_LINES)  # type: ignore[call-arg]  # of the list

    def validate_items(self, items: list[dict[str, Any]]) -> list[Item]:
        return [Item(row["quantity"], row.get("product_id"), row.get("sku", "")) for row in items]


class StaffItemInput(ItemInput):
    """As staff name it, who are told of what is no part of it."""


class StaffItemsInput(ItemsInput):
    items = StaffItemInput(many=True, allow_empty=False, max_length=MOST_LINES)  # type: ignore[call-arg]  # as above


class AddressInput(serializers.Serializer[Any]):
    """Where an order goes."""

    delivery_name = LineField(max_length=200)
    delivery_company = LineField(max_length=200, required=False, allow_blank=True)
    delivery_address = StreetField()
    delivery_city = CityField()
    delivery_state = StateField()
    delivery_zip = ZipField()
    delivery_phone_extension = ExtensionField(required=False, allow_blank=True)
    delivery_phone = PhoneWithExtensionField(required=False, allow_blank=True)


class DeliveryInput(AddressInput):
    """Where an order goes, and to whom."""

    delivery_first_name = LineField(max_length=100, required=False, allow_blank=True)
    delivery_last_name = LineField(max_length=100, required=False, allow_blank=True)
    delivery_email = MailField(max_length=254, required=False, allow_blank=True)


def delivery_columns(data: dict[str, Any]) -> dict[str, Any]:
    """The delivery columns among validated data."""
    return {name: data[name] for name in DELIVERY_FIELDS if name in data}
