"""Shapes of an order that answers to all callers share: its lines, and why it cannot be placed or changed."""

from typing import Any

from rest_framework import serializers

from lld.core.api.fields import MoneyField
from lld.core.api.schema import ErrorSerializer
from orders.enums import HoldReason, OrderStatus
from orders.models import OrderLine
from orders.selectors import LINE_FIELDS


class OrderLineShape(serializers.ModelSerializer[OrderLine]):
    product_id = serializers.IntegerField()
    unit_price = MoneyField()
    line_total = MoneyField()

    class Meta:
        model = OrderLine
        fields: tuple[str, ...] = LINE_FIELDS


class ShortLine(serializers.Serializer[Any]):
    """A line that cannot be promised."""

    product_id = serializers.IntegerField()
    sku = serializers.CharField()
    name = serializers.CharField()
    asked = serializers.IntegerField()
    available = serializers.IntegerField(allow_null=True, help_text="Null when the product is not for sale.")


class QuotedLine(serializers.Serializer[Any]):
    product_id = serializers.IntegerField()
    quantity = serializers.IntegerField()
    unit_price = MoneyField()
    line_total = MoneyField()


class TodaysQuote(serializers.Serializer[Any]):
    """What the items cost now."""

    lines = QuotedLine(many=True)
    subtotal = MoneyField()
    discount_amount = MoneyField()
    delivery_fee = MoneyField()
    tax_amount = MoneyField()
    total_amount = MoneyField()


class OrderConflict(ErrorSerializer):
    """Why an order cannot be placed or changed. What comes along depends on `code`."""

    lines = ShortLine(many=True, required=False, help_text="With `out_of_stock`: every line that is short.")
    quote = TodaysQuote(required=False, help_text="With `price_changed`.")
    status = serializers.ChoiceField(
        choices=OrderStatus.choices, required=False, help_text="With `illegal_transition`."
    )
    hold_reasons = serializers.ListField(
        child=serializers.ChoiceField(choices=HoldReason.choices), required=False, help_text="With `on_hold`."
    )
    balance = MoneyField(required=False, help_text="With `payment_required`, for who may see it.")
    version = serializers.IntegerField(required=False, help_text="With `version_conflict`.")
