"""Events: how a lower app makes something happen in a higher one without importing it.

An event is an outbox row of the transaction that caused it, one for each handler, so that one handler's
failure repeats neither the others nor the event.
"""

from collections.abc import Callable, Mapping
from typing import Any

from lld.core import outbox

Handler = Callable[..., None]

_handlers: dict[str, dict[str, Handler]] = {}


def on(event: str) -> Callable[[Handler], Handler]:
    """Register a handler, called with the event's facts as keywords, at least once. Make it idempotent."""

    def register(handler: Handler) -> Handler:
        _handlers.setdefault(event, {})[f"{handler.__module__}.{handler.__qualname__}"] = handler
        return handler

    return register


def publish(event: str, *, key: str, **facts: Any) -> None:
    """Tell every handler of `event`, after commit. `key` names the occurrence, such as an order's number."""
    for name in _handlers.get(event, {}):
        payload = {"event": event, "handler": name, "facts": facts}
        outbox.enqueue("event", key=f"event:{event}:{key}:{name}", payload=payload)


def _dispatch(key: str, payload: Mapping[str, Any]) -> str:
    _handlers[payload["event"]][payload["handler"]](**payload["facts"])
    return ""


outbox.register_channel("event", outbox.Channel(send=_dispatch))
