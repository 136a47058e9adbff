"""Orders: list and page, and the buttons that move them."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.enums import ActionVariant
from unfold.forms import ActionForm
from unfold.widgets import UnfoldAdminTextInputWidget

from accounts.models import User
from lld.core.access import SELLING
from lld.core.clock import business_today
from lld.core.console import ReadOnlyAdmin, actor_of, badge, dialog, moment, unbroken, without
from lld.core.errors import InvalidInput
from orders import rules, selectors
from orders.admin.going_back import tell_refunds
from orders.admin.inlines import (
    AttentionInline,
    CheckInline,
    LedgerInline,
    LineInline,
    PackingInline,
    PaymentInline,
    RefundInline,
)
from orders.admin.order_forms import ItemsForm, MoveForm
from orders.admin.order_money import MoneyButtons
from orders.admin.rows import ReasonForm
from orders.enums import PROGRESS, HoldReason, OrderStatus, PaymentStatus
from orders.models import Order, Refund
from orders.services import editing, item_editing, progress, refund_delivery, refunds

# Of an order's page, by who does not see its money.
_UNSEEN = (*rules.SUMS, *rules.CONTACTS, "customer", "paid_at", "due_on", "history")
STATUS_COLOURS: dict[str, str] = {
    OrderStatus.CONFIRMED: "info",
    OrderStatus.PACKED: "info",
    OrderStatus.SHIPPED: "primary",
    OrderStatus.DELIVERED: "success",
    OrderStatus.CANCELLED: "danger",
}
PAYMENT_COLOURS: dict[str, str] = {
    PaymentStatus.PAID: "success",
    PaymentStatus.FAILED: "danger",
    PaymentStatus.REFUNDED: "warning",
    PaymentStatus.PARTIALLY_REFUNDED: "warning",
    PaymentStatus.PROCESSING: "info",
    PaymentStatus.CHECK_REVIEW: "info",
}


class ReasonedActionForm(ActionForm):  # type: ignore[misc]  # unfold has no types
    reason = forms.CharField(
        label="",
        required=False,
        max_length=200,
        widget=UnfoldAdminTextInputWidget({"placeholder": "Reason", "x-show": "action"}),
    )


class HoldFilter(admin.SimpleListFilter):
    title = "hold"
    parameter_name = "hold"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "On hold")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        # A held order is pending; saying so finds them by the index of the status.
        return queryset.filter(status=OrderStatus.PENDING, terms_hold=True) if self.value() else queryset


class OwedFilter(admin.SimpleListFilter):
    title = "money"
    parameter_name = "owed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("to_us", "Owed to us"), ("overdue", "Overdue"), ("by_us", "We owe")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Order]) -> QuerySet[Order]:
        asked = {
            "to_us": Q(balance__gt=0),
            "overdue": Q(balance__gt=0, due_on__lt=business_today()),
            "by_us": Q(balance__lt=0),
        }
        # Cancelled ones owe nothing, and saying so finds the others by the index of what is owed.
        wanted = asked.get(self.value() or "")
        return queryset if wanted is None else queryset.exclude(status=OrderStatus.CANCELLED).filter(wanted)


@admin.register(Order)
class OrderAdmin(MoneyButtons, ReadOnlyAdmin):
    list_display = (
        "number_label",
        "placed",
        "customer_label",
        "status_label",
        "payment_label",
        "hold_label",
        "item_count",
        "total_amount",
        "balance",
        "sales_rep",
    )
    linked_by = ("customer",)
    list_filter = ("status", HoldFilter, OwedFilter, "payment_status", "payment_method", "source", "created_at")
    list_select_related = ("sales_rep",)
    # Without any, Django shows no box; what it finds is what the API's list finds.
    search_fields = ("number",)
    search_help_text = "Number, name, company, e-mail, end of phone or tracking number, SKU."
    sortable_by = ("balance",)
    ordering = ("-created_at",)
    action_form = ReasonedActionForm
    actions = (
        "confirm_selected",
        "pack_selected",
        "ship_selected",
        "deliver_selected",
        "cancel_selected",
        "release_selected",
    )
    actions_detail = (
        "move",
        "edit_items",
        "refund",
        "adjust",
        "keep",
        "release_hold",
        "let_out",
        "unship",
        "write_off",
        "reinstate",
        "cancel",
    )
    inlines = (LineInline, LedgerInline, PaymentInline, CheckInline, RefundInline, AttentionInline)
    readonly_fields = (
        "status_label",
        "payment_label",
        "hold_label",
        "held_because",
        "lapses",
        "balance",
        "entered_at",
        "history",
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("number", "status_label", "payment_label", "hold_label", "held_because", "lapses"),
                    ("customer", "sales_rep", "source", "entered_by"),
                )
            },
        ),
        (
            "Money",
            {
                "fields": (
                    (
                        "subtotal",
                        "discount_amount",
                        "delivery_fee",
                        "tax_amount",
                        "adjustment_amount",
                        "total_amount",
                    ),
                    ("credit_applied", "amount_paid", "amount_refunded", "going_back"),
                    ("charged_back", "written_off", "balance"),
                    ("payment_method", "paid_at", "due_on", "hold_released_by"),
                )
            },
        ),
        (
            "Delivery",
            {
                "classes": ("tab",),
                "fields": (
                    (
                        "delivery_name",
                        "delivery_company",
                        "delivery_phone",
                        "delivery_phone_extension",
                        "delivery_email",
                    ),
                    ("delivery_address", "delivery_city", "delivery_state", "delivery_zip"),
                    ("carrier", "tracking_number"),
                ),
            },
        ),
        ("Notes", {"classes": ("tab",), "fields": ("special_notes", "staff_notes", "assigned_to")}),
        (
            "History",
            {
                "classes": ("tab",),
                "fields": (
                    ("created_at", "entered_at", "confirmed_at", "packed_at"),
                    ("shipped_at", "delivered_at", "cancelled_at"),
                    "history",
                ),
            },
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        return selectors.visible_to(cast(User, request.user))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Order], search_term: str
    ) -> tuple[QuerySet[Order], bool]:
        return selectors.matching(queryset, search_term) if search_term else queryset, False

    def get_actions_detail(self, request: HttpRequest, object_id: str) -> list[Any]:
        """Only the buttons that make sense now."""
        order = self.get_object(request, object_id)
        if order is None:
            return []
        by = actor_of(request)
        permissions = [*rules.transitions(order, by), *rules.actions(order, by)]
        fits = {permission.name for permission in permissions if permission.allowed} | {
            "move" if any(rules.why_not_advance(order, step, by) is None for step in PROGRESS) else "",
            "cancel" if rules.why_not_cancel(order, by) is None else "",
        }
        if "release_hold" in fits and not order.terms_hold:
            # Nothing holds it but that it is not paid.
            fits = fits - {"release_hold"} | {"let_out"}
        allowed = super().get_actions_detail(request, object_id)
        return [button for button in allowed if button.method.original_function_name in fits]

    def has_move_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        self.need(request, object_id)
        return rules.moves_orders(actor_of(request))

    def has_sales_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        self.need(request, object_id)
        return actor_of(request).role in SELLING

    def get_inlines(self, request: HttpRequest, obj: Order | None) -> list[Any]:
        """Only the tables that have a row."""
        sees_money = rules.sees_money(actor_of(request))
        tables = self.inlines if sees_money else (PackingInline,)
        return [inline for inline in tables if inline.model.objects.filter(order=obj).exists()]

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        hidden = () if rules.sees_money(actor_of(request)) else rules.SUMS
        return tuple(name for name in self.list_display if name not in hidden)

    def get_fieldsets(self, request: HttpRequest, obj: Order | None = None) -> Any:
        """Without what tells of money, for who only packs."""
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if rules.sees_money(actor_of(request)) else without(fieldsets, *_UNSEEN)

    @admin.display(description="Number")
    def number_label(self, order: Order) -> str:
        return unbroken(order.number)

    @admin.display(description="Placed")
    def placed(self, order: Order) -> str:
        return moment(order.created_at)

    @admin.display(description="Customer")
    def customer_label(self, order: Order) -> str:
        return order.delivery_company or order.delivery_name

    @badge("Status", STATUS_COLOURS)
    def status_label(self, order: Order) -> tuple[str, str]:
        return order.status, order.get_status_display()

    @badge("Payment", PAYMENT_COLOURS)
    def payment_label(self, order: Order) -> tuple[str, str]:
        return order.payment_status, order.get_payment_status_display().partition(" (")[0]

    @badge("Hold", {"held": "danger"})
    def hold_label(self, order: Order) -> tuple[str, str]:
        return ("held", "on hold") if order.terms_hold else ("", "")

    @admin.display(description="Held because")
    def held_because(self, order: Order) -> str:
        reasons = [HoldReason(reason).label for reason in order.hold_reasons] if order.terms_hold else []
        return ", ".join(map(str, reasons)) or "–"

    @admin.display(description="Cancelled unless paid by")
    def lapses(self, order: Order) -> str:
        at = rules.lapses_at(order)
        return "–" if at is None else moment(at)

    @admin.action(description="Confirm", permissions=["move"])
    def confirm_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._move_selected(request, queryset, OrderStatus.CONFIRMED)

    @admin.action(description="Pack", permissions=["move"])
    def pack_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._move_selected(request, queryset, OrderStatus.PACKED)

    @admin.action(description="Ship", permissions=["move"])
    def ship_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._move_selected(request, queryset, OrderStatus.SHIPPED)

    @admin.action(description="Deliver", permissions=["move"])
    def deliver_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._move_selected(request, queryset, OrderStatus.DELIVERED)

    @admin.action(description="Cancel and refund", permissions=["move"])
    def cancel_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._change_selected(request, queryset, _canceller(request, _reason(request)), done="Cancelled")

    @admin.action(description="Release hold", permissions=["release"])
    def release_selected(self, request: HttpRequest, queryset: QuerySet[Order]) -> None:
        self._change_selected(request, queryset, _releaser(request, _reason(request)), done="Released")

    def _move_selected(self, request: HttpRequest, queryset: QuerySet[Order], target: OrderStatus) -> None:
        actor, reason = actor_of(request), _reason(request)
        self._change_selected(
            request,
            queryset,
            lambda order: progress.advance_order(order.pk, target, actor=actor, reason=reason),
            done=f"Now {target.label.lower()}",
        )

    def _change_selected(
        self, request: HttpRequest, queryset: QuerySet[Order], change: Callable[[Order], object], *, done: str
    ) -> None:
        orders = list(queryset)
        why_not = rules.why_not_several_unexplained(len(orders), _reason(request))
        if why_not is not None:
            messages.error(request, why_not.sentence)
            return
        self.try_each(request, orders, change, done=done)

    @dialog("Move on", permission="move", icon="local_shipping", form=MoveForm, variant=ActionVariant.PRIMARY)
    def move(self, request: HttpRequest, form: MoveForm, object_id: str) -> HttpResponse:
        target, actor = OrderStatus(form.cleaned_data["target"]), actor_of(request)
        return self.try_one(
            request,
            object_id,
            lambda order: progress.advance_order(
                order.pk,
                target,
                actor=actor,
                carrier=form.cleaned_data["carrier"] or None,
                tracking_number=form.cleaned_data["tracking_number"] or None,
            ),
            done=f"Now {target.label.lower()}",
        )

    @dialog(
        "Cancel order",
        permission="move",
        icon="cancel",
        explanation="The stock goes back, and what was paid is refunded.",
        form=ReasonForm,
        variant=ActionVariant.DANGER,
    )
    def cancel(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        return self.try_one(request, object_id, _canceller(request, form.cleaned_data["reason"]), done="Cancelled")

    @dialog("Change items", permission="sales", icon="edit_note", form=ItemsForm)
    def edit_items(self, request: HttpRequest, form: ItemsForm, object_id: str) -> HttpResponse:
        given, actor = form.cleaned_data, actor_of(request)

        def edit(order: Order) -> None:
            change = item_editing.edit_items(
                order.pk, given["items"], actor=actor, reason=given["reason"], dry_run=given["dry_run"]
            )
            lines = [row for row in change.lines if row.quantity != row.quantity_before]
            told = [f"{row.line.product_sku} {row.quantity_before} → {row.quantity}" for row in lines]
            sums = [f"{name} {change.before[name]} → {change.after[name]}" for name in ("total_amount", "balance")]
            messages.info(request, "; ".join([*told, *sums]).replace("_amount", ""))

        done = "Nothing was changed yet" if given["dry_run"] else "Changed"
        return self.try_one(request, object_id, edit, done=done)

    @dialog(
        "Not shipped yet",
        permission="release",
        icon="undo",
        explanation="The order is packed again, and its customer is told.",
        form=ReasonForm,
    )
    def unship(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        actor, reason = actor_of(request), form.cleaned_data["reason"]
        return self.try_one(
            request,
            object_id,
            lambda order: progress.unship_order(order.pk, actor=actor, reason=reason),
            done="Packed again",
        )

    @dialog(
        "Keep",
        permission="money",
        icon="hourglass_disabled",
        explanation="The order waits for its money for as long as it takes.",
        form=ReasonForm,
    )
    def keep(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        reason, actor = form.cleaned_data["reason"], actor_of(request)
        return self.try_one(
            request, object_id, lambda order: editing.keep_order(order.pk, actor=actor, reason=reason), done="Kept"
        )

    @dialog(
        "Release hold",
        permission="release",
        icon="lock_open",
        explanation="The order can go out unpaid.",
        form=ReasonForm,
        variant=ActionVariant.WARNING,
    )
    def release_hold(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        return self.try_one(request, object_id, _releaser(request, form.cleaned_data["reason"]), done="Released")

    @dialog(
        "Let out unpaid",
        permission="release",
        icon="lock_open",
        explanation="The order can go out before it is paid.",
        form=ReasonForm,
        variant=ActionVariant.WARNING,
    )
    def let_out(self, request: HttpRequest, form: ReasonForm, object_id: str) -> HttpResponse:
        return self.try_one(request, object_id, _releaser(request, form.cleaned_data["reason"]), done="May go unpaid")


def _reason(request: HttpRequest) -> str:
    """Of a list's action."""
    return request.POST.get("reason", "")


def _canceller(request: HttpRequest, reason: str) -> Callable[[Order], None]:
    actor = actor_of(request)

    def cancel(order: Order) -> None:
        after = progress.cancel_order(order.pk, actor=actor, reason=reason)
        refund_delivery.carry_out_refunds(order.pk)
        owed = Refund.objects.filter(order=order, key__startswith=refunds.CANCELLED)
        tell_refunds(request, order, owed, credit=order.credit_applied - after.credit_applied)

    return cancel


def _releaser(request: HttpRequest, reason: str) -> Callable[[Order], object]:
    by = cast(User, request.user)

    def release(order: Order) -> object:
        if not reason.strip():
            raise InvalidInput("Releasing a hold needs a reason.")
        return editing.release_hold(order.pk, actor=by.as_actor(), by=by, reason=reason)

    return release
