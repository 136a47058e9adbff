"""What belongs to an order, as tables on its page."""

from lld.core.console import ReadOnlyInline
from orders.models import AttentionEntry, LedgerEntry, OrderLine, Payment, Refund


class LineInline(ReadOnlyInline):
    model = OrderLine
    verbose_name_plural = "lines"
    fields = (
        "product_sku",
        "product_name",
        "product_unit_size",
        "quantity",
        "unit_price",
        "line_total",
        "stock_reserved",
        "stock_taken",
    )


class PaymentInline(ReadOnlyInline):
    model = Payment
    fields = ("created_at", "method", "state", "amount", "given_back", "intent_id", "recorded_by", "note", "failure")
    readonly_fields = ("created_at",)


class RefundInline(ReadOnlyInline):
    model = Refund
    fields = ("created_at", "state", "destination", "amount", "refund_id", "reason", "error", "handed_out_by", "note")
    readonly_fields = ("created_at",)


class AttentionInline(ReadOnlyInline):
    model = AttentionEntry
    fields = ("created_at", "kind", "detail", "assigned_to", "resolved_at", "resolved_by")
    readonly_fields = ("created_at",)


class LedgerInline(ReadOnlyInline):
    model = LedgerEntry
    fields = ("happened_at", "kind", "amount", "payment", "refund", "note", "actor")
    ordering = ("pk",)
