"""Checks: the console shows their pictures, and takes or rejects them."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from unfold.enums import ActionVariant
from unfold.widgets import (
    UnfoldAdminDateWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminTextInputWidget,
)

from lld.core.console import DialogForm, actor_of, badge, dialog, link
from lld.core.money import ZERO
from orders import rules
from orders.admin.rows import MoneyRowAdmin, ReasonForm
from orders.enums import CheckState
from orders.models import Check
from orders.services import checks

_PICTURE = '<a href="{}" target="_blank"><img class="mb-3 max-w-full" src="{}" alt="The check\'s {}"></a>'


class ApproveForm(DialogForm):
    amount = forms.DecimalField(
        required=False,
        min_value=ZERO,
        max_digits=12,
        decimal_places=2,
        help_text="Blank: the balance.",
        widget=UnfoldAdminDecimalFieldWidget,
    )
    number = forms.CharField(required=False, max_length=40, widget=UnfoldAdminTextInputWidget)
    written_on = forms.DateField(required=False, widget=UnfoldAdminDateWidget)


@admin.register(Check)
class CheckAdmin(MoneyRowAdmin):
    list_display = ("created_at", "order", "state_label", "amount", "number", "written_on", "reason", "decided_by")
    list_filter = ("state",)
    search_fields = ("number__exact",)
    fields = (
        "pictures",
        ("order", "state_label", "reason"),
        ("amount", "number", "written_on", "payment"),
        ("uploaded_by", "created_at", "decided_by", "decided_at"),
    )
    readonly_fields = ("pictures", "state_label", "created_at")
    actions_detail = ("approve", "reject")

    @badge("State", {CheckState.APPROVED: "success", CheckState.REJECTED: "danger", CheckState.REVIEW: "warning"})
    def state_label(self, check: Check) -> tuple[str, str]:
        return check.state, check.get_state_display()

    @admin.display(description="Pictures")
    def pictures(self, check: Check) -> str:
        """By the API's own view, which shows an order's newest: that of an older check would be another's picture."""
        newest = check.order.checks.order_by("-pk")[0]
        if newest != check:
            return link(reverse("admin:orders_check_change", args=[newest.pk]), "A newer one has come")
        front = f"/api/staff/checks/{check.order.number}"
        sides = [("front", front), ("back", f"{front}/back")] if check.back else [("front", front)]
        return format_html_join("", _PICTURE, [(address, address, side) for side, address in sides])

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Only while it is in review."""
        check = self.get_object(request, object_id)
        in_review = check is not None and check.state == CheckState.REVIEW
        if not in_review or rules.why_not_decide_check(actor_of(request)):
            return []
        return cast(list[Any], super().get_actions_detail(request, object_id))

    @dialog(
        "Take the money",
        permission="money",
        icon="check",
        explanation="What is written on it. An order that waited for it is confirmed.",
        form=ApproveForm,
        variant=ActionVariant.PRIMARY,
    )
    def approve(self, request: HttpRequest, form: ApproveForm, object_id: str) -> HttpResponse:
        given, actor = form.cleaned_data, actor_of(request)
        written = checks.Written(given["amount"] or ZERO, given["number"], given["written_on"], int(object_id))
        return self.try_one(
            request,
            object_id,
            lambda check: checks.approve_check(check.order.number, written, actor=actor),
            done="Taken",
        )

    @dialog("Reject", permission="money", icon="close", form=ReasonForm, variant=ActionVariant.DANGER)
    def reject(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        reason, actor = form.cleaned_data["reason"], actor_of(request)
        return self.try_one(
            request,
            object_id,
            lambda check: checks.reject_check(check.order.number, actor=actor, reason=reason, check_id=check.pk),
            done="Rejected",
        )
