"""Payments and refunds: the console shows them, and moves what waits for a hand."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from unfold.enums import ActionVariant
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from lld.core.access import MANAGING
from lld.core.console import DialogForm, actor_of, badge, dialog
from orders import rules
from orders.admin.rows import MoneyRowAdmin, ReasonForm
from orders.admin.sums import DayFilter, SummedAdmin
from orders.enums import HAND_OUT_CHOICES, PaymentMethod, PaymentState, RefundState
from orders.models import Payment, Refund
from orders.numbers import normalise_order_number
from orders.services import bouncing, refund_delivery, refunds, set_aside, voiding, withdrawing


class ApplyForm(DialogForm):
    order_number = forms.CharField(
        max_length=40, required=False, help_text="Blank: the order it came for.", widget=UnfoldAdminTextInputWidget
    )


class HandOutForm(DialogForm):
    method = forms.ChoiceField(label="How", choices=HAND_OUT_CHOICES, widget=UnfoldAdminSelectWidget)
    note = forms.CharField(max_length=400, required=False, widget=UnfoldAdminTextInputWidget)


@admin.register(Payment)
class PaymentAdmin(SummedAdmin, MoneyRowAdmin):
    list_display = (
        "created_at",
        "settled_at",
        "order",
        "method",
        "state_label",
        "amount",
        "given_back",
        "intent_id",
        "failure",
    )
    list_filter = (("settled_at", DayFilter), "state", "method")
    summed_by = ("state", "method")
    day_column = "settled_at"
    search_fields = ("intent_id__exact",)
    actions_detail = ("apply", "give_back", "bounced", "void")

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Only what its state allows."""
        payment = self.get_object(request, object_id)
        if payment is None:
            return []
        actor = actor_of(request)
        is_aside = rules.why_not_apply_payment(payment, actor) is None
        fits = {
            "apply": is_aside,
            "give_back": is_aside,
            "bounced": rules.why_not_bounce(payment, actor) is None,
            "void": rules.why_not_void(payment, actor) is None,
        }
        allowed = super().get_actions_detail(request, object_id)
        return [button for button in allowed if fits[button.method.original_function_name]]

    @dialog(
        "Apply to an order",
        permission="money",
        icon="check",
        form=ApplyForm,
        variant=ActionVariant.PRIMARY,
        explanation="What the order does not owe goes back.",
    )
    def apply(self, request: HttpRequest, form: ApplyForm, object_id: str) -> HttpResponse:
        number, actor = normalise_order_number(form.cleaned_data["order_number"]), actor_of(request)

        def put(payment: Payment) -> None:
            order = set_aside.apply_payment(payment.pk, actor=actor, order_number=number)
            refund_delivery.carry_out_due_refunds(order.pk)

        return self.try_one(request, object_id, put, done="Applied")

    @dialog("Give back", permission="money", icon="undo", form=ReasonForm, variant=ActionVariant.WARNING)
    def give_back(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        reason, actor = form.cleaned_data["reason"], actor_of(request)

        def give(payment: Payment) -> None:
            refund = set_aside.return_payment(payment.pk, actor=actor, reason=reason)
            refund_delivery.carry_out_refund(refund.pk)

        return self.try_one(request, object_id, give, done="Given back")

    @dialog(
        "Bounced",
        permission="money",
        icon="money_off",
        explanation="The bank sent the check back: its order owes the sum again, and is held.",
        form=ReasonForm,
        variant=ActionVariant.DANGER,
    )
    def bounced(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        reason, actor = form.cleaned_data["reason"], actor_of(request)
        return self.try_one(
            request,
            object_id,
            lambda payment: bouncing.bounce_payment(payment.pk, actor=actor, reason=reason),
            done="Recorded as bounced",
        )

    def has_void_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        return actor_of(request).role in MANAGING

    @dialog(
        "Void",
        permission="void",
        icon="delete",
        explanation="It was recorded by mistake, and never came: its order owes the sum again.",
        form=ReasonForm,
        variant=ActionVariant.DANGER,
    )
    def void(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        reason, actor = form.cleaned_data["reason"], actor_of(request)
        return self.try_one(
            request,
            object_id,
            lambda payment: voiding.void_payment(payment.pk, actor=actor, reason=reason),
            done="Voided",
        )

    @badge(
        "State",
        {
            PaymentState.SUCCEEDED: "success",
            PaymentState.FAILED: "danger",
            PaymentState.UNAPPLIED: "warning",
            PaymentState.PROCESSING: "info",
        },
    )
    def state_label(self, payment: Payment) -> tuple[str, str]:
        if payment.shown_state == "Bounced":
            return PaymentState.FAILED, payment.shown_state
        return payment.state, payment.shown_state


@admin.register(Refund)
class RefundAdmin(MoneyRowAdmin):
    list_display = ("created_at", "order", "state_label", "destination", "amount", "refund_id", "reason", "error")
    list_filter = ("state",)
    search_fields = ("refund_id__exact",)
    actions_detail = ("retry", "hand_out", "withdraw")

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Only what its state allows."""
        refund = self.get_object(request, object_id)
        if refund is None:
            return []
        actor = actor_of(request)
        fits = {
            "retry": rules.why_not_retry_refund(refund, actor) is None,
            "hand_out": rules.why_not_hand_out(refund, actor) is None,
            "withdraw": rules.why_not_withdraw(refund, actor) is None,
        }
        allowed = super().get_actions_detail(request, object_id)
        return [button for button in allowed if fits[button.method.original_function_name]]

    @dialog("Send again", permission="money", icon="refresh", variant=ActionVariant.PRIMARY)
    def retry(self, request: HttpRequest, form: Any, object_id: str) -> HttpResponse:
        actor = actor_of(request)

        def send(refund: Refund) -> None:
            refund_delivery.carry_out_refund(refunds.retry_refund(refund.pk, actor=actor).pk)

        return self.try_one(request, object_id, send, done="Sent again")

    @dialog("Handed out", permission="money", icon="payments", form=HandOutForm)
    def hand_out(self, request: HttpRequest, form: HandOutForm, object_id: str) -> HttpResponse:
        how, note, actor = PaymentMethod(form.cleaned_data["method"]), form.cleaned_data["note"], actor_of(request)
        return self.try_one(
            request,
            object_id,
            lambda refund: refund_delivery.hand_out_refund(refund.pk, how=how, actor=actor, note=note),
            done="Recorded as handed out",
        )

    @dialog(
        "Withdraw",
        permission="money",
        icon="block",
        explanation="The money stays here. What the order was lowered by for it, it costs again.",
        form=ReasonForm,
        variant=ActionVariant.WARNING,
    )
    def withdraw(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        reason, actor = form.cleaned_data["reason"], actor_of(request)
        return self.try_one(
            request,
            object_id,
            lambda refund: withdrawing.withdraw_refund(refund.pk, actor=actor, reason=reason),
            done="Withdrawn",
        )

    @badge(
        "State",
        {RefundState.SUCCEEDED: "success", RefundState.FAILED: "danger", RefundState.MANUAL: "warning"},
    )
    def state_label(self, refund: Refund) -> tuple[str, str]:
        return refund.state, refund.get_state_display()
