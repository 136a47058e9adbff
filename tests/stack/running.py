"""The stack as `make run` starts it, for tests: real processes, real queue, real HTTP."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from lld.stack.configuration import PROJECT
from lld.stack.tests.conftest import free_ports

RUN = [sys.executable, "-m", "lld.stack", "run"]


@dataclass(frozen=True)
class Stack:
    """`environment` is what a shell beside it would have; `home` its LLD_HOME."""

    process: "subprocess.Popen[bytes]"
    environment: dict[str, str]
    home: Path
    log: Path

    @property
    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def members(self) -> list[psutil.Process]:
        """All processes that were given `home`, and the servers that work in it."""
        found = []
        for process in psutil.process_iter(["environ", "cwd"]):
            given = (process.info["environ"] or {}).get("LLD_HOME")
            if given == str(self.home) or (process.info["cwd"] or "").startswith(f"{self.home}/"):
                found.append(process)
        return found


@contextmanager
def run_stack(**settings: str) -> Iterator[Stack]:
    """A stack with an empty home and ports of its own, until the block ends."""
    # Folders of pytest's are closed to the account that PostgreSQL gets when root starts it.
    folder = Path(tempfile.mkdtemp(prefix="lld-test-", dir="/tmp"))
    folder.chmod(0o711)
    # Only what a shell has: the suite's own servers and settings are not this stack's.
    shell = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    environment = shell | {"LLD_HOME": str(folder / "home")} | free_ports() | settings
    log = folder / "run.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            RUN, cwd=PROJECT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        _wait_until_ready(process, log)
        addresses = {
            "BASE": f"http://127.0.0.1:{environment['PORT']}",
            "SANDBOX_URL": f"http://127.0.0.1:{environment['SANDBOX_PORT']}",
        }
        yield Stack(process, environment | addresses, folder / "home", log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(30)
        shutil.rmtree(folder)


def _wait_until_ready(process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 90
    while time.monotonic() < deadline and process.poll() is None:
        if "Stop with Ctrl-C" in log.read_text(errors="replace"):
            return
        time.sleep(0.1)
    raise AssertionError(f"the stack is not ready:\n{log.read_text(errors='replace')[-4000:]}")
