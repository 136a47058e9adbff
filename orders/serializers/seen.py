"""What of an order is shown to whom: sums, prices and contacts are null for staff who only pack."""

from typing import Any

from rest_framework import serializers

from lld.core.api.fields import MoneyField
from orders import rules
from orders.models import Order, OrderLine
from orders.serializers.orders import OrderLineShape

# What of a detail tells of sums, and how it looks without.
_TELLING: dict[str, Any] = {"customer": None, "payments": [], "refunds": [], "ledger": [], "history": []}


class StaffLineShape(OrderLineShape):
    """A line as staff see it; the warehouse sees no prices."""

    unit_price = MoneyField(allow_null=True)
    is_bulk_price = serializers.BooleanField(allow_null=True)
    line_total = MoneyField(allow_null=True)

    class Meta(OrderLineShape.Meta):
        model = OrderLine


class SeenOrder(serializers.ModelSerializer[Order]):
    """The base of staff's shapes of an order. `user` in the context is who asks: without, no sums are shown."""

    def to_representation(self, order: Order) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(order)
        user = self.context.get("user")
        return shown if user is not None and rules.sees_money(user.as_actor()) else without_money(shown)


def without_money(shown: dict[str, Any]) -> dict[str, Any]:
    """The same keys."""
    hidden = {**dict.fromkeys((*rules.SUMS, *rules.CONTACTS)), **_TELLING}
    left = {**shown, **{name: value for name, value in hidden.items() if name in shown}}
    if "items" in left:
        left["items"] = [{**line, **dict.fromkeys(rules.PRICES)} for line in left["items"]]
    return left
