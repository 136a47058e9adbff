"""Real Celery workers on a test's own database."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import connection

from lld.celery import app

PROJECT = Path(__file__).resolve().parents[1]


@contextmanager
def worker(*options: str, name: str = "worker") -> Iterator["subprocess.Popen[bytes]"]:
    """One of that name, with one process to work in, ready for work. Killed at the end of the block."""
    parameters = connection.get_connection_params()
    url = f"postgresql://{parameters['user']}@/{parameters['dbname']}?host={parameters['host']}&port={parameters['port']}"
    command = [sys.executable, "-m", "celery", "-A", "lld", "worker", "--hostname", f"{name}@here"]
    command += ["--concurrency", "1", "--loglevel", "ERROR", "--without-mingle", "--without-gossip", *options]
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
        wait_for(lambda: bool(app.control.ping(destination=[f"{name}@here"], timeout=1)), 30)
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
