"""Events that vendors send: stored once, tried until done, forgotten."""

from datetime import timedelta

import pytest
from django.utils import timezone

from lld.core import webhooks
from lld.core.models import WebhookEvent


@pytest.mark.django_db
def test_webhook_event_is_stored_once_a_vendor() -> None:
    stored = [webhooks.store(vendor, event_id="1", kind="k", payload={}) for vendor in ("stripe", "stripe", "twilio")]
    assert [event is not None for event in stored] == [True, False, True]


@pytest.mark.django_db
def test_failed_webhook_event_stays_open_until_done() -> None:
    event = webhooks.store("stripe", event_id="1", kind="k", payload={})
    assert event is not None
    seen: list[int] = []

    def fail(_: WebhookEvent) -> None:
        raise KeyError("secret")

    with pytest.raises(KeyError):
        webhooks.process(event.pk, fail)
    event.refresh_from_db()
    assert (event.attempts, event.error, event.processed_at) == (1, "KeyError", None)

    WebhookEvent.objects.update(received_at=timezone.now() - timedelta(minutes=1))
    assert webhooks.open_events("stripe") == [event.pk]
    assert webhooks.open_events("twilio") == []

    for _ in range(2):
        webhooks.process(event.pk, lambda event: seen.append(event.pk))
    assert seen == [event.pk]
    assert webhooks.open_events("stripe") == []


@pytest.mark.django_db
def test_webhook_event_that_never_works_is_given_up() -> None:
    event = webhooks.store("stripe", event_id="1", kind="k", payload={})
    assert event is not None

    old = timezone.now() - timedelta(days=91)
    WebhookEvent.objects.update(attempts=webhooks.MOST_ATTEMPTS, received_at=old)
    assert webhooks.open_events("stripe") == []
    assert webhooks.forget_processed() == 0

    WebhookEvent.objects.update(processed_at=old)
    assert webhooks.forget_processed() == 1
