"""Places for calls of vendors, and the threads of a web process."""

import re
from pathlib import Path

from lld.core.bulkhead import Bulkhead
from lld.gateways import bulkhead

PROJECT = Path(__file__).resolve().parents[3]


def test_bulkheads_leave_a_quarter_of_the_threads_when_all_hang() -> None:
    started_with = [
        int(threads)
        for file in ("Dockerfile", "lld/stack/runner.py")
        for threads in re.findall(r'"--blocking-threads", "(\d+)"', (PROJECT / file).read_text())
    ]

    assert len(started_with) == 2
    for threads in started_with:
        places = [value._places._initial_value for value in vars(bulkhead).values() if isinstance(value, Bulkhead)]
        assert len(places) == 3
        assert sum(places) * 4 <= threads * 3
