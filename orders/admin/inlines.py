"""What belongs to an order, as tables on its page."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from lld.core.console import ReadOnlyInline, actor_of, link, moment
from orders import rules
from orders.models import AttentionEntry, Check, LedgerEntry, OrderLine, Payment, Refund


class LinkedInline(ReadOnlyInline):
    """Rows that lead to their own pages, for who may open those."""

    readonly_fields: tuple[str, ...] = ("created_at", "opens")

    @admin.display(description="Created at")
    def opens(self, row: Any) -> str:
        page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        return link(page, moment(row.created_at))

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        fields = list(self.fields)
        meta = self.model._meta
        if request.user.has_perm(f"{meta.app_label}.view_{meta.model_name}"):
            fields[0] = "opens"
        return fields


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


class PaymentInline(MoneyInline, LinkedInline):
    model = Payment
    fields = (
        "created_at",
        "method",
        "shown_state",
        "amount",
        "given_back",
        "intent_id",
        "recorded_by",
        "note",
        "failure",
    )
    readonly_fields = (*LinkedInline.readonly_fields, "shown_state")

    @admin.display(description="State")
    def shown_state(self, payment: Payment) -> str:
        return payment.shown_state


class CheckInline(MoneyInline, LinkedInline):
    model = Check
    fields = ("created_at", "state", "reason", "amount", "number", "written_on", "decided_by")


class RefundInline(MoneyInline, LinkedInline):
    model = Refund
    fields = ("created_at", "state", "destination", "amount", "refund_id", "reason", "error", "handed_out_by", "note")


class AttentionInline(LinkedInline):
    model = AttentionEntry
    fields = ("created_at", "kind", "detail", "assigned_to", "resolved_at", "resolved_by")


class LedgerInline(MoneyInline):
    model = LedgerEntry
    fields = ("happened_at", "kind", "amount", "payment", "refund", "note", "actor")
    ordering = ("pk",)
