"""A real worker is killed in the middle of a mail; the next one sends it."""

import os
import signal
from collections.abc import Callable

import pytest
from django.db import transaction

from lld.celery import app
from lld.core import outbox
from lld.core.models import OutboxMessage
from sandbox.testing import SandboxClient
from tests.workers import wait_for, worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

MAIL = {"to": "ana@example.test", "subject": "Hello", "text": "Hello", "html": "<p>Hello</p>"}


def state() -> str:
    return OutboxMessage.objects.values_list("state", flat=True).get()


def test_mail_goes_out_once_a_worker_is_back(
    sandbox: SandboxClient, later: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.conf, "task_always_eager", False)
    sandbox.fault("smtp", "hang", seconds=60)

    with worker() as first:
        with transaction.atomic():
            outbox.enqueue("email", key="email:1", payload=MAIL)
        wait_for(lambda: state() == "sending", 20)
        os.killpg(first.pid, signal.SIGKILL)
        first.wait(10)
    assert sandbox.mail() == []

    sandbox.clear_faults()
    with worker():
        later()
        outbox.sweep()
        wait_for(lambda: state() == "sent", 20)
    assert len(sandbox.mail()) == 1
