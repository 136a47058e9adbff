"""Shapes of one order with all that staff see of it, and what may be done with it."""

from collections.abc import Sequence
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.serializers.customers import CustomerShape
from catalog.rules import sees_costs
from lld.core.api.fields import MoneyField
from lld.core.api.schema import SuccessField
from lld.core.models import AuditEntry
from orders import rules
from orders.enums import (
    HoldReason,
    PaymentMethod,
    PaymentState,
)
from orders.models import Order, OrderLine, Payment, Refund
from orders.selectors import history_of, payments_of, refunds_of
from orders.serializers.money import LedgerShape, RefundShape
from orders.serializers.orders import OrderConflict
from orders.serializers.seen import StaffLineShape
from orders.serializers.staff import StaffOrderRow


class PaymentShape(serializers.ModelSerializer[Payment]):
    method = serializers.ChoiceField(choices=PaymentMethod.choices)
    state = serializers.ChoiceField(choices=PaymentState.choices)
    amount = MoneyField()

    class Meta:
        model = Payment
        fields = ("id", "method", "state", "amount", "note", "failure", "recorded_by", "created_at", "settled_at")


class PermissionShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    allowed = serializers.BooleanField()
    reason = serializers.CharField(allow_null=True, help_text="Why not.")


class DetailPayment(PaymentShape):
    """A payment, and what staff do about it."""

    can = serializers.SerializerMethodField()

    class Meta:
        model = Payment
        fields = (*PaymentShape.Meta.fields, "can")

    @extend_schema_field(PermissionShape(many=True))
    def get_can(self, payment: Payment) -> list[dict[str, Any]]:
        return _permissions(rules.ways_of_payment(payment, self.context["user"].as_actor()))


class DetailRefund(RefundShape):
    """A refund, and what staff do about it."""

    can = serializers.SerializerMethodField()

    class Meta:
        model = Refund
        fields = (*RefundShape.Meta.fields, "can")

    @extend_schema_field(PermissionShape(many=True))
    def get_can(self, refund: Refund) -> list[dict[str, Any]]:
        return _permissions(rules.ways_of_refund(refund, self.context["user"].as_actor()))


def _permissions(found: Sequence[rules.Permission]) -> list[dict[str, Any]]:
    return list(PermissionShape(found, many=True).data)


class AllowedShape(serializers.Serializer[Any]):
    transitions = PermissionShape(many=True)
    actions = PermissionShape(many=True)


@extend_schema_field(
    {
        "type": "object",
        "additionalProperties": {"anyOf": [{"type": ["string", "null"]}, {"type": "number"}, {"type": "boolean"}]},
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


class DetailLine(StaffLineShape):
    stock_reserved = serializers.IntegerField()
    stock_taken = serializers.IntegerField()
    unit_cost = MoneyField(allow_null=True, help_text="Null, too, for sales representatives and the warehouse.")
    returned_quantity = serializers.IntegerField(help_text="What the money was given back for.")

    class Meta(StaffLineShape.Meta):
        model = OrderLine
        fields = (
            *StaffLineShape.Meta.fields,
            "id",
            "unit_cost",
            "stock_reserved",
            "stock_taken",
            "returned_quantity",
        )

    def to_representation(self, line: OrderLine) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(line)
        return shown if sees_costs(self.context["user"].as_actor()) else {**shown, "unit_cost": None}


class StaffOrderDetail(StaffOrderRow):
    """Everything of one order. For the warehouse without what tells of money: null, or empty."""

    items = DetailLine(source="lines", many=True)
    customer = CustomerShape(allow_null=True)
    tax_amount = MoneyField(allow_null=True)
    credit_applied = MoneyField(allow_null=True)
    amount_paid = MoneyField(allow_null=True)
    amount_refunded = MoneyField(allow_null=True)
    adjustment_amount = MoneyField(min_value=None, allow_null=True)
    going_back = MoneyField(allow_null=True, help_text="Refunds under way; the balance counts them as gone.")
    charged_back = MoneyField(allow_null=True)
    written_off = MoneyField(allow_null=True)
    hold_reasons = serializers.ListField(child=serializers.ChoiceField(choices=HoldReason.choices))
    hold_released_by = serializers.CharField(source="hold_released_by.username", default=None, allow_null=True)
    lapses_at = serializers.SerializerMethodField(
        help_text="When it is cancelled at the earliest unless money comes. Null for one that does not lapse."
    )
    sales_rep = serializers.CharField(source="sales_rep.username", default=None, allow_null=True)
    payments = serializers.SerializerMethodField(help_text="Oldest first.")
    refunds = serializers.SerializerMethodField(help_text="Oldest first.")
    ledger = LedgerShape(many=True, help_text="Oldest first.")
    allowed = serializers.SerializerMethodField()
    history = serializers.SerializerMethodField(help_text="The last 50 privileged actions, newest first.")

    class Meta(StaffOrderRow.Meta):
        fields = (
            *StaffOrderRow.Meta.fields,
            "customer",
            "source",
            "sales_rep",
            "billing_address",
            "address_version",
            "tax_amount",
            "credit_applied",
            "amount_paid",
            "amount_refunded",
            "adjustment_amount",
            "going_back",
            "charged_back",
            "written_off",
            "paid_at",
            "due_on",
            "hold_reasons",
            "hold_released_by",
            "lapses_at",
            "kept_at",
            "carrier",
            "picked_at",
            "packed_at",
            "cancelled_at",
            "payments",
            "refunds",
            "ledger",
            "allowed",
            "history",
        )

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_lapses_at(self, order: Order) -> str | None:
        at = rules.lapses_at(order)
        return None if at is None else str(serializers.DateTimeField().to_representation(at))

    @extend_schema_field(DetailPayment(many=True))
    def get_payments(self, order: Order) -> list[dict[str, Any]]:
        return list(DetailPayment(payments_of(order), many=True, context=self.context).data)

    @extend_schema_field(DetailRefund(many=True))
    def get_refunds(self, order: Order) -> list[dict[str, Any]]:
        return list(DetailRefund(refunds_of(order), many=True, context=self.context).data)

    @extend_schema_field(AllowedShape)
    def get_allowed(self, order: Order) -> dict[str, Any]:
        by = self.context["user"].as_actor()
        allowed = {"transitions": rules.transitions(order, by), "actions": rules.actions(order, by)}
        return dict(AllowedShape(allowed).data)

    @extend_schema_field(HistoryShape(many=True))
    def get_history(self, order: Order) -> list[dict[str, Any]]:
        return list(HistoryShape(history_of(order), many=True).data)


class OrderDetailAnswer(serializers.Serializer[Any]):
    order = StaffOrderDetail()


class OrderChangedAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    order = StaffOrderDetail()


class StaffOrderConflict(OrderConflict):
    current = StaffOrderDetail(required=False, help_text="With `version_conflict`: the order as it is now.")
