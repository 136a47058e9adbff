"""Several programs side by side: one output, one end."""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from lld.stack import child

POLL_SECONDS = 0.1
# Celery lets running tasks end and granian its open requests; what takes longer is redelivered or retried.
TERM_SECONDS = 5
READER_SECONDS = 1


class StopRequest:
    """Remembers that SIGINT, SIGTERM or SIGHUP has come.

    The handler only sets a flag, which the loops look at: nothing is ever interrupted half-way, so
    every start and stop runs to its end however often the key is pressed.
    """

    def __init__(self) -> None:
        self.made = False

    def install(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._remember)

    def _remember(self, *_: object) -> None:
        self.made = True


class Processes:
    """Programs in the project's folder with one environment, their output prefixed with their name."""

    def __init__(self, stop_request: StopRequest, folder: Path, environment: Mapping[str, str]) -> None:
        self._stop_request = stop_request
        self._folder = folder
        self._environment = environment
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._readers: list[threading.Thread] = []

    def run(self, name: str, command: Sequence[str]) -> int | None:
        """Run one program to its end and return its exit code; None when asked to stop meanwhile."""
        self.start({name: command})
        ended = self.wait()
        return None if ended is None else ended[1]

    def start(self, commands: Mapping[str, Sequence[str]]) -> None:
        # The readers come after the last fork: forking a process that has threads is asking for trouble.
        self._running = {name: self._popen(command) for name, command in commands.items()}
        for name, process in self._running.items():
            reader = threading.Thread(target=_copy_output, args=(name, process), daemon=True)
            reader.start()
            self._readers.append(reader)

    def wait(self) -> tuple[str, int] | None:
        """Wait until a program ends or we are asked to stop, then stop all.

        Returns the name and the exit code of the program that ended, or None when asked to stop.
        """
        try:
            while not self._stop_request.made:
                for name, process in self._running.items():
                    if process.poll() is not None:
                        return name, process.returncode
                time.sleep(POLL_SECONDS)
            return None
        finally:
            self._stop()

    def _stop(self) -> None:
        """Ask all to end, and kill what has not after TERM_SECONDS, their own children included."""
        for process in self._running.values():
            process.terminate()
        deadline = time.monotonic() + TERM_SECONDS
        for process in self._running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, deadline - time.monotonic()))
        for process in self._running.values():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for reader in self._readers:
            reader.join(READER_SECONDS)
        self._running.clear()
        self._readers.clear()

    def _popen(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environment,
            cwd=self._folder,
            # Ctrl-C comes to us alone, and we end the others in order.
            start_new_session=True,
            preexec_fn=child.die_with_parent(signal.SIGTERM),
        )


def _copy_output(name: str, process: subprocess.Popen[bytes]) -> None:
    if process.stdout is not None:
        with process.stdout as output:
            for line in output:
                say(f"{name:<8}| {line.decode(errors='replace').rstrip()}")


def say(line: str) -> None:
    """Print one line. A terminal that has gone away must not keep us from stopping in order."""
    with contextlib.suppress(OSError):
        sys.stdout.write(line + "\n")
        sys.stdout.flush()
