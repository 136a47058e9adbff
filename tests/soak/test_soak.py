"""Random sequences of everything that can happen to an order's money; afterwards all books must agree.

`SOAK_SEQUENCES` says how many `make soak` tries, `SOAK_FROM` with which seed it begins. `SOAK_SEED` tries one alone
(`pytest tests/soak -k one`).
"""

import logging
import os
from collections.abc import Iterator

import pytest

from orders.services import refunds, stripe_events
from sandbox.testing import SandboxClient
from tests.soak.processes import KilledSoak
from tests.soak.runner import Soak

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_pause")]

SEQUENCES, FROM = int(os.environ.get("SOAK_SEQUENCES", "5000")), int(os.environ.get("SOAK_FROM", "100000"))
# One for each core.
HALVES = (0, 1)


@pytest.fixture
def soak(request: pytest.FixtureRequest, sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> Iterator[Soak]:
    # Everything is warned of here.
    logging.disable(logging.CRITICAL)
    soak = getattr(request, "param", Soak)(sandbox, monkeypatch)
    yield soak
    soak.close()
    logging.disable(logging.NOTSET)


# What fails is tried again and again.
@pytest.mark.timeout(900)
@pytest.mark.parametrize("half", HALVES)
def test_money_agrees_after_anything(soak: Soak, half: int) -> None:
    reports = soak.run(range(half, 300, 2))

    assert not reports, "\n\n".join(reports)


@pytest.mark.soak
@pytest.mark.timeout(24 * 3600)
@pytest.mark.parametrize("half", HALVES)
def test_soak_money_agrees_after_anything(soak: Soak, half: int) -> None:
    reports = soak.run(range(FROM + half, FROM + SEQUENCES, 2))

    assert not reports, "\n\n".join(reports)


@pytest.mark.soak
@pytest.mark.timeout(24 * 3600)
@pytest.mark.parametrize("soak", [KilledSoak], indirect=True)
def test_soak_money_agrees_after_processes_were_killed(soak: Soak) -> None:
    reports = soak.run(range(FROM, FROM + SEQUENCES // 20))

    assert not reports, "\n\n".join(reports)


@pytest.mark.skipif("SOAK_SEED" not in os.environ, reason="names the sequence to try")
def test_one_sequence(soak: Soak) -> None:
    seed = int(os.environ["SOAK_SEED"])

    reports = soak.run([seed])

    assert not reports, "\n\n".join(reports)


def test_control_without_catching_up_books_do_not_agree(soak: Soak, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe_events, "catch_up", lambda **_: [])

    assert soak.broken(range(20))


def test_control_without_refunds_cancelled_orders_keep_money(soak: Soak, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refunds, "request_refunds", lambda *_, **__: [])

    assert soak.broken(range(20))
