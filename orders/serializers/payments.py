"""Shapes of paying an order: Stripe's payments and payment links."""

from typing import Any

from drf_spectacular.utils import extend_schema_serializer
from rest_framework import serializers

from lld.core.api.fields import LineField, MailField, MoneyField, PatternField, StrictIntegerField
from lld.core.api.schema import ErrorSerializer, SuccessField
from orders.serializers.fields import OrderNumberField
from orders.serializers.placing import example


@extend_schema_serializer(examples=[example("An order's balance", amount=121.00, order_number="LLD-7K3M-Q2XA")])
class CreateIntent(serializers.Serializer[Any]):
    amount = MoneyField()
    order_number = OrderNumberField(max_length=20, required=False, allow_blank=True, default="")
    customer_name = LineField(
        max_length=200, required=False, allow_blank=True, default="", help_text="Of an order, its own counts."
    )
    customer_email = MailField(
        max_length=254,
        required=False,
        allow_blank=True,
        default="",
        help_text="Where the receipt goes; of an order, to its own address.",
    )


class IntentRefused(ErrorSerializer):
    balance = MoneyField(required=False, help_text="When the amount is not what the order owes.")


class IntentAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    client_secret = serializers.CharField()
    payment_intent_id = serializers.CharField()


@extend_schema_serializer(
    examples=[example("After Stripe's form", order_number="LLD-7K3M-Q2XA", payment_intent_id="pi_3PqX9Y2eZvKYlo2C")]
)
class ConfirmPayment(serializers.Serializer[Any]):
    order_number = OrderNumberField(max_length=20)
    payment_intent_id = PatternField(r"^pi_[A-Za-z0-9_]+$", max_length=80)


class ConfirmedAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    message = serializers.CharField()


@extend_schema_serializer(examples=[example("For a day", order_number="LLD-7K3M-Q2XA", expires_in_hours=24)])
class CreateLink(serializers.Serializer[Any]):
    order_number = OrderNumberField(max_length=20)
    expires_in_hours = StrictIntegerField(min_value=1, max_value=720, required=False, default=72)


class LinkAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    payment_url = serializers.CharField()
    order_number = serializers.CharField()
    amount = MoneyField()
    expires_at = serializers.DateTimeField()


class LinkFailed(ErrorSerializer):
    """Stripe failed; the customer can still pay on our own page."""

    order_number = serializers.CharField()
    amount = MoneyField()
    fallback_url = serializers.CharField()
