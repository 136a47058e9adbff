"""Shapes of an edit of what is in an order."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from lld.core.api.fields import MoneyField, StrictBooleanField, TextField
from lld.core.api.schema import SuccessField
from orders.enums import HoldReason, PaymentStatus
from orders.serializers.placing import EXAMPLE_ITEMS, StaffItemsInput, example
from orders.serializers.staff_detail import StaffOrderDetail


@extend_schema_serializer(
    examples=[
        example("Look first", items=EXAMPLE_ITEMS, dry_run=True),
        example("Change", items=EXAMPLE_ITEMS, reason="Ana called: two more trays"),
    ]
)
class EditItemsInput(StaffItemsInput):
    """All that is to be in the order; what is not named is left out."""

    reason = TextField(max_length=200, required=False, allow_blank=True, default="")
    dry_run = StrictBooleanField(default=False, help_text="Answer what would happen, and leave all as it is.")


class EditFigures(serializers.Serializer[Any]):
    item_count = serializers.IntegerField(help_text="Number of lines.")
    subtotal = MoneyField()
    discount_amount = MoneyField()
    delivery_fee = MoneyField()
    tax_amount = MoneyField()
    adjustment_amount = MoneyField(min_value=None)
    total_amount = MoneyField()
    balance = MoneyField(min_value=None, help_text="Still owed; below zero, what we owe.")
    payment_status = serializers.ChoiceField(choices=PaymentStatus.choices)
    terms_hold = serializers.BooleanField()
    hold_reasons = serializers.ListField(child=serializers.ChoiceField(choices=HoldReason.choices))


class EditedLine(serializers.Serializer[Any]):
    product_id = serializers.IntegerField(source="line.product_id")
    product_sku = serializers.CharField(source="line.product_sku")
    product_name = serializers.CharField(source="line.product_name")
    quantity_before = serializers.IntegerField(help_text="0 for what was added.")
    quantity = serializers.IntegerField(help_text="0 for what is left out.")
    unit_price = MoneyField(source="line.unit_price")


class EditItemsAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    dry_run = serializers.BooleanField()
    before = EditFigures(source="edit.before")
    after = EditFigures(source="edit.after")
    lines = EditedLine(source="edit.lines", many=True)
    order = StaffOrderDetail(help_text="As it is now.")
