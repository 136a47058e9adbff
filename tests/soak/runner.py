"""Sequences of moves, from seeds: performed, ended and checked in batches.

One that breaks a rule is made as short as it can be, and says how to run it again.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random

import pytest
import time_machine
from django.utils import timezone

from lld.core.errors import DomainError
from sandbox.testing import SandboxClient
from tests.emptying import truncate_tables
from tests.soak import crash
from tests.soak.checks import Violation, find_violations
from tests.soak.crash import Fate, Killed, Wire
from tests.soak.ending import end
from tests.soak.moves import MOVES, OPENINGS, WEIGHTS
from tests.soak.world import NotNow, Play, World

BATCH = 60
# Longer runs say how far they are.
TOLD_FROM = 1000
# How many of those that broke a rule are made short: it takes as long as a batch.
MOST_LOOKS = 6


@dataclass(frozen=True)
class Step:
    """One move, and the seed of its own dice: leaving others out changes nothing about it."""

    move: str
    seed: int
    outcome: str = ""

    def __str__(self) -> str:
        return f"{self.move} {self.seed} {self.outcome}".rstrip()


@dataclass
class Performed:
    """A sequence as it went. `bug`: what was raised that nobody expects."""

    play: Play
    steps: list[Step]
    bug: str = ""


class Soak:
    """Runs batches in one database and one sandbox, both emptied before each."""

    def __init__(self, sandbox: SandboxClient, patch: pytest.MonkeyPatch) -> None:
        self._sandbox = sandbox
        self.fate, self._wire = Fate(), Wire()
        self._looks = MOST_LOOKS
        crash.install(self.fate, self._wire, patch)

    def close(self) -> None:
        self._wire.close()
        truncate_tables()

    def run(self, seeds: Iterable[int]) -> list[str]:
        """A report of each sequence that broke a rule."""
        batch, reports = list(seeds), []
        for start in range(0, len(batch), BATCH):
            found = self._run_batch(batch[start : start + BATCH])
            reports += found
            # At once, also from a worker of pytest-xdist: a long run may be stopped.
            for report in found:
                sys.__stderr__.write(f"\n{report}\n")
            if len(batch) > TOLD_FROM:
                done = min(start + BATCH, len(batch))
                sys.__stderr__.write(f"{done:,} of {len(batch):,} sequences, {len(reports)} broke a rule\n")
        return reports

    def broken(self, seeds: Sequence[int]) -> set[int | None]:
        """Which of these break a rule, together, without a closer look."""
        _, violations = self._perform(dict.fromkeys(seeds))
        return {violation.seed for violation in violations}

    def _run_batch(self, seeds: Sequence[int]) -> list[str]:
        performed, violations = self._perform(dict.fromkeys(seeds))
        broken = {violation.seed for violation in violations}
        if not broken:
            return []
        if None in broken:
            # It belongs to no one: each is tried alone.
            broken = set(seeds)
        scripts = {done.play.seed: done.steps for done in performed}
        reports = [report for seed in sorted(broken, key=str) for report in self._look_closer(seed, scripts[seed])]
        return reports or [f"Seeds {seeds[0]} to {seeds[-1]}, only together: {violations}"]

    def _look_closer(self, seed: int, steps: list[Step]) -> Iterator[str]:
        self._looks -= 1
        steps, violations = self.shrink(seed, steps) if self._looks >= 0 else self._again(seed, steps)
        if violations:
            told = "\n".join(f"  {violation.rule}: {violation.detail}" for violation in violations)
            moves = "\n".join(f"    {step}" for step in steps)
            yield f"SOAK_SEED={seed}\n{told}\n{moves}"

    def _again(self, seed: int, steps: list[Step]) -> tuple[list[Step], list[Violation]]:
        return steps, self._perform({seed: steps})[1]

    def shrink(self, seed: int, steps: list[Step]) -> tuple[list[Step], list[Violation]]:
        """Leaves out moves for as long as a rule is still broken."""
        performed, violations = self._perform({seed: steps})
        if not violations:
            return steps, []
        index = len(steps) - 1
        while index >= 0:
            shorter = steps[:index] + steps[index + 1 :]
            done, still = self._perform({seed: shorter})
            if still:
                steps, violations, performed = shorter, still, done
            index -= 1
        return performed[0].steps, violations

    def _perform(self, scripts: "dict[int, list[Step] | None]") -> tuple[list[Performed], list[Violation]]:
        """All of these sequences, one after the other; with a script, those moves and no others."""
        truncate_tables()
        self.fate.forget()
        with time_machine.travel(timezone.now(), tick=True) as clock:
            world = World(self._sandbox, clock, self.fate)
            performed = [self._play(world, seed, script) for seed, script in scripts.items()]
            plays = [done.play for done in performed]
            complaints = end(world, plays)
            violations = find_violations(world, plays)
        violations += [Violation(None, "Reconcile can finish everything", complaint) for complaint in complaints]
        violations += [
            Violation(done.play.seed, "Nothing is raised but refusals", done.bug) for done in performed if done.bug
        ]
        return performed, violations

    def move(self, play: Play, name: str, dice: Random) -> None:
        MOVES[name](play, dice)

    def _play(self, world: World, seed: int, script: list[Step] | None) -> Performed:
        done = Performed(Play(world, seed), [])
        dice = Random(f"steps {seed}")
        for step in script if script is not None else choose_opening(dice):
            self._step(done, step, redo=script is not None)
        if script is None:
            length = len(done.steps) + dice.randint(2, 5)
            for step in choose_steps(dice):
                self._step(done, step, redo=False)
                if len(done.steps) >= length:
                    break
        return done

    def _step(self, done: Performed, step: Step, *, redo: bool) -> None:
        dice = Random(step.seed)
        try:
            with self.fate.bad_day(dice):
                self.move(done.play, step.move, dice)
            outcome = ""
        except NotNow:
            if redo:
                done.steps.append(replace(step, outcome="(not now)"))
            return
        except DomainError as error:
            outcome = f"({error.sentence})"
        except Killed:
            outcome = "(killed)"
        except RuntimeError:
            # Stripe's side refuses what its customers, banks and dashboard may not do now.
            outcome = "(refused by Stripe)"
        except Exception as error:
            outcome = done.bug = f"{step}: {error!r}"
        done.play.look()
        done.steps.append(replace(step, outcome=outcome))


def choose_opening(dice: Random) -> list[Step]:
    """A way to begin: mostly an order, and money that comes for it."""
    return [Step(move.__name__, dice.getrandbits(32)) for move in dice.choice(OPENINGS)]


def choose_steps(dice: Random) -> Iterator[Step]:
    """Anything; many of these cannot be done when they come up, and do not count."""
    names = list(MOVES)
    for _ in range(200):
        yield Step(dice.choices(names, WEIGHTS)[0], dice.getrandbits(32))
