"""Shapes of the staff's list of orders, and of entering one."""

from datetime import date, datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from lld.core.api.fields import (
    ChoiceField,
    CleanedField,
    LineField,
    MomentField,
    MoneyField,
    PatternField,
    StrictBooleanField,
    StrictIntegerField,
    TextField,
)
from lld.core.api.paging import NEXT_CURSOR_HELP, CursorQuery
from lld.core.api.schema import SuccessField
from orders.enums import (
    OrderStatus,
    PaymentMethod,
    PaymentStatus,
)
from orders.models import Order
from orders.numbers import normalise_order_number
from orders.selectors import STAFF_COLUMNS
from orders.serializers.fields import BalanceField
from orders.serializers.placing import EXAMPLE_ADDRESS, EXAMPLE_ITEMS, DeliveryInput, StaffItemsInput
from orders.serializers.seen import SeenOrder, StaffLineShape

SEARCH_HELP = (
    "Words of number, name, company or e-mail, with or without accents and dashes; a SKU; or the end of a phone or "
    "tracking number, four characters at least."
)
MANUAL_NOTE = "Manually entered by staff"
CHOSEN_NUMBER = r"^[A-Za-z0-9][A-Za-z0-9-]{2,19}$"
ENTERED_STATUSES = [(status.value, status.label) for status in (PaymentStatus.UNPAID, PaymentStatus.PAID)]


def check_year(value: date) -> None:
    """Other years are slips of the pen, and reckoning with the first and the last of them overflows."""
    if not 2000 <= value.year <= 2100:
        raise serializers.ValidationError("Enter a year from 2000 to 2100.")


class StaffOrdersQuery(CursorQuery):
    status = ChoiceField(choices=OrderStatus.choices, required=False, default="")
    from_date = serializers.DateField(required=False, validators=[check_year], help_text="First business day.")
    to_date = serializers.DateField(required=False, validators=[check_year], help_text="Last business day.")
    rep_id = StrictIntegerField(min_value=1, required=False)
    search = CleanedField(max_length=100, required=False, default="", help_text=SEARCH_HELP)


class StaffOrderRow(SeenOrder):
    """An order in the staff's list. Sums, prices and the e-mail address are null for the warehouse."""

    order_number = serializers.CharField(source="number")
    user_id = serializers.IntegerField(source="customer_id", allow_null=True)
    sales_rep_id = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    payment_status = serializers.ChoiceField(choices=PaymentStatus.choices)
    payment_method = serializers.ChoiceField(choices=PaymentMethod.choices)
    delivery_email = serializers.CharField(allow_null=True)
    subtotal = MoneyField(allow_null=True)
    discount_amount = MoneyField(allow_null=True)
    delivery_fee = MoneyField(allow_null=True)
    total_amount = MoneyField(allow_null=True)
    balance = BalanceField(allow_null=True)
    items = StaffLineShape(source="lines", many=True)

    class Meta:
        model = Order
        fields: tuple[str, ...] = STAFF_COLUMNS.names


class StaffOrderPage(serializers.Serializer[Any]):
    orders = StaffOrderRow(many=True)
    total = serializers.IntegerField(help_text="May lag behind by a few seconds.")
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    per_page = serializers.IntegerField()
    next_cursor = serializers.CharField(allow_null=True, help_text=NEXT_CURSOR_HELP)


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "By phone, paid in cash",
            value={"items": EXAMPLE_ITEMS, **EXAMPLE_ADDRESS, "payment_method": "cash", "upsert_customer": True},
            request_only=True,
        )
    ]
)
class EnterOrder(StaffItemsInput, DeliveryInput):
    """An order that staff enter. Prices are ours; fee and discount are theirs."""

    discount_amount = MoneyField(required=False, default=0)
    delivery_fee = MoneyField(required=False, default=0)
    order_number = PatternField(CHOSEN_NUMBER, required=False, allow_blank=True, default="")
    created_at = MomentField(
        required=False,
        allow_null=True,
        default=None,
        validators=[check_year],
        help_text="Not in the future. Without a zone: business time; a day alone: its beginning.",
    )
    sales_rep_id = StrictIntegerField(min_value=1, required=False, allow_null=True, default=None)
    customer_id = StrictIntegerField(min_value=1, required=False, allow_null=True, default=None)
    status = ChoiceField(choices=OrderStatus.choices, default=OrderStatus.PENDING.value)
    special_notes = TextField(max_length=2000, required=False, allow_blank=True, default="")
    payment_method = ChoiceField(choices=PaymentMethod.choices, default=PaymentMethod.NET30.value)
    payment_status = ChoiceField(
        choices=ENTERED_STATUSES,
        required=False,
        allow_null=True,
        default=None,
        help_text="Paid when left out by admin or manager, except on terms.",
    )
    staff_notes = TextField(max_length=5000, required=False, allow_blank=True, default=MANUAL_NOTE)
    assigned_to = LineField(max_length=150, required=False, allow_blank=True, default="")
    upsert_customer = StrictBooleanField(required=False, default=False)

    def validate_order_number(self, value: str) -> str:
        """Spelt as we keep it, after it was checked as it was typed: ß is no letter of ours, its capitals SS are."""
        return normalise_order_number(value)

    def validate_created_at(self, value: datetime | None) -> datetime | None:
        if value is not None and value > timezone.now():
            raise serializers.ValidationError("An order cannot come from the future.")
        return value


class EnteredAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    order = StaffOrderRow()
