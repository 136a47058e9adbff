"""Shapes of the warehouse's requests and answers."""

from typing import Any

from rest_framework import serializers

from lld.core.api.fields import ChoiceField, CleanedField, LineField
from lld.core.api.schema import SuccessField
from orders.enums import OrderStatus, PaymentStatus
from orders.serializers.orders import OrderConflict
from orders.serializers.staff import SEARCH_HELP
from shipping.selectors import ACTIVE, FILTERS, SORTABLE


class ShippingQuery(serializers.Serializer[Any]):
    status = ChoiceField(
        choices=FILTERS,
        default=ACTIVE,
        help_text="Active: confirmed, packed, and pending ones that are paid or on good terms.",
    )
    q = CleanedField(max_length=100, required=False, default="", help_text=SEARCH_HELP)
    sort = ChoiceField(choices=list(SORTABLE), default="created_at")
    dir = ChoiceField(choices=["asc", "desc"], default="asc")


class ShippingLine(serializers.Serializer[Any]):
    product_id = serializers.IntegerField()
    product_name = serializers.CharField()
    product_sku = serializers.CharField()
    product_unit_size = serializers.CharField(allow_blank=True)
    quantity = serializers.IntegerField()
    bin_location = serializers.CharField(allow_blank=True)


class Parcel(serializers.Serializer[Any]):
    """What goes with the goods, for whoever opens the parcel: no prices."""

    id = serializers.IntegerField()
    order_number = serializers.CharField()
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    created_at = serializers.DateTimeField()
    delivery_name = serializers.CharField()
    delivery_company = serializers.CharField(allow_blank=True)
    delivery_address = serializers.CharField()
    delivery_city = serializers.CharField()
    delivery_state = serializers.CharField()
    delivery_zip = serializers.CharField()
    delivery_phone = serializers.CharField(allow_blank=True)
    delivery_phone_extension = serializers.CharField(allow_blank=True)
    special_notes = serializers.CharField(allow_blank=True)
    staff_notes = serializers.CharField(allow_blank=True, help_text="Blank on a packing slip.")
    assigned_to = serializers.CharField(allow_blank=True, help_text="Blank on a packing slip.")
    tracking_number = serializers.CharField(allow_blank=True)
    carrier = serializers.CharField(allow_blank=True)
    confirmed_at = serializers.DateTimeField(allow_null=True)
    picked_at = serializers.DateTimeField(allow_null=True)
    packed_at = serializers.DateTimeField(allow_null=True)
    shipped_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    item_count = serializers.IntegerField(help_text="Number of lines.")
    items = ShippingLine(many=True)


class ShippingOrder(Parcel):
    """An order as the warehouse needs it: no prices."""

    terms_hold = serializers.BooleanField()
    payment_status = serializers.ChoiceField(choices=PaymentStatus.choices)
    version = serializers.IntegerField()


class ShippingOrders(serializers.Serializer[Any]):
    orders = ShippingOrder(many=True)


class ShippingOrderAnswer(serializers.Serializer[Any]):
    order = ShippingOrder()


class ShippingOrderDone(serializers.Serializer[Any]):
    success = SuccessField()
    order = ShippingOrder()


class ShippingConflict(OrderConflict):
    current = ShippingOrder(required=False, help_text="With `version_conflict`: the order as it is now.")


class PackingSlip(serializers.Serializer[Any]):
    slip = Parcel()


class Ship(serializers.Serializer[Any]):
    tracking_number = LineField(max_length=100, required=False, allow_blank=True)
    carrier = LineField(max_length=60, required=False, allow_blank=True)
