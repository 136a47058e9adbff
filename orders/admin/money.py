"""Links, store credit and statistics of orders, and what a person must look at: read-only but for that."""

from typing import Any, cast

from django.contrib import admin
from django.db.models import F, QuerySet
from django.http import HttpRequest

from accounts.models import User
from lld.core.console import ReadOnlyAdmin, ReadOnlyInline, badge
from orders.admin.rows import OrderRowAdmin
from orders.admin.sums import DayFilter, SummedAdmin
from orders.models import (
    AttentionEntry,
    CreditAccount,
    CreditEntry,
    CustomerStats,
    LedgerEntry,
    PaymentLink,
)
from orders.services import attention


@admin.register(PaymentLink)
class PaymentLinkAdmin(OrderRowAdmin):
    list_display = ("created_at", "order", "amount", "state", "expires_at", "created_by")
    list_filter = ("state",)
    search_fields = ("link_id__exact",)


@admin.register(CreditEntry)
class CreditEntryAdmin(OrderRowAdmin):
    list_display = ("created_at", "account_label", "order", "amount", "balance_after", "reason", "actor")
    list_filter = ("reason",)
    list_select_related = ("order", "account__customer")
    search_fields = ("key__exact",)

    @admin.display(description="Customer")
    def account_label(self, entry: CreditEntry) -> str:
        return str(entry.account.customer)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(SummedAdmin):
    list_display = ("happened_at", "order", "kind", "amount", "payment", "note", "actor")
    list_filter = (("happened_at", DayFilter), "kind")
    list_select_related = ("order", "payment")
    search_fields = ("key__exact",)
    summed_by = ("kind",)
    day_column = "happened_at"


class OpenFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("dealt_with", "Dealt with")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[AttentionEntry]) -> QuerySet[AttentionEntry]:
        asked = self.value()
        return queryset.filter(resolved_at__isnull=asked == "open") if asked else queryset


@admin.register(AttentionEntry)
class AttentionEntryAdmin(OrderRowAdmin):
    list_display = ("created_at", "kind", "order", "amount", "detail", "state_label", "assigned_to", "resolved_by")
    list_filter = (OpenFilter, "kind")
    list_select_related = ("order", "assigned_to", "resolved_by")
    # What is open comes first, the newest of it at the head.
    ordering = (F("resolved_at").desc(nulls_first=True), "-pk")
    search_fields = ("key__exact",)
    actions = ("resolve",)

    @badge("State", {"open": "danger", "resolved": "success"})
    def state_label(self, entry: AttentionEntry) -> tuple[str, str]:
        return ("resolved", "dealt with") if entry.resolved_at else ("open", "open")

    def has_resolve_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("orders.change_attentionentry")

    @admin.action(description="Mark as dealt with", permissions=["resolve"])
    def resolve(self, request: HttpRequest, queryset: QuerySet[AttentionEntry]) -> None:
        by = cast(User, request.user)
        self.try_each(
            request,
            queryset,
            lambda entry: attention.resolve_attention(entry.pk, actor=by.as_actor(), by=by),
            done="Dealt with",
        )


class CreditEntryInline(ReadOnlyInline):
    model = CreditEntry
    per_page = 25
    fields = ("created_at", "order", "amount", "balance_after", "reason", "note", "actor")
    readonly_fields = ("created_at",)
    ordering = ("-pk",)


@admin.register(CreditAccount)
class CreditAccountAdmin(ReadOnlyAdmin):
    list_display = ("customer", "balance")
    list_select_related = ("customer",)
    search_fields = ("customer__email",)
    search_help_text = "E-mail."
    sortable_by = ()
    inlines = (CreditEntryInline,)


@admin.register(CustomerStats)
class CustomerStatsAdmin(ReadOnlyAdmin):
    list_display = ("customer", "order_count", "total_spent", "first_order_at", "last_order_at", "last_order_amount")
    list_select_related = ("customer",)
    search_fields = ("customer__email",)
    search_help_text = "E-mail."
    sortable_by = ("total_spent", "last_order_at")
    ordering = ("-total_spent",)
