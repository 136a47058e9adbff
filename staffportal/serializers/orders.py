"""Shapes of the staff portal's requests and answers."""

from datetime import UTC, date, datetime
from typing import Any

from django.utils import timezone
from drf_spectacular.utils import OpenApiExample, extend_schema_field, extend_schema_serializer
from rest_framework import serializers

from accounts.models import User
from lld.core.api.fields import MoneyField, StrictBooleanField, StrictIntegerField
from lld.core.api.paging import PageQuery
from lld.core.models import AuditEntry
from orders.enums import (
    TARGETS,
    HoldReason,
    OrderStatus,
    PaymentMethod,
    PaymentState,
    PaymentStatus,
    RefundState,
)
from orders.models import Order, OrderLine, Payment, Refund
from orders.selectors import DELIVERY_FIELDS
from orders.serializers import (
    EXAMPLE_ADDRESS,
    EXAMPLE_ITEMS,
    DeliveryInput,
    ItemsInput,
    OrderConflict,
    OrderLineShape,
)
from staffportal import selectors
from staffportal.selectors import history_of

MANUAL_NOTE = "Manually entered by staff"
ENTERED_STATUSES = [(status.value, status.label) for status in (PaymentStatus.UNPAID, PaymentStatus.PAID)]


def check_year(value: date) -> None:
    """Other years are slips of the pen, and reckoning with the first and the last of them overflows."""
    if not 2000 <= value.year <= 2100:
        raise serializers.ValidationError("Enter a year from 2000 to 2100.")


class StaffOrdersQuery(PageQuery):
    status = serializers.ChoiceField(choices=OrderStatus.choices, required=False, default="")
    from_date = serializers.DateField(required=False, validators=[check_year], help_text="First business day.")
    to_date = serializers.DateField(required=False, validators=[check_year], help_text="Last business day.")
    rep_id = serializers.IntegerField(min_value=1, required=False)
    search = serializers.CharField(
        max_length=100, required=False, default="", help_text="Part of number, name, company or e-mail; or a phone."
    )


class StaffOrderRow(serializers.ModelSerializer[Order]):
    """An order in the staff's list."""

    order_number = serializers.CharField(source="number")
    user_id = serializers.IntegerField(source="customer_id", allow_null=True)
    sales_rep_id = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    payment_status = serializers.ChoiceField(choices=PaymentStatus.choices)
    payment_method = serializers.ChoiceField(choices=PaymentMethod.choices)
    subtotal = MoneyField()
    discount_amount = MoneyField()
    delivery_fee = MoneyField()
    total_amount = MoneyField()
    balance = MoneyField(help_text="What is still owed.")
    items = OrderLineShape(source="lines", many=True)

    class Meta:
        model = Order
        fields: tuple[str, ...] = (
            "id",
            "order_number",
            "user_id",
            "status",
            "sales_rep_id",
            *DELIVERY_FIELDS,
            "special_notes",
            "subtotal",
            "discount_amount",
            "delivery_fee",
            "total_amount",
            "balance",
            "payment_method",
            "payment_status",
            "terms_hold",
            "staff_notes",
            "assigned_to",
            "tracking_number",
            "item_count",
            "version",
            "created_at",
            "confirmed_at",
            "shipped_at",
            "delivered_at",
            "items",
        )


class StaffOrderPage(serializers.Serializer[Any]):
    orders = StaffOrderRow(many=True)
    total = serializers.IntegerField(help_text="May lag behind by a few seconds.")
    page = serializers.IntegerField()
    pages = serializers.IntegerField()
    per_page = serializers.IntegerField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "By phone, paid in cash",
            value={"items": EXAMPLE_ITEMS, **EXAMPLE_ADDRESS, "payment_method": "cash", "upsert_customer": True},
            request_only=True,
        )
    ]
)
class EnterOrder(ItemsInput, DeliveryInput):
    """An order that staff enter. Prices are ours; fee and discount are theirs."""

    discount_amount = MoneyField(required=False, default=0)
    delivery_fee = MoneyField(required=False, default=0)
    order_number = serializers.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9-]{2,19}$", required=False, allow_blank=True, default=""
    )
    created_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        default=None,
        default_timezone=UTC,
        validators=[check_year],
        help_text="Not in the future.",
    )
    sales_rep_id = StrictIntegerField(min_value=1, required=False, allow_null=True, default=None)
    customer_id = StrictIntegerField(min_value=1, required=False, allow_null=True, default=None)
    status = serializers.ChoiceField(choices=OrderStatus.choices, default=OrderStatus.PENDING.value)
    special_notes = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    payment_method = serializers.ChoiceField(choices=PaymentMethod.choices, default=PaymentMethod.NET30.value)
    payment_status = serializers.ChoiceField(
        choices=ENTERED_STATUSES,
        required=False,
        allow_null=True,
        default=None,
        help_text="Paid when left out by admin or manager, except on terms.",
    )
    staff_notes = serializers.CharField(max_length=5000, required=False, allow_blank=True, default=MANUAL_NOTE)
    assigned_to = serializers.CharField(max_length=150, required=False, allow_blank=True, default="")
    upsert_customer = StrictBooleanField(required=False, default=False)

    def validate_created_at(self, value: datetime | None) -> datetime | None:
        if value is not None and value > timezone.now():
            raise serializers.ValidationError("An order cannot come from the future.")
        return value


class EnteredAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    order = StaffOrderRow()


class PaymentShape(serializers.ModelSerializer[Payment]):
    method = serializers.ChoiceField(choices=PaymentMethod.choices)
    state = serializers.ChoiceField(choices=PaymentState.choices)
    amount = MoneyField()

    class Meta:
        model = Payment
        fields = ("id", "method", "state", "amount", "note", "failure", "recorded_by", "created_at", "settled_at")


class RefundShape(serializers.ModelSerializer[Refund]):
    state = serializers.ChoiceField(choices=RefundState.choices)
    amount = MoneyField()
    payment_id = serializers.IntegerField()

    class Meta:
        model = Refund
        fields = ("id", "payment_id", "state", "amount", "reason", "error", "created_at", "settled_at")


class CustomerShape(serializers.ModelSerializer[User]):
    company_name = serializers.CharField(source="profile.company_name", default="")
    approved_for_terms = serializers.BooleanField(source="profile.approved_for_terms", default=False)
    credit_limit = MoneyField(source="profile.credit_limit", default=None, allow_null=True)

    class Meta:
        model = User
        fields = (
            "id",
            "first_name",
            "last_name",
            "company_name",
            "email",
            "phone",
            "approved_for_terms",
            "credit_limit",
        )


class PermissionShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    allowed = serializers.BooleanField()
    reason = serializers.CharField(allow_null=True, help_text="Why not.")


class AllowedShape(serializers.Serializer[Any]):
    transitions = PermissionShape(many=True)
    actions = PermissionShape(many=True)


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {
            "anyOf": [{"type": "string", "nullable": True}, {"type": "number"}, {"type": "boolean"}]
        },
    }
)
class ChangesField(serializers.JSONField):
    """What an action changed: plain values by the object's own field names."""


class HistoryShape(serializers.ModelSerializer[AuditEntry]):
    before = ChangesField()
    after = ChangesField()

    class Meta:
        model = AuditEntry
        fields = ("action", "actor_kind", "actor_label", "before", "after", "reason", "created_at")


class DetailLine(OrderLineShape):
    stock_reserved = serializers.IntegerField()
    stock_taken = serializers.IntegerField()
    unit_cost = MoneyField(allow_null=True)

    class Meta(OrderLineShape.Meta):
        model = OrderLine
        fields = (*OrderLineShape.Meta.fields, "unit_cost", "stock_reserved", "stock_taken")


class StaffOrderDetail(StaffOrderRow):
    """Everything of one order."""

    items = DetailLine(source="lines", many=True)
    customer = CustomerShape(allow_null=True)
    tax_amount = MoneyField()
    credit_applied = MoneyField()
    amount_paid = MoneyField()
    amount_refunded = MoneyField()
    hold_reasons = serializers.ListField(child=serializers.ChoiceField(choices=HoldReason.choices))
    hold_released_by = serializers.CharField(source="hold_released_by.username", default=None, allow_null=True)
    sales_rep = serializers.CharField(source="sales_rep.username", default=None, allow_null=True)
    payments = PaymentShape(many=True)
    refunds = RefundShape(many=True)
    allowed = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField(help_text="The last 50 privileged actions, newest first.")

    class Meta(StaffOrderRow.Meta):
        fields = (
            *StaffOrderRow.Meta.fields,
            "customer",
            "source",
            "sales_rep",
            "billing_address",
            "tax_amount",
            "credit_applied",
            "amount_paid",
            "amount_refunded",
            "paid_at",
            "due_on",
            "hold_reasons",
            "hold_released_by",
            "carrier",
            "picked_at",
            "packed_at",
            "cancelled_at",
            "payments",
            "refunds",
            "allowed",
            "history",
        )

    @extend_schema_field(AllowedShape)
    def get_allowed(self, order: Order) -> dict[str, Any]:
        user = self.context["user"]
        allowed = {"transitions": selectors.transitions(order), "actions": selectors.actions(order, user)}
        return dict(AllowedShape(allowed).data)

    @extend_schema_field(HistoryShape(many=True))
    def get_history(self, order: Order) -> list[dict[str, Any]]:
        return list(HistoryShape(history_of(order), many=True).data)


@extend_schema_serializer(
    examples=[OpenApiExample("Packed", value={"status": "packed", "assigned_to": "Hector"}, request_only=True)]
)
class StatusChange(serializers.Serializer[Any]):
    status = serializers.ChoiceField(choices=TARGETS)
    staff_notes = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    assigned_to = serializers.CharField(max_length=150, required=False, allow_blank=True)


class StatusOrder(serializers.ModelSerializer[Order]):
    order_number = serializers.CharField(source="number")
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    payment_status = serializers.ChoiceField(choices=PaymentStatus.choices)
    items = OrderLineShape(source="lines", many=True)

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
    success = serializers.BooleanField()
    order = StatusOrder()
    refund = RefundOutcome(required=False, help_text="Only when a paid order was cancelled.")


class MarkPaid(serializers.Serializer[Any]):
    payment_method = serializers.ChoiceField(
        choices=[
            method
            for method in PaymentMethod.choices
            if method[0] not in {PaymentMethod.NET30, PaymentMethod.STORE_CREDIT}
        ],
        default=PaymentMethod.CASH.value,
    )
    note = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    amount_received = MoneyField(required=False, default=0, help_text="0 means the balance.")


class PaidOrder(serializers.ModelSerializer[Order]):
    payment_status = serializers.ChoiceField(choices=PaymentStatus.choices)
    payment_method = serializers.ChoiceField(choices=PaymentMethod.choices)
    balance = MoneyField()

    class Meta:
        model = Order
        fields = ("id", "payment_status", "payment_method", "staff_notes", "balance", "version")


class MarkPaidAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    order = PaidOrder()
    overpayment_credited = MoneyField(help_text="What became store credit.")


class NotesChange(serializers.Serializer[Any]):
    staff_notes = serializers.CharField(max_length=5000, required=False, allow_blank=True)
    assigned_to = serializers.CharField(max_length=150, required=False, allow_blank=True)
    tracking_number = serializers.CharField(max_length=100, required=False, allow_blank=True)


class NotesOrder(serializers.ModelSerializer[Order]):
    status = serializers.ChoiceField(choices=OrderStatus.choices)

    class Meta:
        model = Order
        fields = ("id", "staff_notes", "assigned_to", "tracking_number", "status", "shipped_at", "version")


class NotesAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    order = NotesOrder()


class AddressChange(DeliveryInput):
    """Any of the delivery fields."""


class AddressOrder(serializers.ModelSerializer[Order]):
    class Meta:
        model = Order
        fields = ("id", *DELIVERY_FIELDS, "version")


class AddressAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    order = AddressOrder()
    updated_fields = serializers.ListField(child=serializers.CharField())


class ReleaseHold(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=500)


class OrderDetailAnswer(serializers.Serializer[Any]):
    order = StaffOrderDetail()


class OrderChangedAnswer(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    order = StaffOrderDetail()


class StaffOrderConflict(OrderConflict):
    current = StaffOrderDetail(required=False, help_text="With `version_conflict`: the order as it is now.")
