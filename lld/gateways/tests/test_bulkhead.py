"""Places for calls of vendors, and the threads of a web process."""

import re
from pathlib import Path

from lld.gateways import bulkhead

PROJECT = Path(__file__).resolve().parents[3]


def test_bulkheads_leave_most_threads_free() -> None:
    started_with = [
        int(threads)
        for file in ("Dockerfile", "lld/stack/runner.py")
        for threads in re.findall(r'"--blocking-threads", "(\d+)"', (PROJECT / file).read_text())
    ]

    assert len(started_with) == 2
    for threads in started_with:
        for calls in (bulkhead.MODEL_CALLS, bulkhead.FILE_READS):
            assert calls._places._initial_value * 4 <= threads
