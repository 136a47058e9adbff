"""`make bench`: fill a database, serve it, measure in turns, print ratios, write bench/results.json.

Ratios of one run mean something; the numbers of one machine on one day do not, so nothing here passes or fails.
"""

import argparse
import itertools
import json
import logging
import os
import platform
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import django

from bench.load import CONNECTIONS, HOST, Connection, measure, request
from lld.stack import child
from lld.stack.configuration import PROJECT, Configuration
from lld.stack.servers import EmbeddedServers
from lld.stack.valkey import free_port

RESULTS = Path(__file__).parent / "results.json"
WARM_UP_SECONDS = 0.5
PLACEMENT_ROUNDS = 3
PLACEMENTS = 200
PLACEMENT_SECONDS = 20
LISTS, PRODUCT_SEARCH, ORDER_SEARCH, WRITES = PARTS = ("lists", "search", "order-search", "writes")


@dataclass
class Target:
    """One way of answering a list. `path` lacks the number of rows; `goal` is by how much ours should be faster."""

    name: str
    path: str
    rows: int
    headers: dict[str, str]
    goal: float | None = None
    rates: list[float] = field(default_factory=list)
    body: bytes = b""

    @property
    def rate(self) -> float:
        return median(self.rates)

    def run(self, port: int, seconds: float) -> None:
        asked = itertools.repeat(request("GET", f"{self.path}{self.rows}", self.headers))
        found = measure(port, asked, seconds)
        self.rates.append(found.rate)
        self.body = found.body


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--products", type=int, default=50_000)
    parser.add_argument("--orders", type=int, default=215_000, help="About as many.")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.5, help="Of one round of one target.")
    parser.add_argument(
        "--only", nargs="+", choices=PARTS, default=PARTS, help="Parts; the others stay as they were."
    )
    options = parser.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() and set(options.only) != set(PARTS) else {}
    if set(options.only) != {WRITES}:
        results |= measured_here(options)
    if WRITES in options.only:
        from bench import writes

        results["writes"] = writes.measured()
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    report(results)


def measured_here(options: argparse.Namespace) -> dict[str, Any]:
    """All that is measured with one database of this version."""
    with tempfile.TemporaryDirectory(prefix="lld-bench-") as folder:
        home = Path(folder)
        with EmbeddedServers(home, durable=False) as servers:
            os.environ.update(Configuration.read({"LLD_HOME": folder}).environment() | servers.urls)
            os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"
            # We are our own proxy: each buyer comes from an address of its own, or the limits would stop us.
            os.environ["TRUSTED_PROXIES"] = f"{HOST}/32"
            django.setup()
            # Of this process only; the server writes its lines as in production.
            logging.disable(logging.INFO)
            return run(home, options)


def run(home: Path, options: argparse.Namespace) -> dict[str, Any]:
    # Its models need the settings, and those the servers.
    from bench import data, order_search, search

    customer = data.fill(products=options.products, orders=options.orders)
    results: dict[str, Any] = {}
    if LISTS in options.only:
        results |= lists(home, options, customer)
    if PRODUCT_SEARCH in options.only:
        results["search"] = search.measure()
    if ORDER_SEARCH in options.only:
        results["order_search"] = order_search.measure()
    return results


def lists(home: Path, options: argparse.Namespace, customer: Any) -> dict[str, Any]:
    from bench import data

    groups = targets(data.staff_headers(), data.customer_headers(customer))
    nothing = Target("nothing", "/bench/nothing?", 0, {})
    placements = data.placements(PLACEMENT_ROUNDS * PLACEMENTS)
    results: dict[str, Any] = {"machine": machine(), "rows": data.sizes(), "connections": CONNECTIONS}
    with serving(home / "web.log") as port:
        everything = [nothing, *itertools.chain(*groups.values())]
        for target in everything:
            target.run(port, WARM_UP_SECONDS)
            target.rates.clear()
        for _ in range(options.rounds):
            for target in everything:
                target.run(port, options.seconds)
        placed = [
            measure(port, iter(placements[start : start + PLACEMENTS]), PLACEMENT_SECONDS).rate
            for start in range(0, len(placements), PLACEMENTS)
        ]
    results["rounds"] = {"number": options.rounds, "seconds": options.seconds}
    results["lists"] = {name: summary(group) for name, group in groups.items()}
    for name, group in groups.items():
        require_same_rows(name, [list(data.listed(target.body)) for target in group])
        results["lists"][name]["queries"] = {
            target.name: [data.queries(f"{target.path}{rows}", target.headers) for rows in (1, target.rows)]
            for target in group
        }
    results["empty_answers_per_second"] = round(nothing.rate, 1)
    results["placements_per_second"] = round(median(placed), 1)
    return results


def require_same_rows(name: str, answers: list[list[Any]]) -> None:
    if any(answer != answers[0] for answer in answers):
        raise RuntimeError(f"{name}: the answers hold different rows, so their speeds cannot be compared")


def targets(staff: dict[str, str], customer: dict[str, str]) -> dict[str, list[Target]]:
    """Ours first in each group."""
    return {
        "products": [
            Target("ours", "/api/products?per_page=", 100, {}),
            Target("ours, built each time", "/bench/unkept/products?per_page=", 100, {}),
            Target("handwritten", "/bench/raw/products?per_page=", 100, {}, goal=2.0),
            Target("handwritten, count kept", "/bench/raw/products?count=kept&per_page=", 100, {}),
            Target("stock DRF", "/bench/drf/products?per_page=", 100, {}, goal=7.0),
        ],
        "sales catalogue": [
            Target("ours", "/api/products/sales-catalog?all=", 1, {}),
            Target("ours, built each time", "/bench/unkept/sales-catalog?all=", 1, {}),
            Target("handwritten", "/bench/raw/sales-catalog?all=", 1, {}, goal=2.0),
            Target("stock DRF", "/bench/drf/sales-catalog?all=", 1, {}, goal=7.0),
        ],
        "staff orders": [
            Target("ours", "/api/staff/orders?per_page=", 50, staff),
            Target("handwritten", "/bench/raw/orders?per_page=", 50, staff, goal=0.9),
            Target("handwritten, count kept", "/bench/raw/orders?count=kept&per_page=", 50, staff),
            Target("stock DRF", "/bench/drf/orders?per_page=", 50, staff, goal=6.0),
        ],
        "customer's orders": [
            Target("ours", "/api/orders?per_page=", 50, customer),
            Target("handwritten", "/bench/raw/own-orders?per_page=", 50, customer, goal=0.9),
            Target("stock DRF", "/bench/drf/own-orders?per_page=", 50, customer, goal=6.0),
        ],
    }


@contextmanager
def serving(log: Path) -> Iterator[int]:
    """Our web server with the compared views, as `make run` starts it, but one process; yields its port."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--host", HOST]
    command += ["--port", str(port), "--workers", "1", "--blocking-threads", str(CONNECTIONS), "lld.wsgi:application"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            command,
            cwd=PROJECT,
            stdout=output,
            stderr=output,
            preexec_fn=child.die_with_parent(signal.SIGTERM),
        )
        try:
            wait_until_up(port, log)
            yield port
        finally:
            child.stop(process, [(signal.SIGTERM, 10), (signal.SIGKILL, 5)])


def wait_until_up(port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with Connection(port) as connection:
                if connection.ask(request("GET", "/api/v1/health", {}))[0] == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError(f"The server did not come up:\n{log.read_text()[-2000:]}")


def machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "processor": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "django": django.get_version(),
        "load_before": round(os.getloadavg()[0], 1),
    }


def summary(group: list[Target]) -> dict[str, Any]:
    ours, *others = group
    return {
        "requests_per_second": {target.name: round(target.rate, 1) for target in group},
        "ratios": {target.name: round(ours.rate / target.rate, 2) for target in others},
        "goals": {target.name: target.goal for target in others if target.goal is not None},
        "bytes": {target.name: len(target.body) for target in group},
    }


def report(results: dict[str, Any]) -> None:
    lines = []
    for name, found in results["lists"].items():
        lines += ["", f"{name + ', requests per second':<42} {'rate':>9} {'ours is':>10} {'goal':>7} {'queries':>9}"]
        for who, rate in found["requests_per_second"].items():
            ratio = f"{found['ratios'][who]:.2f} x" if who in found["ratios"] else ""
            goal = f"{found['goals'][who]} x" if who in found["goals"] else ""
            one, many = found["queries"][who]
            lines.append(f"  {who:<40} {rate:>9} {ratio:>10} {goal:>7} {one if one == many else f'{one}-{many}':>9}")
    lines += ["", *search_lines(results["search"])]
    lines += ["", *order_search_lines(results["order_search"])] if "order_search" in results else []
    lines += ["", *write_lines(results["writes"])] if "writes" in results else []
    lines += ["", f"empty answers {results['empty_answers_per_second']}/s"]
    lines.append(f"orders placed {results['placements_per_second']}/s")
    sys.stdout.write("\n".join(lines) + "\n")


def search_lines(found: dict[str, Any]) -> list[str]:
    ratio = found["ratio"]
    lines = [
        f"search, {found['queries']} judged queries at {found['products']} products: "
        f"{found['milliseconds']['ours']} ms, icontains {found['milliseconds']['icontains']} ms, mean",
        f"  of those that icontains finds, ours is {ratio['of hits']} x (goal {found['goal']} x); "
        f"of all {ratio['of all']} x; {found['hits_lost']} hits of icontains lost",
        f"  MRR {found['mrr']} of the first 10; missed {len(found['missed'])}: {', '.join(found['missed'])}",
    ]
    return [*lines, *(f"    {kind:<12} MRR {value}" for kind, value in found["mrr_by_kind"].items())]


def order_search_lines(found: dict[str, Any]) -> list[str]:
    title = f"order search at {found['orders']}, milliseconds"
    lines = [f"{title:<42} {'ours':>9} {'by hand':>10} {'ours is':>9}"]
    for kind, one in found["kinds"].items():
        times, ratio = one["milliseconds"], one["ratio"]
        shown = f"{times['ours']:>9} {times['handwritten']:>10} {ratio['ours']:>7} x"
        lines.append(f"  {kind:<40} {shown}, compiled {ratio['compiled']} x; {one['hits_lost']} hits lost")
    return lines


def write_lines(found: dict[str, Any]) -> list[str]:
    title = f"order writes, ms of processor, {found['before']}"
    lines = [f"{title:<42} {'before':>9} {'now':>10} {'cost':>9}"]
    for kind, one in found["kinds"].items():
        times, (low, high) = one["milliseconds"], one["spread"]
        shown = f"{times['before']:>9} {times['now']:>10} {one['cost']:>7} x"
        lines.append(f"  {kind:<40} {shown} (goal {found['goal']}; rounds {low}-{high})")
    return lines


if __name__ == "__main__":
    main()
