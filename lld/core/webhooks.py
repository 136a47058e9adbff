"""Webhooks: what a vendor told us is stored before it is answered, and worked on afterwards."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, Value
from django.db.models.functions import Power
from django.utils import timezone

from lld.core.models import WebhookEvent

log = structlog.get_logger(__name__)

KEPT_FOR = timedelta(days=90)
# Each wait is twice the one before, so that the attempts reach over two days of a vendor's bad health.
GRACE = timedelta(seconds=20)
MOST_ATTEMPTS = 14


def store(vendor: str, *, event_id: str, kind: str, payload: Mapping[str, Any]) -> WebhookEvent | None:
    """Store a verified event. None when it came before: vendors repeat themselves."""
    try:
        with transaction.atomic():
            return WebhookEvent.objects.create(
                vendor=vendor, vendor_event_id=event_id, kind=kind, payload=dict(payload)
            )
    except IntegrityError:
        return None


def process(event_pk: int, handler: Callable[[WebhookEvent], None]) -> None:
    """Work on one event and mark it done. An exception leaves it open for the sweeper, and is raised on."""
    event = WebhookEvent.objects.get(pk=event_pk)
    if event.processed_at is not None:
        return
    WebhookEvent.objects.filter(pk=event.pk).update(attempts=F("attempts") + 1)
    try:
        handler(event)
    except Exception as error:
        WebhookEvent.objects.filter(pk=event.pk).update(error=type(error).__name__)
        raise
    WebhookEvent.objects.filter(pk=event.pk).update(processed_at=timezone.now(), error="")


def open_events(vendor: str) -> list[int]:
    """Keys of events that wait for longer than their task should have taken."""
    wait = Value(GRACE, DurationField()) * Power(2.0, F("attempts"))
    due_at = ExpressionWrapper(F("received_at") + wait, DateTimeField())
    open_ = WebhookEvent.objects.filter(vendor=vendor, processed_at=None, attempts__lt=MOST_ATTEMPTS)
    waiting = open_.alias(due_at=due_at).filter(due_at__lt=timezone.now())
    return list(waiting.order_by("received_at").values_list("pk", flat=True)[:200])


def forget_processed() -> int:
    """Delete events that were dealt with long after their vendor stopped repeating them."""
    return WebhookEvent.objects.filter(processed_at__lt=timezone.now() - KEPT_FOR).delete()[0]
