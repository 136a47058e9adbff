"""Sequences whose moves are made by processes of their own, some of which are killed in the middle."""

import os
import pickle
import select
import signal
import warnings
from random import Random
from typing import Any

from django.db import connections

from lld.core.errors import DomainError
from tests.soak.crash import Killed
from tests.soak.moves import MOVES
from tests.soak.runner import Soak
from tests.soak.world import NotNow, Play

# How long a move may take, in seconds; most of those that are killed are in the middle of something.
LONGEST = 60.0


class KilledSoak(Soak):
    """Every move is a process. When one is killed, and where it is by then, is not the seed's to say."""

    def move(self, play: Play, name: str, dice: Random) -> None:
        time_to_live = dice.random() * 0.06 if dice.random() < 0.4 else LONGEST
        # What two processes share, neither of them may use or end.
        connections.close_all()
        self._wire.close()
        play.world.sandbox.close()
        reader, writer = os.pipe()
        with warnings.catch_warnings():
            # The other threads are the test runner's, and wait.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            os.close(reader)
            _tell(writer, self._outcome(play, name, dice))
            os._exit(0)
        os.close(writer)
        outcome = _hear(reader, child, time_to_live)
        if outcome is None:
            raise Killed
        error, play.intents, play.pages, play.untold, play.world.heard = outcome
        if error is not None:
            raise error

    def _outcome(self, play: Play, name: str, dice: Random) -> tuple[Any, ...]:
        error: BaseException | None = None
        try:
            MOVES[name](play, dice)
        except (NotNow, RuntimeError, Killed) as refusal:
            error = refusal
        except DomainError as refusal:
            error = DomainError(refusal.sentence)
        except BaseException as bug:
            error = AssertionError(repr(bug))
        connections.close_all()
        return error, play.intents, play.pages, play.untold, play.world.heard


def _tell(writer: int, outcome: tuple[Any, ...]) -> None:
    with os.fdopen(writer, "wb") as file:
        pickle.dump(outcome, file)


def _hear(reader: int, child: int, seconds: float) -> tuple[Any, ...] | None:
    """What a process says of its move; None when it had to be killed before it could."""
    with os.fdopen(reader, "rb") as file:
        if not select.select([file], [], [], seconds)[0]:
            os.kill(child, signal.SIGKILL)
        told = file.read()
    os.waitpid(child, 0)
    try:
        outcome: tuple[Any, ...] = pickle.loads(told)  # noqa: S301 - our own
    except (EOFError, pickle.UnpicklingError):
        return None
    return outcome
