"""Messages, webhooks and the audit log: what the tables of the machinery promise."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from lld.core import audit, mail, outbox, webhooks
from lld.core.actors import GUEST, SYSTEM, Actor
from lld.core.errors import GatewayError
from lld.core.models import AuditEntry, OutboxMessage, WebhookEvent
from sandbox.testing import SandboxClient

COMMITTED = pytest.mark.django_db(transaction=True)


# The outbox


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
def test_the_wait_doubles_up_to_an_hour(failing: list[Exception], attempts: int, seconds: int) -> None:
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
def test_the_twelfth_failure_is_the_last(failing: list[Exception]) -> None:
    failing.append(GatewayError("Vendor", "x" * 600))
    message(attempts=11)
    outbox.deliver("k")
    kept = OutboxMessage.objects.get()
    assert (kept.state, len(kept.error)) == ("failed", 500)
    outbox.deliver("k")
    kept.refresh_from_db()
    assert kept.attempts == 12


@pytest.mark.django_db
def test_what_is_sent_claimed_or_not_due_is_left_alone(failing: list[Exception]) -> None:
    soon = timezone.now() + timedelta(minutes=1)
    message(key="sent", state="sent")
    message(key="claimed", state="sending", claimed_until=soon)
    message(key="early", due_at=soon)
    before = list(OutboxMessage.objects.order_by("pk").values())
    for key in ("sent", "claimed", "early", "unknown"):
        outbox.deliver(key)
    assert list(OutboxMessage.objects.order_by("pk").values()) == before


@pytest.mark.django_db
def test_what_left_keeps_the_vendors_id_and_goes_after_ninety_days(failing: list[Exception]) -> None:
    message()
    outbox.deliver("k")
    kept = OutboxMessage.objects.get()
    assert (kept.state, kept.vendor_id, kept.error) == ("sent", "vendor-1", "")
    message(key="old", state="sent", sent_at=timezone.now() - timedelta(days=91))
    message(key="stuck", state="failed", sent_at=None)
    assert outbox.forget_sent() == 1
    assert set(OutboxMessage.objects.values_list("key", flat=True)) == {"k", "stuck"}


@COMMITTED
def test_the_same_mail_is_stored_once_and_none_without_an_address(sandbox: SandboxClient) -> None:
    context = {"name": "Ana", "link": "http://x.test"}
    for to in ("ana@cafe.test", "ana@cafe.test", ""):
        with transaction.atomic():
            mail.send_later("accounts/verify_email", key="once", to=to, context=context)
    [sent] = sandbox.mail()
    assert "\n" not in sent["subject"]
    assert "http://x.test" in sent["text"]
    assert "http://x.test" in sent["html"]


# Webhooks


@pytest.mark.django_db
def test_an_event_is_stored_once_a_vendor() -> None:
    stored = [webhooks.store(vendor, event_id="1", kind="k", payload={}) for vendor in ("stripe", "stripe", "twilio")]
    assert [event is not None for event in stored] == [True, False, True]


@pytest.mark.django_db
def test_an_event_that_failed_stays_open_until_it_is_done() -> None:
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
def test_an_event_that_never_works_is_given_up() -> None:
    event = webhooks.store("stripe", event_id="1", kind="k", payload={})
    assert event is not None
    old = timezone.now() - timedelta(days=91)
    WebhookEvent.objects.update(attempts=webhooks.MOST_ATTEMPTS, received_at=old)
    assert webhooks.open_events("stripe") == []
    assert webhooks.forget_processed() == 0
    WebhookEvent.objects.update(processed_at=old)
    assert webhooks.forget_processed() == 1


# The audit log


@pytest.mark.django_db
def test_a_row_says_who_what_and_before_and_after() -> None:
    target = AuditEntry(pk=12)
    actor = Actor("staff", 7, "ana" * 100, "admin")
    written = audit.record(
        "test.change",
        actor=actor,
        target=target,
        before={"limit": Decimal("10.50"), "on": True},
        after={"limit": Decimal("20.00"), "on": None},
        reason="x" * 600,
    )
    row = AuditEntry.objects.get()
    assert row == written
    assert (row.actor_kind, row.actor_id, len(row.actor_label)) == ("staff", 7, 150)
    assert (row.action, row.object_type, row.object_id) == ("test.change", "core.auditentry", "12")
    assert (row.before, row.after) == ({"limit": "10.50", "on": True}, {"limit": "20.00", "on": None})
    assert len(row.reason) == 500


@pytest.mark.django_db
def test_a_row_shares_the_fate_of_what_it_tells_of() -> None:
    with transaction.atomic():
        audit.record("test", actor=SYSTEM, target=AuditEntry(pk=1))
        transaction.set_rollback(True)
    assert not AuditEntry.objects.exists()


def test_actors_as_text() -> None:
    actors = [SYSTEM, GUEST, Actor("staff", 7, "ana"), Actor("customer", 8), Actor("api_key", 9, "n8n")]
    assert [str(actor) for actor in actors] == ["system", "guest", "staff:ana", "customer:8", "api_key:n8n"]


@pytest.mark.django_db
def test_keys_of_the_machinery_are_unique_in_the_database() -> None:
    message()
    with pytest.raises(IntegrityError, match="outbox"), transaction.atomic():
        message()
