"""Webhooks: what a vendor told us is stored before it is answered, and worked on afterwards."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import structlog
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from lld.core.models import WebhookEvent

log = structlog.get_logger(__name__)

MOST_ATTEMPTS = 20
KEPT_FOR = timedelta(days=90)
GRACE = timedelta(seconds=20)


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
    waiting = WebhookEvent.objects.filter(
        vendor=vendor,
        processed_at=None,
        attempts__lt=MOST_ATTEMPTS,
        received_at__lt=timezone.now() - GRACE,
    )
    return list(waiting.order_by("received_at").values_list("pk", flat=True)[:200])


def forget_processed() -> int:
    """Delete events that were dealt with long after their vendor stopped repeating them."""
    return WebhookEvent.objects.filter(processed_at__lt=timezone.now() - KEPT_FOR).delete()[0]
