"""The buttons of an order's page that change what is owed or give money back."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from unfold.enums import ActionVariant

from lld.core.access import MANAGING, TAKING_MONEY
from lld.core.console import ConsoleAdmin, actor_of, dialog
from orders.admin.going_back import tell_refunds
from orders.admin.order_forms import AdjustForm, RefundForm, WriteOffForm
from orders.admin.rows import ReasonForm
from orders.enums import RefundDestination
from orders.models import Order
from orders.services import giving_back, refund_delivery, writing_off


class MoneyButtons(ConsoleAdmin):
    def has_money_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return actor_of(request).role in TAKING_MONEY

    def has_release_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return actor_of(request).role in MANAGING

    @dialog(
        "Refund",
        permission="money",
        icon="undo",
        explanation="The order costs that much less, so that it is not owed again.",
        form=RefundForm,
        variant=ActionVariant.WARNING,
    )
    def refund(self, request: HttpRequest, form: RefundForm, object_id: str) -> HttpResponse:
        given, actor = form.cleaned_data, actor_of(request)

        def give_back(order: Order) -> None:
            to = RefundDestination(given["to"]) if given["to"] else None
            after, requested = giving_back.refund_order(
                order.pk, actor=actor, reason=given["reason"], amount=given["amount"], to=to
            )
            refund_delivery.carry_out_due_refunds(order.pk)
            tell_refunds(request, order, requested, credit=order.credit_applied - after.credit_applied)

        return self.try_one(request, object_id, give_back, done="Refunded")

    @dialog("Adjust", permission="money", icon="price_change", form=AdjustForm)
    def adjust(self, request: HttpRequest, form: AdjustForm, object_id: str) -> HttpResponse:
        given, actor = form.cleaned_data, actor_of(request)
        return self.try_one(
            request,
            object_id,
            lambda order: giving_back.adjust_order(order.pk, given["amount"], actor=actor, reason=given["reason"]),
            done="Adjusted",
        )

    @dialog(
        "Write off",
        permission="release",
        icon="money_off",
        explanation="What is owed is given up as bad debt. The order is not paid.",
        form=WriteOffForm,
        variant=ActionVariant.WARNING,
    )
    def write_off(self, request: HttpRequest, form: WriteOffForm, object_id: str) -> HttpResponse:
        given, actor = form.cleaned_data, actor_of(request)
        return self.try_one(
            request,
            object_id,
            lambda order: writing_off.write_off_order(
                order.pk, actor=actor, reason=given["reason"], amount=given["amount"]
            ),
            done="Written off",
        )

    @dialog(
        "Reinstate",
        permission="money",
        icon="attach_money",
        explanation="What was written off is owed again, so that it can be paid.",
        form=ReasonForm,
    )
    def reinstate(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        actor, reason = actor_of(request), form.cleaned_data["reason"]
        return self.try_one(
            request,
            object_id,
            lambda order: writing_off.reinstate_order(order.pk, actor=actor, reason=reason),
            done="Owed again",
        )
