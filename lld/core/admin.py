"""The machinery in the console: what left, what came in, who did what. For administrators."""

from django.contrib import admin
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import HttpRequest
from django_celery_beat import models as beat

from lld.core import outbox
from lld.core.console import ReadOnlyAdmin, actor_of, badge, changes
from lld.core.models import AuditEntry, IdempotencyClaim, OutboxMessage, WebhookEvent

# Roles decide what people may do, and the schedule is part of the program: neither is edited here.
admin.site.unregister(
    [Group, beat.PeriodicTask, beat.IntervalSchedule, beat.CrontabSchedule, beat.SolarSchedule, beat.ClockedSchedule]
)

State = OutboxMessage.State


@admin.register(beat.PeriodicTask)
class PeriodicTaskAdmin(ReadOnlyAdmin):
    list_display = ("name", "scheduler", "enabled", "last_run_at", "total_run_count")
    list_select_related = ("interval", "crontab", "solar", "clocked")
    fields = ("name", "task", "scheduler", "enabled", "last_run_at", "total_run_count")


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdmin):
    list_display = ("key", "channel", "state_label", "attempts", "created_at", "sent_at", "error")
    list_filter = ("state", "created_at")
    search_fields = ("key__exact",)
    search_help_text = "The whole key."
    sortable_by = ()
    ordering = ("-created_at",)
    actions = ("send_again",)
    exclude = ("payload",)
    readonly_fields = ("shown_payload",)

    @badge(
        "State",
        {State.SENT: "success", State.SENDING: "info", State.FAILED: "danger", State.UNKNOWN: "warning"},
    )
    def state_label(self, message: OutboxMessage) -> tuple[str, str]:
        return message.state, message.get_state_display()

    @admin.display(description="Payload")
    def shown_payload(self, message: OutboxMessage) -> str:
        """A link that signs someone in is nobody else's to see."""
        return "Holds a secret." if message.sensitive else str(message.payload)

    def get_fields(self, request: HttpRequest, obj: OutboxMessage | None = None) -> list[str]:
        return [*super().get_fields(request, obj), "shown_payload"]

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("core.change_outboxmessage")

    @admin.action(description="Send again", permissions=["send"])
    def send_again(self, request: HttpRequest, queryset: QuerySet[OutboxMessage]) -> None:
        actor = actor_of(request)
        self.try_each(request, queryset, lambda message: outbox.send_again(message.pk, actor=actor), done="Queued")


@admin.register(WebhookEvent)
class WebhookEventAdmin(ReadOnlyAdmin):
    list_display = ("vendor_event_id", "vendor", "kind", "received_at", "processed_at", "attempts", "error")
    list_filter = (("processed_at", admin.EmptyFieldListFilter),)
    sortable_by = ()
    ordering = ("-pk",)


@admin.register(IdempotencyClaim)
class IdempotencyClaimAdmin(ReadOnlyAdmin):
    list_display = ("key", "caller", "route", "status", "sealed", "created_at")
    sortable_by = ()
    ordering = ("-created_at",)
    exclude = ("answer",)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "actor", "action", "subject", "difference")
    list_filter = ("created_at",)
    sortable_by = ()
    ordering = ("-created_at",)

    @admin.display(description="Who")
    def actor(self, entry: AuditEntry) -> str:
        return entry.actor_label or entry.actor_kind

    @admin.display(description="What")
    def subject(self, entry: AuditEntry) -> str:
        return f"{entry.object_type} {entry.object_id}"

    @admin.display(description="Before → after")
    def difference(self, entry: AuditEntry) -> str:
        return changes(entry)
