"""Queues that somebody serves, and what beat runs as django-celery-beat understands it."""

import re
from pathlib import Path
from typing import Any

import pytest
from django_celery_beat.schedulers import ModelEntry

from lld.celery import app
from lld.core import outbox
from lld.core.queue import FOUND_AGAIN_SECONDS
from lld.settings.schedule import CELERY_BEAT_SCHEDULE, MAIL, TEXTS, WORK

PROJECT = Path(__file__).resolve().parents[3]


@pytest.mark.django_db
@pytest.mark.parametrize("name", CELERY_BEAT_SCHEDULE)
def test_copies_in_the_queue_die_when_the_next_is_due(name: str) -> None:
    entry: dict[str, Any] = CELERY_BEAT_SCHEDULE[name]
    app.loader.import_default_modules()
    assert entry["task"] in app.tasks

    stored = ModelEntry.from_entry(name, app=app, **entry)

    assert stored.options["expires"] == entry["schedule"]
    assert stored.options["queue"] in {WORK, MAIL, TEXTS}


def test_what_a_sweep_announces_dies_before_it_is_announced_often() -> None:
    """A message that nobody takes up has some four copies in its queue, not four for each minute of an outage."""
    shortest = min(entry["schedule"] for entry in CELERY_BEAT_SCHEDULE.values())
    assert 4 * shortest >= FOUND_AGAIN_SECONDS


def test_each_queue_gets_its_own_messages_only() -> None:
    routes = {name: (queue.exchange.name, queue.routing_key) for name, queue in app.amqp.queues.items()}
    assert routes == {name: (name, name) for name in (WORK, MAIL, TEXTS)}


def test_mails_and_texts_wait_for_nothing_else() -> None:
    queues = {name: channel.queue for name, channel in outbox._channels.items() if not name.startswith("test")}
    assert queues == {"email": MAIL, "sms": TEXTS, "recovery": TEXTS, "discord": WORK, "event": WORK}


@pytest.mark.parametrize(
    ("file", "pattern"),
    [("docker-compose.yml", r"--queues ([a-z,]+)"), ("lld/stack/runner.py", r'"--queues", "([a-z,]+)"')],
)
def test_every_queue_is_served(file: str, pattern: str) -> None:
    served = re.findall(pattern, (PROJECT / file).read_text())
    assert sorted(served) == [f"{TEXTS},{MAIL}", WORK]
