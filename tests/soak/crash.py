"""Bad days: the process dies between two steps, the network loses calls, the broker is down."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from random import Random
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe
from django.db import transaction

from lld.core import outbox

_leave = transaction.Atomic.__exit__
_announce = outbox.announce


class Killed(BaseException):
    """Ends everything that the program is doing, as `kill -9` does: nothing catches it, no hook runs after it."""


class Wire:
    """A connection to Stripe that costs a fifth of what the SDK's own does."""

    def __init__(self) -> None:
        self._connection: HTTPConnection | None = None

    def request(self, method: str, url: str, headers: Mapping[str, str], body: str | None = None) -> Any:
        parts = urlsplit(url)
        if self._connection is None:
            self._connection = HTTPConnection(parts.netloc, timeout=20)
        try:
            self._connection.request(method.upper(), f"{parts.path}?{parts.query}", body, dict(headers))
            answer = self._connection.getresponse()
            return answer.read(), answer.status, answer.headers
        except (OSError, HTTPException) as error:
            self.close()
            raise stripe.APIConnectionError(str(error), should_retry=True) from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


class Fate:
    """Watches every step that others can see: each call of Stripe, before and after, and each commit, likewise."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """A day without trouble."""
        self.steps_to_live: int | None = None
        self.calls_to_trouble: int | None = None
        self.trouble = ""
        self.broker_is_down = False

    @contextmanager
    def bad_day(self, dice: Random) -> Iterator[None]:
        """What goes wrong while the block runs; mostly nothing does."""
        kind = dice.random()
        if kind < 0.15:
            self.steps_to_live = dice.randint(1, 9)
        elif kind < 0.3:
            self.calls_to_trouble = dice.randint(1, 4)
            self.trouble = dice.choice(["unsent", "unheard", "refused", "unheard once"])
        self.broker_is_down = dice.random() < 0.15
        try:
            yield
        finally:
            self.forget()

    def step(self) -> bool:
        """Whether the process dies here."""
        if self.steps_to_live is None:
            return False
        self.steps_to_live -= 1
        return self.steps_to_live <= 0

    def die_here(self) -> None:
        if self.step():
            self.steps_to_live = None
            raise Killed

    def next_trouble(self) -> str:
        """What becomes of a call that is about to be sent. Trouble lasts: repeating the call does not help."""
        if self.calls_to_trouble is None:
            return ""
        self.calls_to_trouble -= 1
        if self.calls_to_trouble > 0:
            return ""
        if self.trouble == "unheard once":
            self.calls_to_trouble = None
            return "unheard"
        return self.trouble


def install(fate: Fate, wire: Wire, patch: pytest.MonkeyPatch) -> None:
    """Lets `fate` have its way at the border of the program: the SDK's transport, the commits and the broker."""

    def send(_: Any, *request: Any, **options: Any) -> Any:
        fate.die_here()
        trouble = fate.next_trouble()
        if trouble == "unsent":
            raise stripe.APIConnectionError("The network is down.", should_retry=True)
        if trouble == "refused":
            return '{"error": {"type": "api_error", "message": "Stripe is down."}}', 500, {}
        answer = wire.request(*request)
        if trouble == "unheard":
            raise stripe.APIConnectionError("The answer was lost.", should_retry=True)
        fate.die_here()
        return answer

    def leave(
        block: transaction.Atomic,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        connection = transaction.get_connection(block.using)
        if kind is not None or len(connection.atomic_blocks) > 1:
            return _leave(block, kind, error, trace)
        if fate.step():
            fate.steps_to_live = None
            _leave(block, Killed, Killed(), None)
            raise Killed
        if fate.step():
            fate.steps_to_live = None
            connection.run_on_commit.clear()
            _leave(block, None, None, None)
            raise Killed
        return _leave(block, None, None, None)

    def announce(task: Any, *args: Any, **options: Any) -> None:
        if not fate.broker_is_down:
            _announce(task, *args, **options)

    patch.setattr(stripe.RequestsClient, "request", send)
    patch.setattr(transaction.Atomic, "__exit__", leave)
    patch.setattr(outbox, "announce", announce)
