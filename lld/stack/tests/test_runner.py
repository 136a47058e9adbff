"""The whole of it, as `make run` starts it."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lld.stack.configuration import PROJECT
from lld.stack.tests.conftest import free_ports

RUN = [sys.executable, "-m", "lld.stack", "run"]


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_busy_port_is_one_sentence(variable: str, clean_environment: dict[str, str], home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = subprocess.run(
            RUN,
            capture_output=True,
            text=True,
            cwd=PROJECT,
            env=clean_environment | free_ports() | {variable: str(port)},
        )

    assert (result.returncode, result.stdout) == (1, "")
    assert result.stderr == (
        f"Port {port} of 127.0.0.1 cannot be used (address already in use); "
        f"choose another, for example: make run {variable}={min(port + 10, 65535)}\n"
    )
    assert list(home.iterdir()) == []


def test_stop_during_the_start_leaves_nothing(clean_environment: dict[str, str]) -> None:
    with subprocess.Popen(
        RUN,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=PROJECT,
        env=clean_environment | free_ports(),
        start_new_session=True,
    ) as runner:
        assert runner.stdout is not None
        assert runner.stdout.readline().startswith("Starting PostgreSQL and Valkey")
        time.sleep(0.2)
        os.killpg(runner.pid, signal.SIGINT)
        os.killpg(runner.pid, signal.SIGINT)
        output = runner.stdout.read()

    assert (runner.returncode, output) == (0, "Stopping PostgreSQL and Valkey\nStopped.\n")
