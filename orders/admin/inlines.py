"""What belongs to an order, as tables on its page."""

from typing import Any

from django.http import HttpRequest

from lld.core.console import ReadOnlyInline, actor_of
from orders import rules
from orders.models import AttentionEntry, LedgerEntry, OrderLine, Payment, Refund


class LineInline(ReadOnlyInline):
    model = OrderLine
    verbose_name_plural = "lines"
    fields: tuple[str, ...] = (
        "product_sku",
        "product_name",
        "product_unit_size",
        "quantity",
        "unit_price",
        "line_total",
        "stock_reserved",
        "stock_taken",
    )


class PackingInline(LineInline):
    """Without prices."""

    fields = tuple(name for name in LineInline.fields if name not in rules.PRICES)


class MoneyInline(ReadOnlyInline):
    """Of an order, for everyone who sees it with its money; pages of all orders' rows are for fewer."""

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return rules.sees_money(actor_of(request))


class PaymentInline(MoneyInline):
    model = Payment
    fields = ("created_at", "method", "state", "amount", "given_back", "intent_id", "recorded_by", "note", "failure")
    readonly_fields = ("created_at",)


class RefundInline(MoneyInline):
    model = Refund
    fields = ("created_at", "state", "destination", "amount", "refund_id", "reason", "error", "handed_out_by", "note")
    readonly_fields = ("created_at",)


class AttentionInline(ReadOnlyInline):
    model = AttentionEntry
    fields = ("created_at", "kind", "detail", "assigned_to", "resolved_at", "resolved_by")
    readonly_fields = ("created_at",)


class LedgerInline(MoneyInline):
    model = LedgerEntry
    fields = ("happened_at", "kind", "amount", "payment", "refund", "note", "actor")
    ordering = ("pk",)
