"""Events: how a lower app makes something happen in a higher one without importing it.

An event is a frozen dataclass in the lower app's `events.py`. A higher app subscribes its handlers in its
`AppConfig.ready`, so that whoever publishes knows them: web, worker, beat and commands alike. A published event is an
outbox row for each handler, of the transaction that caused it; one handler's failure repeats neither the others nor
the event.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, TypeVar

from lld.core import outbox
from lld.core.errors import DomainError


@dataclass(frozen=True)
class Event(ABC):
    """Its fields are facts that JSON holds: numbers, texts. `name` is stored with it, and stays."""

    name: ClassVar[str]

    @property
    @abstractmethod
    def key(self) -> str:
        """The occurrence: two events of one name and key are one."""


E = TypeVar("E", bound=Event)
Handler = Callable[[E], None]

_subscribed: dict[type[Event], dict[str, Handler[Any]]] = {}


def subscribe(event: type[E], handler: Handler[E]) -> None:
    """Have `handler` called with each `event`, at least once. Make it idempotent. Called in `AppConfig.ready`.

    TypeError for a base of events: only what has a name of its own is published, and found again by it.
    """
    if "name" not in vars(event):
        raise TypeError(f"{event.__name__} has no name of its own, so its handler would never be called.")
    _subscribed.setdefault(event, {})[f"{handler.__module__}.{handler.__qualname__}"] = handler


def publish(event: Event) -> None:
    """Tell every handler of this event, after commit. RuntimeError outside a transaction, if there is a handler."""
    for handler in _subscribed.get(type(event), {}):
        payload = {"event": event.name, "handler": handler, "facts": asdict(event)}
        outbox.enqueue("event", key=f"event:{event.name}:{event.key}:{handler}", payload=payload)


def _dispatch(key: str, payload: Mapping[str, Any]) -> str:
    """The outbox's side of it. TryLater for what this program does not know, as while a release replaces another."""
    kinds = {kind.name: kind for kind in _subscribed}
    kind = kinds.get(payload["event"])
    handler = _subscribed[kind].get(payload["handler"]) if kind else None
    if kind is None or handler is None:
        raise outbox.TryLater(f"Nothing here handles {payload['event']} as {payload['handler']}.")
    try:
        event = kind(**payload["facts"])
    except TypeError as error:
        raise DomainError(f"{payload['event']} has other facts than when it was published.") from error
    handler(event)
    return ""


outbox.register_channel("event", outbox.Channel(send=_dispatch))
