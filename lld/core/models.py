"""Tables at the bottom of the house: what leaves it, what came in, what was promised, who did it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q


class OutboxMessage(models.Model):
    """Something that must leave once its transaction has committed: a mail, an SMS, a post, an event.

    `pending` → `sending` (claimed by a worker until `claimed_until`) → `sent`; or back to `pending` to be tried
    again; `failed` when trying again cannot help; `unknown` when the vendor may or may not have done it and
    doing it twice would be worse than not at all.
    """

    class State(models.TextChoices):
        PENDING = "pending"
        SENDING = "sending"
        SENT = "sent"
        UNKNOWN = "unknown"
        FAILED = "failed"

    channel = models.CharField(max_length=40)
    key = models.CharField(max_length=200, unique=True, help_text="The same message is never stored twice.")
    payload = models.JSONField()
    sensitive = models.BooleanField(default=False, help_text="The payload holds a secret and is erased once it left.")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(help_text="Not sent before this.")
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Not sent after this: it would be of no use.")
    claimed_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    vendor_id = models.CharField(max_length=200, blank=True)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["due_at"], condition=Q(state__in=["pending", "sending"]), name="outbox_open"),
            models.Index(fields=["-created_at"], name="outbox_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.key}"


class IdempotencyClaim(models.Model):
    """A caller's promise that requests with this key are one. See `lld.core.idempotency`."""

    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=200)
    route = models.CharField(max_length=300)
    fingerprint = models.CharField(max_length=64, help_text="SHA-256 of the body.")
    locked_until = models.DateTimeField(null=True, blank=True, help_text="Set while the request runs.")
    sealed = models.BooleanField(default=False, help_text="The effect has been committed.")
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    answer = models.BinaryField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["caller", "key"], name="idempotency_caller_key")]

    def __str__(self) -> str:
        return f"{self.caller} {self.route}"


class AuditEntry(models.Model):
    """Who did what to which object: the privileged actions, kept for ever."""

    actor_kind = models.CharField(max_length=10)
    actor_id = models.BigIntegerField(null=True, blank=True)
    actor_label = models.CharField(max_length=150, blank=True)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=60)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes: ClassVar = [
            models.Index(fields=["object_type", "object_id", "-created_at"], name="audit_object"),
            models.Index(fields=["-created_at"], name="audit_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.object_type} {self.object_id}"


class WebhookEvent(models.Model):
    """A verified message of a vendor, stored before it is answered, processed in a task."""

    vendor = models.CharField(max_length=20)
    vendor_event_id = models.CharField(max_length=120)
    kind = models.CharField(max_length=80)
    payload = models.JSONField()
    received_at = models.DateTimeField(auto_now_add=True)
    processed_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["vendor", "vendor_event_id"], name="webhook_vendor_event"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["received_at"], condition=Q(processed_at=None), name="webhook_open"),
        ]

    def __str__(self) -> str:
        return f"{self.vendor} {self.kind} {self.vendor_event_id}"
