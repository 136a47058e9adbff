import contextlib
import os
import signal
import subprocess
import sys

import psutil
import pytest

from lld.stack.configuration import PROJECT
from lld.stack.processes import Processes, StopRequest

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]
# Starts a child of its own and ignores the polite signal, as a hung worker does.
STUBBORN = [
    sys.executable,
    "-c",
    "import signal, subprocess, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
    "child = subprocess.Popen(['sleep', '60']); print('child', child.pid, flush=True); time.sleep(60)",
]
OWNER = """
import os, sys, pathlib
from lld.stack.processes import Processes, StopRequest
from lld.stack.tests.conftest import free_ports
request = StopRequest()
request.install()
processes = Processes(request, pathlib.Path("/"), dict(os.environ))
script = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"
processes.start({"sleeper": [sys.executable, "-c", script]})
print("ended", processes.wait())
"""


def processes(request: StopRequest | None = None) -> Processes:
    return Processes(request or StopRequest(), PROJECT, dict(os.environ))


def wait_until_gone(pid: int, seconds: float) -> bool:
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(pid).wait(seconds)
    return not psutil.pid_exists(pid)


def test_run_returns_exit_code_and_output(capfd: pytest.CaptureFixture[str]) -> None:
    script = "import sys; print('to stdout'); print('to stderr', file=sys.stderr); sys.exit(3)"
    assert processes().run("migrate", [sys.executable, "-u", "-c", script]) == 3
    assert capfd.readouterr().out.splitlines() == ["migrate | to stdout", "migrate | to stderr"]


def test_end_of_one_ends_all_with_their_children(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lld.stack.processes.TERM_SECONDS", 0.5)

    running = processes()
    running.start({"web": SLEEP, "worker": STUBBORN, "beat": [sys.executable, "-c", "import time; time.sleep(1)"]})
    assert running.wait() == ("beat", 0)

    (child,) = [line.split()[-1] for line in capfd.readouterr().out.splitlines() if "child" in line]
    assert wait_until_gone(int(child), 2)


def test_stop_request_ends_running_programs() -> None:
    request = StopRequest()
    running = processes(request)
    running.start({"web": SLEEP})
    request.made = True
    assert running.wait() is None


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGKILL])
def test_programs_do_not_outlive_their_owner(number: signal.Signals) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", OWNER], stdout=subprocess.PIPE, text=True, cwd=PROJECT, start_new_session=True
    ) as owner:
        assert owner.stdout is not None
        sleeper = int(owner.stdout.readline().split("|")[1])
        os.killpg(owner.pid, number)
        rest = owner.stdout.read()

    assert wait_until_gone(sleeper, 3)
    if number != signal.SIGKILL:
        assert (owner.returncode, rest) == (0, "ended None\n")
