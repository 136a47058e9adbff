"""Faults on request: what networks and vendors do on a bad day."""

import asyncio
import itertools
import os
import re
import socket
import stat
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass

from starlette.requests import Request
from starlette.responses import Response

from sandbox.store import Json

HTTP_FAULTS = (
    "delay",  # waits `seconds`, then behaves
    "hang",  # no effect and no answer for `seconds`, then the connection is reset
    "reset_before_effect",  # connection closed, nothing done
    "reset_after_effect",  # done and recorded, connection closed without an answer
    "status_429",
    "status_500",  # nothing done
    "status_500_after_effect",
    "malformed",  # done and recorded, the answer breaks off in the middle of its JSON
)
SMTP_FAULTS = ("delay", "hang", "reject_451", "reject_550", "drop_after_data")
_DEFAULT_SECONDS = {"delay": 1.0, "hang": 600.0}


@dataclass
class Fault:
    """`path` is a regular expression matched from the start, so a prefix works; for SMTP it is matched
    against the recipients. `times` counts down to zero; None never ends."""

    id: int
    vendor: str
    fault: str
    method: str | None
    path: str
    seconds: float
    times: int | None
    hits: int = 0

    def matches(self, vendor: str, method: str, path: str) -> bool:
        return (
            self.vendor == vendor
            and self.times != 0
            and self.method in (None, method)
            and re.match(self.path, path) is not None
        )


class Faults:
    """The active faults. Touched by the event loop only, so it needs no lock."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, order: Json) -> Fault:
        """`order`: {"vendor", "fault", "method"?, "path"?, "seconds"?, "times"? = 1, null for no end}.

        Raises ValueError with a sentence for anything else.
        """
        unknown = set(order) - {"vendor", "fault", "method", "path", "seconds", "times"}
        if unknown:
            raise ValueError(f"Unknown fields: {', '.join(sorted(unknown))}.")
        vendor, kind = order.get("vendor"), order.get("fault", "")
        if not isinstance(vendor, str):
            raise ValueError("vendor is missing.")
        known = SMTP_FAULTS if vendor == "smtp" else HTTP_FAULTS
        if kind not in known:
            raise ValueError(f"fault must be one of {', '.join(known)}.")
        times = order.get("times", 1)
        if times is not None and (not isinstance(times, int) or times < 1):
            raise ValueError("times must be a positive integer or null.")
        path = str(order.get("path") or "")
        try:
            re.compile(path)
        except re.error as error:
            raise ValueError(f"path is not a regular expression: {error}.") from error
        method = order.get("method")
        seconds = order.get("seconds", _DEFAULT_SECONDS.get(kind, 0.0))
        if not isinstance(seconds, int | float) or seconds < 0:
            raise ValueError("seconds must be a number that is not negative.")
        fault = Fault(
            id=next(self._ids),
            vendor=vendor,
            fault=kind,
            method=str(method).upper() if method else None,
            path=path,
            seconds=float(seconds),
            times=times,
        )
        self._faults.append(fault)
        return fault

    def take(self, vendor: str, method: str, path: str) -> Fault | None:
        """The first fault that is due for this request, used up by one."""
        for fault in self._faults:
            if fault.matches(vendor, method, path):
                fault.hits += 1
                if fault.times is not None:
                    fault.times -= 1
                return fault
        return None

    def list(self) -> list[Json]:
        """All faults, the used-up ones with "times": 0."""
        return [asdict(fault) for fault in self._faults]

    def clear(self) -> None:
        self._faults.clear()


async def answer(
    fault: Fault | None,
    request: Request,
    *,
    effect: Callable[[], Response],
    failure: Callable[[int], Response],
) -> Response:
    """Runs `effect`, or what the fault makes of it. `failure(status)` is the vendor's own error body."""
    kind = fault.fault if fault else None
    seconds = fault.seconds if fault else 0.0
    if kind == "status_429":
        return failure(429)
    if kind == "status_500":
        return failure(500)
    if kind == "hang" and await _disconnected_within(request, seconds):
        return Response(status_code=500)
    if kind in ("hang", "reset_before_effect"):
        return _reset(request)
    if kind == "delay":
        await asyncio.sleep(seconds)
    response = effect()
    if kind == "reset_after_effect":
        return _reset(request)
    if kind == "status_500_after_effect":
        return failure(500)
    if kind == "malformed":
        body = bytes(response.body)
        return Response(body[: len(body) // 2] or b"{", response.status_code, media_type="application/json")
    return response


async def _disconnected_within(request: Request, seconds: float) -> bool:
    deadline = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < deadline:
        if await request.is_disconnected():
            return True
        await asyncio.sleep(0.05)
    return False


def _reset(request: Request) -> Response:
    """Closes the client's connection under the server's feet; the response returned goes nowhere.

    ASGI has no way to drop a connection, so its socket is found among the process's descriptors by the
    peer's address. SO_LINGER 0 makes the close a TCP reset.
    """
    if request.client is None:
        raise RuntimeError("The connection of a request without a client address cannot be reset.")
    peer = (request.client.host, int(request.client.port))
    for descriptor in _descriptors():
        if not _is_socket(descriptor):
            continue
        with socket.socket(fileno=os.dup(descriptor)) as duplicate:
            if _peer(duplicate) == peer:
                duplicate.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                duplicate.shutdown(socket.SHUT_RDWR)
                return Response(status_code=500)
    raise RuntimeError(f"No open connection from {peer}.")


def _descriptors() -> list[int]:
    return [int(name) for name in os.listdir("/dev/fd")]


def _is_socket(descriptor: int) -> bool:
    try:
        return stat.S_ISSOCK(os.fstat(descriptor).st_mode)
    except OSError:  # closed meanwhile, as the listing's own is
        return False


def _peer(connection: socket.socket) -> tuple[str, int] | None:
    if connection.family not in (socket.AF_INET, socket.AF_INET6):
        return None
    try:
        host, port = connection.getpeername()[:2]
    except OSError:  # a listening socket
        return None
    return host, port
