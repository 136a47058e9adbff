"""Handing work to the worker when losing the message is no loss: the work is a row that a sweeper finds."""

from typing import Any

import structlog
from kombu.exceptions import OperationalError as BrokerDown

log = structlog.get_logger(__name__)


def announce(task: Any, *args: Any) -> None:
    """Queue a Celery task now. With the broker down the row waits for its sweeper instead."""
    try:
        task.delay(*args)
    except BrokerDown:
        log.warning("announcement_lost", task=task.name)
