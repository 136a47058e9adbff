"""Many threads that start at the same moment, each with a database connection of its own."""

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections


def storm(count: int, action: Callable[[int], Any]) -> list[Any]:
    """Run `action(0)` … `action(count - 1)` at once; their results in order, an exception as itself."""
    results: list[Any] = [None] * count
    start = threading.Barrier(count)

    def run(index: int) -> None:
        try:
            start.wait(30)
            results[index] = action(index)
        except Exception as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(90)
    assert not any(thread.is_alive() for thread in threads), "the storm did not end"
    return results
