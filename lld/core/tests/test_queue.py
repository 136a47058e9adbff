"""Work is announced to the right broker from every thread, and a dead broker loses nothing."""

import threading

import pytest
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from lld.core import outbox
from lld.core.models import OutboxMessage
from sandbox.testing import SandboxClient


def test_every_thread_knows_our_celery_app() -> None:
    """Celery's own default, in a thread that did not import us, would be an AMQP broker on this machine."""
    seen: list[str] = []

    thread = threading.Thread(target=lambda: seen.append(current_app.main))
    thread.start()
    thread.join()

    assert seen == ["lld"]


@pytest.mark.django_db(transaction=True)
def test_dead_broker_loses_no_mail(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OperationalError("no broker")

    payload = {"to": "ana@example.test", "subject": "Hello", "text": "Hello", "html": "<p>Hello</p>"}

    with monkeypatch.context() as dead:
        dead.setattr(outbox.deliver, "delay", refuse)
        with transaction.atomic():
            outbox.enqueue("email", key="hello", payload=payload)
    assert OutboxMessage.objects.get().state == "pending"
    assert sandbox.mail() == []

    monkeypatch.setattr(outbox, "GRACE", -outbox.GRACE)
    assert outbox.sweep() == 1
    assert [mail["subject"] for mail in sandbox.mail()] == ["Hello"]
