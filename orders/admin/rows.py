"""What pages of rows that belong to an order share."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.widgets import UnfoldAdminTextInputWidget

from lld.core.access import TAKING_MONEY
from lld.core.console import DialogForm, ReadOnlyAdmin, actor_of
from orders.models import Order
from orders.numbers import normalise_order_number


class ReasonForm(DialogForm):
    reason = forms.CharField(max_length=200, widget=UnfoldAdminTextInputWidget)


class OrderRowAdmin(ReadOnlyAdmin):
    """Rows that belong to an order, found by its number or by a whole key of their own."""

    list_select_related: tuple[str, ...] = ("order",)
    order_column = "order"
    search_help_text = "A whole order number or key."
    sortable_by = ()
    ordering: tuple[Any, ...] = ("-pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if not search_term:
            return found, may_repeat
        number = normalise_order_number(search_term)
        order_id = Order.objects.filter(number=number).values_list("pk", flat=True).first()
        return (found if order_id is None else found | queryset.filter(**{self.order_column: order_id})), may_repeat


class MoneyRowAdmin(OrderRowAdmin):
    def has_money_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return actor_of(request).role in TAKING_MONEY
