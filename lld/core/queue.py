"""Handing work to the worker when losing the message is no loss: the work is a row that a sweeper finds."""

from typing import Any

import structlog
from celery import Task as CeleryTask
from kombu.exceptions import OperationalError as BrokerDown

from lld.core.locks import try_alone

log = structlog.get_logger(__name__)

# Sweeps come again within this time, and find again what nobody has taken up.
FOUND_AGAIN_SECONDS = 60


class Task(CeleryTask):  # type: ignore[misc]  # Celery has no types
    """Every task of ours. What beat runs is left out while the last run of it goes on, in whatever worker."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if not self._is_scheduled:
            return super().__call__(*args, **kwargs)
        with try_alone(self.name) as alone:
            if alone:
                return super().__call__(*args, **kwargs)
        log.info("still_running", task=self.name)
        return None

    @property
    def _is_scheduled(self) -> bool:
        return any(entry["task"] == self.name for entry in self.app.conf.beat_schedule.values())


def announce(task: Any, *args: Any, queue: str | None = None) -> None:
    """Queue a Celery task now. With the broker down the row waits for its sweeper instead."""
    _announce(task, args, queue=queue)


def announce_found(task: Any, *args: Any, queue: str | None = None, again_in: int = FOUND_AGAIN_SECONDS) -> None:
    """The same by a sweeper, which will find the row again `again_in` seconds later: copies do not pile up."""
    _announce(task, args, queue=queue, expires=again_in)


def _announce(task: Any, args: tuple[Any, ...], **options: Any) -> None:
    try:
        task.apply_async(args, **options)
    except BrokerDown:
        log.warning("announcement_lost", task=task.name)
