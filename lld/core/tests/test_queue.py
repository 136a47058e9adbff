"""Work is announced to the right broker from every thread, and a dead broker loses nothing."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from lld.core import outbox
from lld.core.models import OutboxMessage
from lld.core.queue import FOUND_AGAIN_SECONDS, announce, announce_found
from sandbox.testing import SandboxClient
from tests.concurrency.storm import storm


def test_every_thread_knows_our_celery_app() -> None:
    """Celery's own default, in a thread that did not import us, would be an AMQP broker on this machine."""
    seen: list[str] = []

    thread = threading.Thread(target=lambda: seen.append(current_app.main))
    thread.start()
    thread.join()

    assert seen == ["lld"]


@pytest.mark.django_db(transaction=True)
def test_dead_broker_loses_no_mail(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OperationalError("no broker")

    payload = {"to": "ana@example.test", "subject": "Hello", "text": "Hello", "html": "<p>Hello</p>"}

    with monkeypatch.context() as dead:
        dead.setattr(outbox.deliver, "apply_async", refuse)
        with transaction.atomic():
            outbox.enqueue("email", key="hello", payload=payload)
    assert OutboxMessage.objects.get().state == "pending"
    assert sandbox.mail() == []

    monkeypatch.setattr(outbox, "GRACE", -outbox.GRACE)
    assert outbox.sweep() == 1
    assert [mail["subject"] for mail in sandbox.mail()] == ["Hello"]


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Two tasks that, once, have another worker run them meanwhile: what ran. Beat runs the one called `swept`."""
    ran: list[str] = []

    def run(task: Any) -> None:
        ran.append(task.name)
        if len(ran) == 1:
            storm(1, lambda _: task())

    monkeypatch.setitem(current_app.conf.beat_schedule, "test", {"task": "swept", "schedule": 1.0})
    for name in ("swept", "asked"):
        current_app.task(run, name=name, bind=True)
    yield ran
    for name in ("swept", "asked"):
        current_app.tasks.unregister(name)


@pytest.mark.django_db(transaction=True)
def test_what_beat_runs_runs_once_at_a_time(runs: list[str]) -> None:
    current_app.tasks["swept"]()
    assert runs == ["swept"]
    current_app.tasks["swept"].apply()
    assert runs == ["swept", "swept"]


@pytest.mark.django_db(transaction=True)
def test_control_other_tasks_run_beside_themselves(runs: list[str]) -> None:
    current_app.tasks["asked"]()
    assert runs == ["asked", "asked"]


def test_what_a_sweep_announces_does_not_outlive_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, object]] = []
    monkeypatch.setattr(outbox.deliver, "apply_async", lambda args, **options: sent.append(options))

    announce(outbox.deliver, "key", queue="mail")
    announce_found(outbox.deliver, "key")

    assert sent == [{"queue": "mail"}, {"queue": None, "expires": FOUND_AGAIN_SECONDS}]
