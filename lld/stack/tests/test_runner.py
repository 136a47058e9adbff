"""The whole of it, as `make run` starts it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lld.stack.configuration import PROJECT
from lld.stack.tests.conftest import free_ports

RUN = [sys.executable, "-m", "lld.stack", "run"]


def members(home: Path) -> list[psutil.Process]:
    """All processes that were given `home`, and the servers that work in it."""
    found = []
    for process in psutil.process_iter(["environ", "cwd"]):
        given = (process.info["environ"] or {}).get("LLD_HOME")
        if given == str(home) or (process.info["cwd"] or "").startswith(f"{home}/"):
            found.append(process)
    return found


@pytest.fixture
def runner(clean_environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    # Warnings of Celery and others are not the stack's to fix, so they are no errors here.
    environment = clean_environment | free_ports() | {"LLD_DEMO": "0", "PYTHONWARNINGS": "default"}
    with subprocess.Popen(
        RUN,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=PROJECT,
        env=environment,
        start_new_session=True,
    ) as process:
        yield process
        process.terminate()


@pytest.mark.stack
def test_run_starts_everything_and_ctrl_c_ends_it(
    runner: subprocess.Popen[str], home: Path, clean_environment: dict[str, str]
) -> None:
    assert runner.stdout is not None

    lines: list[str] = []
    for line in runner.stdout:
        lines.append(line)
        if "Stop with Ctrl-C" in line:
            break
    address = next((line.split()[3] for line in lines if "LLD is running" in line), None)
    assert address is not None, "".join(lines)
    with urllib.request.urlopen(f"{address}api/v1/health", timeout=5) as answer:  # noqa: S310  # our own address
        assert answer.status == 200

    second = subprocess.run(RUN, capture_output=True, text=True, cwd=PROJECT, env=clean_environment | free_ports())
    assert second.returncode == 1
    assert second.stderr == (
        f"Process {runner.pid} is already using {home}: end it, or set LLD_HOME to another folder.\n"
    )

    commands = {" ".join(process.cmdline()) for process in members(home)}
    for part in ("granian", "celery -A lld worker", "celery -A lld beat", "-m sandbox", "postgres", "valkey-server"):
        assert any(part in command for command in commands), part

    os.killpg(runner.pid, signal.SIGINT)
    output = runner.communicate(timeout=10)[0]
    assert runner.returncode == 0
    assert output.endswith("Stopping PostgreSQL and Valkey\nStopped.\n")
    assert members(home) == []


@pytest.mark.parametrize("variable", ["PORT", "SANDBOX_PORT"])
def test_busy_port_is_one_sentence(variable: str, clean_environment: dict[str, str], home: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = subprocess.run(
            [sys.executable, "-m", "lld.stack", "run"],
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
        [sys.executable, "-m", "lld.stack", "run"],
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
