"""Disputes in the console. They are answered in Stripe's dashboard."""

from django.contrib import admin

from lld.core.console import badge
from orders.admin.rows import OrderRowAdmin
from orders.enums import DisputeState
from orders.models import Dispute


@admin.register(Dispute)
class DisputeAdmin(OrderRowAdmin):
    list_display = (
        "created_at",
        "order_label",
        "state_label",
        "amount",
        "taken",
        "why",
        "answer_by",
        "dispute_id",
    )
    list_filter = ("state",)
    list_select_related = ("payment__order",)
    fields = (
        ("order_label", "payment", "state_label"),
        ("amount", "taken", "why"),
        ("dispute_id", "created_at", "answer_by", "closed_at"),
    )
    readonly_fields = ("order_label", "state_label", "why", "created_at")
    search_fields = ("dispute_id__exact",)
    order_column = "payment__order"

    @badge("State", {DisputeState.WON: "success", DisputeState.LOST: "danger", DisputeState.OPEN: "warning"})
    def state_label(self, dispute: Dispute) -> tuple[str, str]:
        return dispute.state, dispute.get_state_display()

    @admin.display(description="Reason")
    def why(self, dispute: Dispute) -> str:
        """Stripe's word of it, as people write it."""
        return dispute.reason.replace("_", " ").capitalize()

    @admin.display(description="Order")
    def order_label(self, dispute: Dispute) -> str:
        return str(dispute.payment.order or "")
