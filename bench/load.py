"""A small load generator: connections that stay open, each asking again as soon as it is answered."""

import http.client
import threading
import time
from dataclasses import dataclass, field

CONNECTIONS = 4


@dataclass
class Target:
    """One address; `rates` are the requests per second of its rounds."""

    name: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    rates: list[float] = field(default_factory=list)
    size: int = 0


def measure(host: str, port: int, target: Target, seconds: float) -> None:
    """One round: ask for `seconds` over CONNECTIONS connections. Raises RuntimeError unless all answers are 200."""
    counts = [0] * CONNECTIONS
    problems: list[str] = []
    began = time.perf_counter()

    def ask(index: int) -> None:
        connection = http.client.HTTPConnection(host, port, timeout=30)
        while time.perf_counter() - began < seconds:
            connection.request("GET", target.path, headers=target.headers)
            answer = connection.getresponse()
            body = answer.read()
            if answer.status != 200:
                problems.append(f"{target.name}: {answer.status} {body[:200]!r}")
                return
            counts[index] += 1
            target.size = len(body)
        connection.close()

    threads = [threading.Thread(target=ask, args=(index,)) for index in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if problems:
        raise RuntimeError(problems[0])
    target.rates.append(sum(counts) / (time.perf_counter() - began))
