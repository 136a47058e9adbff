"""A small load generator: connections that stay open, each asking again as soon as it is answered.

Raw sockets, because a general HTTP client costs more than the fastest answers do.
"""

import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

CONNECTIONS = 4
HOST = "127.0.0.1"


@dataclass(frozen=True)
class Measured:
    """One round: answers per second, and the last answer's body."""

    rate: float
    body: bytes


def request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """An HTTP/1.1 request, ready to be sent as often as needed."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {HOST}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


class Connection:
    """One connection that is kept open."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection((HOST, port), timeout=30)
        self._answers = self._socket.makefile("rb")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._answers.close()
        self._socket.close()

    def ask(self, prepared: bytes) -> tuple[int, bytes]:
        """The status and the body of the answer. OSError when the connection breaks."""
        self._socket.sendall(prepared)
        first = self._answers.readline().split()
        if len(first) < 2:
            raise ConnectionError("the server closed the connection")
        length = 0
        while (line := self._answers.readline()) not in {b"\r\n", b""}:
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return int(first[1]), self._answers.read(length)


def measure(port: int, requests: Iterator[bytes], seconds: float) -> Measured:
    """Send `requests` over CONNECTIONS connections until they or `seconds` run out.

    RuntimeError when an answer is not a success.
    """
    taking = threading.Lock()
    bodies: list[bytes] = []
    failures: list[str] = []
    answered = [0] * CONNECTIONS
    began = time.perf_counter()

    def ask(index: int) -> None:
        body = b""
        with Connection(port) as connection:
            while time.perf_counter() - began < seconds and not failures:
                with taking:
                    prepared = next(requests, None)
                if prepared is None:
                    break
                status, body = connection.ask(prepared)
                if status not in {200, 201}:
                    failures.append(f"{prepared[:80]!r} was answered with {status}: {body[:300]!r}")
                answered[index] += 1
        bodies.append(body)

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    # A connection that broke has ended its thread without a body.
    if failures or len(bodies) < CONNECTIONS:
        raise RuntimeError(failures[0] if failures else "a connection broke")
    return Measured(sum(answered) / took, max(bodies, key=len))
