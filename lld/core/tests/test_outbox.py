"""Messages: when they are tried, and when they are given up or forgotten."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from lld.core import outbox
from lld.core.errors import GatewayError
from lld.core.models import OutboxMessage


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[Exception]:
    """A channel `test` that raises what is in the list."""
    errors: list[Exception] = []

    def send(key: str, payload: Any) -> str:
        if errors:
            raise errors[-1]
        return "vendor-1"

    monkeypatch.setitem(outbox._channels, "test", outbox.Channel(send=send))
    return errors


def message(**columns: Any) -> OutboxMessage:
    values = {"channel": "test", "key": "k", "payload": {}, "due_at": timezone.now(), **columns}
    return OutboxMessage.objects.create(**values)


@pytest.mark.django_db
@pytest.mark.parametrize(("attempts", "seconds"), [(0, 15), (1, 30), (4, 240), (10, 3600)])
def test_wait_doubles_up_to_an_hour(failing: list[Exception], attempts: int, seconds: int) -> None:
    failing.append(GatewayError("Vendor", "Down."))
    message(attempts=attempts)

    outbox.deliver("k")
    kept = OutboxMessage.objects.get()
    assert (kept.state, kept.attempts, kept.error) == ("pending", attempts + 1, "Down.")
    assert abs((kept.due_at - timezone.now()).total_seconds() - seconds) < 5

    outbox.deliver("k")
    kept.refresh_from_db()
    assert kept.attempts == attempts + 1


@pytest.mark.django_db
def test_twelfth_failure_is_the_last(failing: list[Exception]) -> None:
    failing.append(GatewayError("Vendor", "x" * 600))
    message(attempts=11)

    outbox.deliver("k")
    kept = OutboxMessage.objects.get()
    assert (kept.state, len(kept.error)) == ("failed", 500)

    outbox.deliver("k")
    kept.refresh_from_db()
    assert kept.attempts == 12


@pytest.mark.django_db
def test_message_sent_claimed_or_not_due_is_left_alone(failing: list[Exception]) -> None:
    soon = timezone.now() + timedelta(minutes=1)
    message(key="sent", state="sent")
    message(key="claimed", state="sending", claimed_until=soon)
    message(key="early", due_at=soon)
    before = list(OutboxMessage.objects.order_by("pk").values())

    for key in ("sent", "claimed", "early", "unknown"):
        outbox.deliver(key)

    assert list(OutboxMessage.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_sent_message_is_forgotten_after_ninety_days(failing: list[Exception]) -> None:
    message()

    outbox.deliver("k")
    kept = OutboxMessage.objects.get()
    assert (kept.state, kept.vendor_id, kept.error) == ("sent", "vendor-1", "")

    message(key="old", state="sent", sent_at=timezone.now() - timedelta(days=91))
    message(key="stuck", state="failed", sent_at=None)
    assert outbox.forget_sent() == 1
    assert set(OutboxMessage.objects.values_list("key", flat=True)) == {"k", "stuck"}


@pytest.mark.django_db
def test_message_key_is_unique_in_the_database() -> None:
    message()
    with pytest.raises(IntegrityError, match="outbox"), transaction.atomic():
        message()
