"""The stack as `make run` starts it, the tour on it, and its end: real processes, real queue, real HTTP."""

import os
import re
import signal
import subprocess
import urllib.request
from collections.abc import Iterator

import psutil
import pytest

from lld.stack.configuration import PROJECT
from lld.stack.tests.conftest import free_ports
from tests.stack.running import RUN, Stack, run_stack

pytestmark = [pytest.mark.stack, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    with run_stack() as running:
        yield running


def test_run_starts_everything(stack: Stack) -> None:
    commands = {" ".join(process.cmdline()) for process in stack.members()}

    for part in (
        "granian",
        "--queues work",
        "--queues texts,mail",
        "celery -A lld beat",
        "-m sandbox",
        "postgres",
        "valkey-server",
    ):
        assert any(part in command for command in commands), part
    assert f"LLD is running:      {stack.environment['BASE']}/" in stack.output
    with urllib.request.urlopen(f"{stack.environment['BASE']}/api/v1/health", timeout=5) as answer:
        assert answer.status == 200


def test_second_run_in_the_same_home_is_refused(stack: Stack) -> None:
    second = subprocess.run(RUN, capture_output=True, text=True, cwd=PROJECT, env=stack.environment | free_ports())

    assert second.returncode == 1
    assert second.stderr == (
        f"Process {stack.process.pid} is already using {stack.home}: end it, or set LLD_HOME to another folder.\n"
    )


def test_the_tour_tells_the_truth(stack: Stack) -> None:
    blocks = re.findall(r"^```bash\n(.*?)^```", (PROJECT / "docs" / "tour.md").read_text(), flags=re.S | re.M)
    script = "set -euo pipefail\n" + "\n".join(blocks)
    result = subprocess.run(
        ["bash", "-c", script], env=stack.environment, capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 0, result.stdout + result.stderr
    lines = result.stdout.splitlines()
    assert lines[:5] == ["ok", "True", "A. R.", "List price.", "True"]
    assert re.fullmatch(r"placed once: LLD-\S+", lines[5])
    assert re.fullmatch(r"LLD-\S+ is paid", lines[6])
    assert lines[7:11] == ["confirmed", "packed", "shipped", "delivered"]
    assert lines[11:13] == ["partially_refunded", "['charge', 'payment', 'adjustment', 'refund'] 0.0"]
    assert lines[13:15] == ["check_review", "confirmed"]
    assert re.fullmatch(r"20\d\d-\S+", lines[15])
    assert lines[16] == "None"
    lines = lines[17:]
    assert re.fullmatch(r"LLD-\S+ is paid", lines[0])
    assert lines[1:3] == ["succeeded", "illegal_transition"]
    stock = re.fullmatch(r"stock: (\d+), (\d+), (\d+)", lines[3])
    assert stock is not None
    before, promised, after = map(int, stock.groups())
    assert promised == before - 1
    assert after == before
    assert re.fullmatch(r"given back: \[\d+\]", lines[4])
    assert lines[5:8] == ["Please confirm your e-mail address.", "email_not_verified", "La Milpa"]
    reset = "Your password is changed. Sign in with the new one."
    assert lines[8:13] == ["True", reset, "invalid_link", "invalid_credentials", "You are signed in."]
    assert lines[13:16] == ["not_found", "False", "invalid_credentials"]
    assert lines[16:] == ["True", "image/jpeg", "invalid"]


NODE, CLIENT = PROJECT / ".node" / "bin" / "node", PROJECT / "clients" / "typescript"


@pytest.mark.skipif(not (CLIENT / "node_modules").exists(), reason="`make client` has not installed Node.js here")
@pytest.mark.parametrize(
    ("program", "says"),
    [
        ("browse", "suggested: true|found: true|bulk price: true"),
        ("order", "why: List price.|on terms: true|placed once: true|refused: invalid"),
        ("pay", "to pay: true|now: paid"),
        ("staff", "went: confirmed packed shipped|then: partially_refunded 0|the check's order: confirmed paid"),
    ],
)
def test_program_of_the_sample_client_runs(stack: Stack, program: str, says: str) -> None:
    result = subprocess.run(
        [NODE, f"src/{program}.ts"], cwd=CLIENT, env=stack.environment, capture_output=True, text=True, timeout=60
    )

    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == says.split("|")


def test_the_mails_have_left_through_the_worker(stack: Stack) -> None:
    with urllib.request.urlopen(f"{stack.environment['SANDBOX_URL']}/", timeout=5) as page:
        html = page.read().decode()
    for subject in ("is on its way", "is cancelled", "Payment for order"):
        assert subject in html


def test_ctrl_c_leaves_nothing_behind(stack: Stack) -> None:
    family = psutil.Process(stack.process.pid).children(recursive=True)
    assert len(family) > 5

    os.killpg(stack.process.pid, signal.SIGINT)

    assert stack.process.wait(30) == 0
    assert stack.output.endswith("Stopping PostgreSQL and Valkey\nStopped.\n")
    _, alive = psutil.wait_procs(family, timeout=3)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]
    assert stack.members() == []
