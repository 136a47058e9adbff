"""A real worker is killed in the middle of a mail; the next one sends it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction

from lld.celery import app
from lld.core import outbox
from lld.core.models import OutboxMessage
from sandbox.testing import SandboxClient

PROJECT = Path(__file__).resolve().parents[2]

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

MAIL = {"to": "ana@example.test", "subject": "Hello", "text": "Hello", "html": "<p>Hello</p>"}


@contextmanager
def worker() -> Iterator["subprocess.Popen[bytes]"]:
    """A Celery worker on this test's database, ready for work."""
    parameters = connection.get_connection_params()
    url = f"postgresql://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}&port={parameters['port']}"
    command = [sys.executable, "-m", "celery", "-A", "lld", "worker", "--pool", "prefork", "--concurrency", "1"]
    command += ["--loglevel", "ERROR", "--without-mingle", "--without-gossip"]
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "lld.settings.test"}
    process = subprocess.Popen(
        command,
        cwd=PROJECT,
        env=environment,
        start_new_session=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: bool(app.control.ping(timeout=1)), 30)
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(10)


def wait_for(happened: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


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
