"""Shapes of what staff do with an order: move it, take money, note, readdress, release."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from lld.core.api.fields import ChoiceField, LineField, MoneyField, TextField
from lld.core.api.schema import SuccessField
from orders.enums import (
    TARGETS,
    OrderStatus,
    PaymentMethod,
    PaymentStatus,
    RefundState,
)
from orders.models import Order
from orders.selectors import DELIVERY_FIELDS
from orders.serializers.fields import BalanceField
from orders.serializers.placing import DeliveryInput
from orders.serializers.seen import SeenOrder, StaffLineShape


@extend_schema_serializer(
    examples=[OpenApiExample("Packed", value={"status": "packed", "assigned_to": "Hector"}, request_only=True)]
)
class StatusChange(serializers.Serializer[Any]):
    status = ChoiceField(choices=TARGETS)
    staff_notes = TextField(max_length=5000, required=False, allow_blank=True)
    assigned_to = LineField(max_length=150, required=False, allow_blank=True)
    reason = TextField(
        max_length=200,
        required=False,
        allow_blank=True,
        default="",
        help_text="Needed for cancelling what money has come in for. Kept with the change and its refunds.",
    )


class DeleteQuery(serializers.Serializer[Any]):
    reason = TextField(
        max_length=200,
        required=False,
        default="",
        help_text="Needed while money is set aside for the order, or under way.",
    )


class StatusOrder(SeenOrder):
    order_number = serializers.CharField(source="number")
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    payment_status = serializers.ChoiceField(choices=PaymentStatus.choices)
    items = StaffLineShape(source="lines", many=True)

    class Meta:
        model = Order
        fields = (
            "id",
            "order_number",
            "status",
            "payment_status",
            "staff_notes",
            "assigned_to",
            "terms_hold",
            "version",
            "items",
        )


class RefundOutcome(serializers.Serializer[Any]):
    """What cancelling gave back."""

    refund_id = serializers.CharField(allow_null=True)
    amount = MoneyField()
    status = serializers.ChoiceField(choices=RefundState.choices)
    error = serializers.CharField(allow_null=True)


class StatusAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    order = StatusOrder()
    refund = RefundOutcome(required=False, help_text="Only when a paid order was cancelled.")


class MarkPaid(serializers.Serializer[Any]):
    payment_method = ChoiceField(
        choices=[
            method
            for method in PaymentMethod.choices
            if method[0] not in {PaymentMethod.NET30, PaymentMethod.STORE_CREDIT}
        ],
        default=PaymentMethod.CASH.value,
    )
    note = TextField(max_length=500, required=False, allow_blank=True, default="")
    amount_received = MoneyField(required=False, default=0, help_text="0 means the balance.")


class PaidOrder(serializers.ModelSerializer[Order]):
    payment_status = serializers.ChoiceField(choices=PaymentStatus.choices)
    payment_method = serializers.ChoiceField(choices=PaymentMethod.choices)
    balance = BalanceField()

    class Meta:
        model = Order
        fields = ("id", "payment_status", "payment_method", "staff_notes", "balance", "version")


class MarkPaidAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    order = PaidOrder()
    overpayment_credited = MoneyField(help_text="What became store credit.")
    under_way = MoneyField(help_text="Bank transfers for it: what is not owed when one arrives goes back by itself.")


class NotesChange(serializers.Serializer[Any]):
    staff_notes = TextField(max_length=5000, required=False, allow_blank=True)
    assigned_to = LineField(max_length=150, required=False, allow_blank=True)
    tracking_number = LineField(max_length=100, required=False, allow_blank=True)


class NotesOrder(serializers.ModelSerializer[Order]):
    status = serializers.ChoiceField(choices=OrderStatus.choices)

    class Meta:
        model = Order
        fields = ("id", "staff_notes", "assigned_to", "tracking_number", "status", "shipped_at", "version")


class NotesAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    order = NotesOrder()


class AddressChange(DeliveryInput):
    """Any of the delivery fields."""


class AddressOrder(SeenOrder):
    delivery_email = serializers.CharField(allow_null=True)

    class Meta:
        model = Order
        fields = ("id", *DELIVERY_FIELDS, "version")


class AddressAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    order = AddressOrder()
    updated_fields = serializers.ListField(child=serializers.CharField())


class ReleaseHold(serializers.Serializer[Any]):
    reason = TextField(max_length=500)


class KeepOrder(serializers.Serializer[Any]):
    reason = TextField(max_length=500)
