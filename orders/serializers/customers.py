"""Shapes of ordering, as customers and guests do it."""

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer, extend_schema_serializer
from rest_framework import serializers

from accounts.serializers.customers import NewAccount, PasswordField
from lld.core.api.fields import AddressField, ChoiceField, LineField, MoneyField, TextField
from lld.core.api.paging import CursorQuery
from lld.core.api.postal import WholeAddressField
from lld.core.api.schema import SuccessField
from orders.enums import CHECKOUT_CHOICES, HoldReason, OrderStatus, PaymentMethod, PaymentStatus
from orders.models import Order
from orders.selectors import DELIVERY_FIELDS
from orders.serializers.fields import BalanceField, OrderNumberField
from orders.serializers.orders import OrderLineShape
from orders.serializers.placing import (
    EXAMPLE_ADDRESS,
    EXAMPLE_ITEMS,
    AddressInput,
    DeliveryInput,
    ItemsInput,
    example,
)
from orders.services.quoting import QuoteLine


@extend_schema_serializer(
    examples=[example("By card", items=EXAMPLE_ITEMS, **EXAMPLE_ADDRESS, payment_method="credit_card")]
)
class PlaceOrder(ItemsInput, DeliveryInput):
    special_notes = TextField(max_length=2000, required=False, allow_blank=True, default="")
    payment_method = ChoiceField(choices=CHECKOUT_CHOICES, default=PaymentMethod.NET30.value)
    billing_address = WholeAddressField(required=False, allow_blank=True, default="")
    expected_total = MoneyField(
        required=False,
        allow_null=True,
        default=None,
        help_text="What the buyer has seen. When it costs another sum, nothing is ordered (409 `price_changed`).",
    )


class OrderPlacedShape(serializers.ModelSerializer[Order]):
    """An order as its buyer sees it right after placing it."""

    order_number = serializers.CharField(source="number")
    user_id = serializers.IntegerField(source="customer_id", allow_null=True)
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    payment_status = serializers.ChoiceField(choices=PaymentStatus.choices)
    subtotal = MoneyField()
    discount_amount = MoneyField()
    delivery_fee = MoneyField()
    tax_amount = MoneyField()
    total_amount = MoneyField()
    balance = BalanceField()
    items = OrderLineShape(source="lines", many=True)

    class Meta:
        model = Order
        fields: tuple[str, ...] = (
            "id",
            "order_number",
            "user_id",
            "status",
            *DELIVERY_FIELDS,
            "billing_address",
            "special_notes",
            "subtotal",
            "discount_amount",
            "delivery_fee",
            "tax_amount",
            "total_amount",
            "balance",
            "payment_method",
            "payment_status",
            "terms_hold",
            "due_on",
            "item_count",
            "created_at",
            "items",
        )


class PlacedAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    message = serializers.CharField()
    order = OrderPlacedShape()


class OrderRow(serializers.Serializer[Any]):
    """An order in its customer's list."""

    id = serializers.IntegerField()
    order_number = serializers.CharField()
    user_id = serializers.IntegerField(allow_null=True)
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    created_at = serializers.DateTimeField()
    total_amount = MoneyField()
    balance = BalanceField()
    payment_status = serializers.ChoiceField(choices=PaymentStatus.choices)
    delivery_name = serializers.CharField()
    item_count = serializers.IntegerField(help_text="Number of lines.")
    tracking_number = serializers.CharField(allow_blank=True)
    carrier = serializers.CharField(allow_blank=True)
    items = OrderLineShape(many=True)


class OrdersQuery(CursorQuery):
    default_size = 200


class TrackedOrder(serializers.ModelSerializer[Order]):
    """An order as anyone with its number sees it: no account, initials for a name."""

    order_number = serializers.CharField(source="number")
    user_id = serializers.SerializerMethodField()
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    payment_status = serializers.ChoiceField(choices=PaymentStatus.choices)
    total_amount = MoneyField()
    balance = BalanceField()
    delivery_name = serializers.SerializerMethodField()
    items = OrderLineShape(source="lines", many=True)

    class Meta:
        model = Order
        fields = (
            "id",
            "order_number",
            "user_id",
            "status",
            "created_at",
            "total_amount",
            "balance",
            "payment_status",
            "payment_method",
            "delivery_name",
            "item_count",
            "tracking_number",
            "carrier",
            "items",
        )

    def get_user_id(self, order: Order) -> int | None:
        return None

    def get_delivery_name(self, order: Order) -> str:
        return initials(order.delivery_name)


class OwnOrder(OrderPlacedShape):
    """An order as its owner sees it: everything."""

    class Meta(OrderPlacedShape.Meta):
        fields = (
            *OrderPlacedShape.Meta.fields,
            "amount_paid",
            "amount_refunded",
            "credit_applied",
            "tracking_number",
            "carrier",
            "confirmed_at",
            "shipped_at",
            "delivered_at",
            "cancelled_at",
        )

    amount_paid = MoneyField()
    amount_refunded = MoneyField()
    credit_applied = MoneyField()


class OwnOrderAnswer(serializers.Serializer[Any]):
    order = OwnOrder()


class TrackedOrderAnswer(serializers.Serializer[Any]):
    order = TrackedOrder()


# The owner gets every key, others those of a tracked order.
OrderAnswer = PolymorphicProxySerializer("OrderAnswer", [OwnOrderAnswer, TrackedOrderAnswer], None)


class PhoneOrder(serializers.ModelSerializer[Order]):
    """An order in a look-up by phone. The name is in full only for whoever holds the phone."""

    order_number = serializers.CharField(source="number")
    status = serializers.ChoiceField(choices=OrderStatus.choices)
    total_amount = MoneyField()
    delivery_name = serializers.SerializerMethodField()

    class Meta:
        model = Order
        fields = (
            "order_number",
            "status",
            "created_at",
            "total_amount",
            "delivery_name",
            "item_count",
            "tracking_number",
            "carrier",
        )

    def get_delivery_name(self, order: Order) -> str:
        return order.delivery_name if self.context["named"](order) else initials(order.delivery_name)


class ReorderLine(serializers.Serializer[Any]):
    """A line of an earlier order at today's price; what has changed is said."""

    product_id = serializers.IntegerField()
    product_name = serializers.CharField()
    product_sku = serializers.CharField()
    quantity = serializers.IntegerField()
    unit_price = MoneyField(help_text="Of one at this quantity, today.")
    bulk_price = MoneyField(allow_null=True)
    bulk_quantity = serializers.IntegerField(allow_null=True)
    ordered_unit_price = MoneyField(help_text="Of one in that order.")
    price_changed = serializers.BooleanField()
    available = serializers.BooleanField(help_text="Whether this quantity can be had now.")
    available_quantity = serializers.IntegerField(allow_null=True, help_text="Null when we do not count it.")


class ReorderAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    items = ReorderLine(many=True)


class CreateAccount(AddressInput):
    email = AddressField()
    password = PasswordField()
    order_number = OrderNumberField(
        max_length=20,
        required=False,
        allow_blank=True,
        default="",
        help_text="A guest's order, which becomes the account's: by the same address, or by the same proven phone.",
    )
    phone_session_token = LineField(
        max_length=200, required=False, allow_blank=True, default="", help_text="Proof of the phone."
    )


class NewAccountAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    message = serializers.CharField()
    user = NewAccount()


class PriceBreakShape(serializers.Serializer[Any]):
    quantity = serializers.IntegerField(help_text="From this quantity on.")
    unit_price = MoneyField()


class QuoteLineShape(serializers.Serializer[Any]):
    product_id = serializers.IntegerField(source="product.pk")
    product_name = serializers.CharField(source="product.name")
    product_sku = serializers.CharField(source="product.sku")
    quantity = serializers.IntegerField()
    unit_price = MoneyField(source="price.unit_price")
    is_bulk_price = serializers.BooleanField(source="price.is_bulk")
    why = serializers.CharField(source="price.why", help_text="Why one costs this.")
    next_price_break = PriceBreakShape(source="price.next_break", allow_null=True)
    line_total = MoneyField()
    available = serializers.SerializerMethodField(help_text="Whether this quantity can be had now.")
    available_quantity = serializers.SerializerMethodField(help_text="Null when we do not count it.")

    def get_available(self, line: QuoteLine) -> bool:
        return line.product.can_promise(line.quantity)

    def get_available_quantity(self, line: QuoteLine) -> int | None:
        return line.product.available if line.product.in_stock else 0


class TermsShape(serializers.Serializer[Any]):
    """How an order on terms would fare."""

    approved = serializers.BooleanField()
    would_hold = serializers.BooleanField(help_text="The order would wait for payment or release.")
    hold_reasons = serializers.ListField(child=serializers.ChoiceField(choices=HoldReason.choices))
    credit_limit = MoneyField(allow_null=True)
    balance = MoneyField(allow_null=True, help_text="Owed already.")


class QuoteAnswer(serializers.Serializer[Any]):
    lines = QuoteLineShape(many=True)
    subtotal = MoneyField(source="totals.subtotal")
    discount_amount = MoneyField(source="totals.discount")
    delivery_fee = MoneyField(source="totals.delivery_fee")
    tax_amount = MoneyField(source="totals.tax")
    total_amount = MoneyField(source="totals.total")
    free_delivery_gap = MoneyField(source="totals.free_delivery_gap", help_text="Missing to free delivery.")
    terms = TermsShape()


class PaymentMethodShape(serializers.Serializer[Any]):
    value = serializers.ChoiceField(choices=CHECKOUT_CHOICES)
    label = serializers.CharField()  # type: ignore[assignment]  # the key of the contract


class ConfigAnswer(serializers.Serializer[Any]):
    """What a storefront needs before it can draw a checkout."""

    stripe_publishable_key = serializers.CharField(allow_null=True)
    currency = serializers.CharField()
    time_zone = serializers.CharField()
    delivery_fee = MoneyField()
    delivery_free_from = MoneyField()
    payment_methods = PaymentMethodShape(many=True)
    sms_consent_text = serializers.CharField()
    sms_consent_version = serializers.CharField()
    version = serializers.CharField()


def initials(name: str) -> str:
    """ "Maria del Carmen Ruiz" → "M. d. C. R."."""
    return " ".join(f"{word[0]}." for word in name.split())
