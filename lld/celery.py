"""The background worker's application: `celery -A lld worker`, `celery -A lld beat`."""

from typing import Any

import structlog
from celery import Celery
from celery.signals import setup_logging, task_postrun, task_prerun

app = Celery("lld", task_cls="lld.core.queue:Task")
# Without this only the thread that imports us would know the broker; the web server has many.
app.set_default()
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logs(**_: Any) -> None:
    """Receiving this signal keeps Celery from replacing the log configuration of the settings."""


@task_prerun.connect
def bind_task_to_logs(task_id: str, task: Any, **_: Any) -> None:
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id)


@task_postrun.connect
def unbind_task_from_logs(**_: Any) -> None:
    structlog.contextvars.unbind_contextvars("task", "task_id")
