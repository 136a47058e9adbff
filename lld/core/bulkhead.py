"""A bulkhead: however slow something is, it holds a few threads of a web process and never all."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from lld.core.errors import DomainError, Overloaded

RETRY_SECONDS = 5


class Bulkhead:
    """At most `places` calls of this process at a time."""

    def __init__(self, places: int) -> None:
        self._places = BoundedSemaphore(places)

    @contextmanager
    def place(self, *, wait_seconds: float = 0, refusal: DomainError | None = None) -> Iterator[None]:
        """Hold a place while the block runs. `refusal`, else Overloaded (503), when none gets free within
        `wait_seconds`."""
        if not self._places.acquire(timeout=wait_seconds):
            raise refusal or Overloaded("Many are asking just now. Try again in a moment.", retry_after=RETRY_SECONDS)
        try:
            yield
        finally:
            self._places.release()
