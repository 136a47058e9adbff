"""`make bench`: fill a database, serve it, measure in turns, print ratios, write bench/results.json.

Ratios of one run mean something; the numbers of one machine on one day do not, so nothing here passes or fails.
"""

import argparse
import http.client
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from bench.load import Target, measure
from lld.stack.configuration import Configuration
from lld.stack.servers import EmbeddedServers
from lld.stack.valkey import free_port

HERE = Path(__file__).parent
GOALS = {"products": {"handwritten": 2.0, "stock DRF": 7.0}, "orders": {"handwritten": 0.9, "stock DRF": 6.0}}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench")
    parser.add_argument("--products", type=int, default=50_000)
    parser.add_argument("--orders", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=2.0, help="Of one round of one target.")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="lld-bench-") as folder,
        EmbeddedServers(Path(folder), durable=False) as servers,
    ):
        environment = {
            **os.environ,
            **Configuration.read({"LLD_HOME": folder}).environment(),
            **servers.urls,
            "DJANGO_SETTINGS_MODULE": "bench.settings",
        }
        manage(environment, "migrate", "--verbosity=0")
        manage(environment, "collectstatic", "--no-input", "--verbosity=0")
        size = [f"--products={options.products}", f"--orders={options.orders}", f"--customers={options.orders // 10}"]
        manage(environment, "seed_demo", *size)
        results = run(environment, options.rounds, options.seconds)
    results["rows"] = {"products": options.products, "orders": options.orders}
    (HERE / "results.json").write_text(json.dumps(results, indent=2) + "\n")
    report(results)


def manage(environment: dict[str, str], *arguments: str) -> None:
    subprocess.run([sys.executable, "manage.py", *arguments], env=environment, check=True)


def run(environment: dict[str, str], rounds: int, seconds: float) -> dict[str, Any]:
    port = free_port()
    server = [sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws", "--host", "127.0.0.1"]
    server += ["--port", str(port), "--workers", "1", "--blocking-threads", "4", "--log-level", "error"]
    process = subprocess.Popen([*server, "lld.wsgi:application"], env=environment)
    try:
        wait_until_up(port)
        groups = targets(staff_token(port))
        for number in range(rounds + 1):
            for group in groups.values():
                for target in group:
                    measure("127.0.0.1", port, target, seconds if number else 0.5)
        for group in groups.values():
            for target in group:
                target.rates.pop(0)
    finally:
        process.terminate()
        process.wait(10)
    return {
        "machine": {"cores": os.cpu_count(), "processor": platform.machine(), "python": platform.python_version()},
        "rounds": rounds,
        "lists": {
            name: {
                "requests_per_second": {target.name: round(median(target.rates), 1) for target in group},
                "bytes": {target.name: target.size for target in group},
                "ratios": {
                    target.name: round(median(group[0].rates) / median(target.rates), 2) for target in group[1:]
                },
                "goals": GOALS.get(name, {}),
            }
            for name, group in groups.items()
        },
    }


def targets(token: str) -> dict[str, list[Target]]:
    """Ours first in each group."""
    staff = {"Authorization": f"Bearer {token}"}
    return {
        "products": [
            Target("ours", "/api/products"),
            Target("handwritten", "/bench/raw/products"),
            Target("stock DRF", "/bench/drf/products?per_page=100"),
        ],
        "orders": [
            Target("ours", "/api/staff/orders", staff),
            Target("handwritten", "/bench/raw/orders", staff),
            Target("stock DRF", "/bench/drf/orders?per_page=50", staff),
        ],
        "empty answer": [Target("ours", "/bench/nothing")],
    }


def staff_token(port: int) -> str:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = json.dumps({"username": "admin", "password": "demo-pass-2026"})
    connection.request("POST", "/api/staff/login", body, {"Content-Type": "application/json"})
    token: str = json.loads(connection.getresponse().read())["token"]
    return token


def wait_until_up(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/api/v1/health")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("the server did not come up")


def report(results: dict[str, Any]) -> None:
    for name, found in results["lists"].items():
        rates = ", ".join(f"{who} {rate}/s" for who, rate in found["requests_per_second"].items())
        sys.stdout.write(f"\n{name}: {rates}\n")
        for who, ratio in found["ratios"].items():
            sys.stdout.write(f"  ours is {ratio:.2f} x {who} (goal {found['goals'][who]})\n")


if __name__ == "__main__":
    main()
