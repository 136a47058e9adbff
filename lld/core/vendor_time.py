"""Who waits how long for vendors: a web request for some seconds in all, everything else as long as its clients do.

What came through `VendorTimeMiddleware` is a web request. Tasks, commands and shells are not: nobody waits for their
answer, and they hold no thread that others need.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

# Stripe answers within two seconds; a person who pays waits for ten, and then presses the button again.
REQUEST_SECONDS = 10.0


class _Allowance:
    """Runs from its first use on: what a request waited for before, such as a lock, is not the vendor's doing."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._ends_at: float | None = None

    def left(self) -> float:
        now = time.monotonic()
        if self._ends_at is None:
            self._ends_at = now + self._seconds
        return self._ends_at - now


_allowance: ContextVar[_Allowance | None] = ContextVar("vendor_time", default=None)


@contextmanager
def allow(seconds: float) -> Iterator[None]:
    """While the block runs, all calls of vendors that look at `seconds_left` share so many seconds."""
    token = _allowance.set(_Allowance(seconds))
    try:
        yield
    finally:
        _allowance.reset(token)


def seconds_left() -> float | None:
    """For the vendors that a web request calls, zero or less once they are used up; None in the background."""
    allowance = _allowance.get()
    return None if allowance is None else allowance.left()
