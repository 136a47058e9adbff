"""Shapes of what moves an order's money by hand: refunds, goodwill, set-aside money, store credit."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from lld.core.api.fields import ChoiceField, MoneyField, StrictBooleanField, StrictIntegerField, TextField
from lld.core.api.schema import SuccessField
from lld.core.money import MOST
from orders.enums import (
    HAND_OUT_CHOICES,
    CreditReason,
    EntryKind,
    RefundDestination,
    RefundState,
)
from orders.models import CreditEntry, LedgerEntry, Refund
from orders.serializers.fields import OrderNumberField

SMALLEST_REFUND = Decimal("0.01")
REFUND_TO = [("original", "The way it came"), ("credit", "Store credit")]


class ReasonInput(serializers.Serializer[Any]):
    reason = TextField(max_length=200, help_text="Kept with the change.")


class LedgerShape(serializers.ModelSerializer[LedgerEntry]):
    """One entry of an order's ledger. The amounts of all of them add up to what it owes."""

    kind = serializers.ChoiceField(choices=EntryKind.choices)
    amount = MoneyField(min_value=None, help_text="What it adds to the balance: below zero for money that came in.")
    payment_id = serializers.IntegerField(allow_null=True)
    refund_id = serializers.IntegerField(allow_null=True)

    class Meta:
        model = LedgerEntry
        fields = ("id", "kind", "amount", "payment_id", "refund_id", "note", "actor", "happened_at")


class RefundShape(serializers.ModelSerializer[Refund]):
    state = serializers.ChoiceField(choices=RefundState.choices)
    destination = serializers.ChoiceField(choices=RefundDestination.choices)
    amount = MoneyField()
    payment_id = serializers.IntegerField()

    class Meta:
        model = Refund
        fields = (
            "id",
            "payment_id",
            "state",
            "destination",
            "amount",
            "reason",
            "requested_by",
            "handed_out_by",
            "note",
            "error",
            "created_at",
            "settled_at",
        )


class ReturnedLine(serializers.Serializer[Any]):
    line_id = StrictIntegerField(min_value=1)
    quantity = StrictIntegerField(min_value=1, max_value=100_000)


@extend_schema_serializer(
    examples=[
        OpenApiExample("A sum", value={"amount": 12.5, "reason": "Dented pan"}, request_only=True),
        OpenApiExample(
            "Goods that came back",
            value={
                "lines": [{"line_id": 81, "quantity": 2}],
                "restock": True,
                "to": "credit",
                "reason": "Wrong size",
            },
            request_only=True,
        ),
    ]
)
class RefundInput(ReasonInput):
    """Either `amount` or `lines`."""

    amount = MoneyField(required=False, min_value=SMALLEST_REFUND)
    lines = serializers.ListField(child=ReturnedLine(), required=False, max_length=200)
    to = ChoiceField(choices=REFUND_TO, default="original")
    restock = StrictBooleanField(default=False, help_text="Whether returned goods go back on the shelf.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if bool(attrs.get("lines")) == ("amount" in attrs):
            raise serializers.ValidationError({"amount": "Name either an amount or lines."})
        if attrs["restock"] and not attrs.get("lines"):
            raise serializers.ValidationError({"restock": "Only lines can go back on the shelf."})
        return attrs


@extend_schema_serializer(
    examples=[OpenApiExample("Goodwill", value={"amount": -10.0, "reason": "Late by a day"}, request_only=True)]
)
class AdjustInput(ReasonInput):
    amount = MoneyField(min_value=-MOST, help_text="Below zero to lower what the order costs.")


class WriteOffInput(ReasonInput):
    amount = MoneyField(
        required=False, allow_null=True, min_value=SMALLEST_REFUND, help_text="All that is owed, unless said."
    )


class ApplyPaymentInput(serializers.Serializer[Any]):
    order_number = OrderNumberField(
        max_length=40, required=False, default="", help_text="When it is not for the order that it came for."
    )


class HandedOutInput(serializers.Serializer[Any]):
    method = ChoiceField(choices=HAND_OUT_CHOICES, help_text="How it was given back.")
    note = TextField(max_length=400, required=False, allow_blank=True, default="")


class RefundAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    refund = RefundShape()


class CreditEntryShape(serializers.ModelSerializer[CreditEntry]):
    amount = MoneyField(min_value=None, help_text="Below zero when spent.")
    balance_after = MoneyField()
    reason = serializers.ChoiceField(choices=CreditReason.choices)
    order_id = serializers.IntegerField(allow_null=True)

    class Meta:
        model = CreditEntry
        fields = ("id", "amount", "balance_after", "reason", "note", "order_id", "actor", "created_at")


class CreditShape(serializers.Serializer[Any]):
    user_id = serializers.IntegerField()
    username = serializers.CharField(allow_null=True)
    company_name = serializers.CharField()
    credit_balance = MoneyField()
    history = CreditEntryShape(many=True, help_text="The last 200, newest first.")


class ApplyCreditInput(serializers.Serializer[Any]):
    amount = MoneyField(min_value=SMALLEST_REFUND)


class CreditAppliedAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    credit_applied = MoneyField(help_text="All that this order has from store credit.")
    new_order_total = MoneyField(help_text="What is still owed.")
    credit_balance = MoneyField()
    transaction = CreditEntryShape()


class IssueCreditInput(serializers.Serializer[Any]):
    amount = MoneyField(min_value=-MOST, help_text="Below zero to take credit off.")
    note = TextField(max_length=500, required=False, allow_blank=True, default="")


class CreditIssuedAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    credit_balance = MoneyField()
    transaction = CreditEntryShape()
