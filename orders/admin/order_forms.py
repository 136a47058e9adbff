"""What the buttons of an order's page ask."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from lld.core.console import DialogForm
from orders import rules, selectors
from orders.admin.rows import ReasonForm
from orders.enums import PROGRESS, RefundDestination
from orders.services.quoting import Item

_LINE = re.compile(r"\s*(\d{1,6})\s*(?:[x×*]\s+|[×*]|\s)\s*(\S+)\s*")


class RefundForm(ReasonForm):
    amount = forms.DecimalField(
        min_value=Decimal("0.01"), max_digits=12, decimal_places=2, widget=UnfoldAdminDecimalFieldWidget
    )
    to = forms.ChoiceField(
        choices=[("", "The way it came"), (RefundDestination.CREDIT.value, RefundDestination.CREDIT.label)],
        required=False,
        widget=UnfoldAdminSelectWidget,
    )


class AdjustForm(ReasonForm):
    amount = forms.DecimalField(
        max_digits=12,
        decimal_places=2,
        help_text="Below zero to lower what it costs.",
        widget=UnfoldAdminDecimalFieldWidget,
    )


class MoveForm(DialogForm):
    """Only the moves that the order can make; the service has the last word."""

    target = forms.ChoiceField(label="New status", widget=UnfoldAdminSelectWidget)
    carrier = forms.CharField(required=False, max_length=60, widget=UnfoldAdminTextInputWidget)
    tracking_number = forms.CharField(required=False, max_length=300, widget=UnfoldAdminTextInputWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order = selectors.visible_to(self.request.user).filter(pk=self.object_id).first()
        by = self.request.user.as_actor()
        moves = [step for step in PROGRESS if order is not None and rules.why_not_advance(order, step, by) is None]
        self.fields["target"].choices = [(step.value, step.label) for step in moves]


class ItemsForm(DialogForm):
    items = forms.CharField(
        max_length=20_000,
        help_text="All that is to be in it, a line each: how many, and the SKU.",
        widget=UnfoldAdminTextareaWidget({"rows": 8}),
    )
    reason = forms.CharField(required=False, max_length=200, widget=UnfoldAdminTextInputWidget)
    dry_run = forms.BooleanField(
        label="Only look at what would change", required=False, widget=UnfoldBooleanSwitchWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        order = selectors.visible_to(self.request.user).filter(pk=self.object_id).first()
        self.fields["items"].initial = "\n".join(map(str, order.lines.all())) if order is not None else ""

    def clean_items(self) -> list[Item]:
        return [_read_item(line) for line in self.cleaned_data["items"].splitlines() if line.strip()]


def _read_item(line: str) -> Item:
    found = _LINE.fullmatch(line)
    if found is None or not int(found[1]):
        raise forms.ValidationError(f"“{line.strip()[:60]}” is not a number of pieces and a SKU.")
    return Item(int(found[1]), sku=found[2])


class WriteOffForm(ReasonForm):
    amount = forms.DecimalField(
        required=False,
        min_value=Decimal("0.01"),
        max_digits=12,
        decimal_places=2,
        help_text="All that is owed, unless said.",
        widget=UnfoldAdminDecimalFieldWidget,
    )
