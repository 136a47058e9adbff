"""Events: who hears of them, when, and in which processes."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction
from django.utils import timezone

from lld.core import events, outbox
from lld.core.errors import GatewayError
from lld.core.events import Event
from lld.core.models import OutboxMessage

COMMITTED = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Happened(Event):
    number: int
    name: ClassVar[str] = "test.happened"

    @property
    def key(self) -> str:
        return str(self.number)


@dataclass(frozen=True)
class Unheard(Event):
    name: ClassVar[str] = "test.unheard"

    @property
    def key(self) -> str:
        return ""


@pytest.fixture(autouse=True)
def handlers(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Callable[[Any], None]]]:
    """The handlers of Happened, during the test only."""
    subscribed: dict[str, Callable[[Any], None]] = {}
    monkeypatch.setitem(events._subscribed, Happened, subscribed)
    return subscribed


def publish(event: Event) -> None:
    with transaction.atomic():
        events.publish(event)


@COMMITTED
def test_event_is_heard_by_each_handler_once_after_commit(handlers: dict[str, Any]) -> None:
    heard: list[tuple[str, int]] = []
    handlers["one"] = lambda event: heard.append(("one", event.number))
    handlers["two"] = lambda event: heard.append(("two", event.number))

    with transaction.atomic():
        events.publish(Happened(7))
        assert heard == []
    publish(Happened(7))

    assert sorted(heard) == [("one", 7), ("two", 7)]


@COMMITTED
def test_event_undone_is_not_heard(handlers: dict[str, Any]) -> None:
    heard: list[Happened] = []
    handlers["one"] = heard.append

    with transaction.atomic():
        events.publish(Happened(7))
        transaction.set_rollback(True)

    assert heard == []
    assert not OutboxMessage.objects.exists()


@COMMITTED
def test_handler_failure_repeats_no_other(handlers: dict[str, Any]) -> None:
    heard: list[str] = []

    def fails_once(event: Happened) -> None:
        heard.append("two")
        if heard.count("two") == 1:
            raise GatewayError("Vendor", "Down.")

    handlers["one"] = lambda event: heard.append("one")
    handlers["two"] = fails_once

    publish(Happened(7))
    OutboxMessage.objects.filter(state="pending").update(due_at=timezone.now() - timedelta(minutes=1))
    outbox.sweep()

    assert heard == ["one", "two", "two"]
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"sent"}


@pytest.mark.django_db
def test_event_without_handler_is_not_stored() -> None:
    publish(Unheard())
    assert not OutboxMessage.objects.exists()


def test_handlers_are_subscribed_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    def handler(event: Unheard) -> None: ...

    monkeypatch.setitem(events._subscribed, Unheard, {})

    events.subscribe(Unheard, handler)
    events.subscribe(Unheard, handler)

    assert list(events._subscribed[Unheard].values()) == [handler]


@dataclass(frozen=True)
class Base(Event):
    @property
    def key(self) -> str:
        return ""


@dataclass(frozen=True)
class Nameless(Happened):
    """Has the name of its base only, by which the base is found again."""


@pytest.mark.parametrize("event", [Base, Nameless])
def test_event_without_a_name_of_its_own_has_no_handlers(event: type[Event]) -> None:
    with pytest.raises(TypeError, match=event.__name__):
        events.subscribe(event, lambda event: None)
    assert event not in events._subscribed


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("payload", "state", "error"),
    [
        ({"event": "test.gone"}, "pending", "Nothing here handles test.gone as one."),
        ({"handler": "gone"}, "pending", "Nothing here handles test.happened as gone."),
        ({"facts": {"other": 7}}, "failed", "test.happened has other facts than when it was published."),
    ],
)
def test_event_not_understood_says_so(
    handlers: dict[str, Any], payload: dict[str, Any], state: str, error: str
) -> None:
    handlers["one"] = lambda event: None
    stored = {"event": "test.happened", "handler": "one", "facts": {"number": 7}, **payload}
    OutboxMessage.objects.create(channel="event", key="k", payload=stored, due_at=timezone.now())

    outbox.deliver("k")

    kept = OutboxMessage.objects.get()
    assert (kept.state, kept.error) == (state, error)


PUBLISH = """
from django.db import transaction
from lld.core import events
from lld.core.models import OutboxMessage
from orders.events import OrderPlaced
with transaction.atomic():
    events.publish(OrderPlaced(1, "LLD-1"))
    print(*OutboxMessage.objects.values_list("key", flat=True))
    transaction.set_rollback(True)
"""
PROCESSES = {
    "web": [sys.executable, "-c", f"import lld.wsgi\n{PUBLISH}"],
    "worker": [sys.executable, "-c", f"from lld.celery import app\napp.loader.import_default_modules()\n{PUBLISH}"],
    "command": [sys.executable, "-m", "django", "shell", "--no-imports", "-c", PUBLISH],
}


@COMMITTED
@pytest.mark.parametrize("process", PROCESSES)
def test_handlers_are_known_in_every_process(process: str) -> None:
    database = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.hearer.settings",
        "DATABASE_URL": database.geturl(),
    }

    result = subprocess.run(PROCESSES[process], env=environment, capture_output=True, text=True, timeout=60)

    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == ["event:order.placed:LLD-1:tests.hearer.handlers.note_placement"]
