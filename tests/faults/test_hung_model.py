"""A model that hangs holds a few threads of the shop, and nobody waits for the others."""

import time
from collections import Counter

import pytest
from rest_framework.test import APIClient

from lld.core.bulkhead import Bulkhead
from lld.gateways import openai
from sandbox.testing import SandboxClient
from tests.concurrency.storm import storm
from tests.factories import ProductFactory

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 16  # as many as a web process has
PLACES = 4
HUNG_SECONDS = 3


def ask_all_at_once(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> tuple[Counter[int], list[float]]:
    """Sixteen ask a model that hangs: what they are answered, and after how many seconds each thread is free."""
    ProductFactory(name="Bib Apron")
    monkeypatch.setattr(openai, "DEADLINE_SECONDS", HUNG_SECONDS)
    sandbox.fault("openai", "hang", times=2 * THREADS, seconds=10)
    start = time.monotonic()
    freed = []

    def ask(number: int) -> int:
        client = APIClient(REMOTE_ADDR=f"203.0.113.{number + 1}")
        answer = client.post("/api/chat", {"message": "aprons"}, format="json")
        freed.append(time.monotonic() - start)
        return int(answer.status_code)

    statuses = Counter(storm(THREADS, ask))
    return statuses, sorted(freed)


def test_hung_model_holds_four_threads(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    statuses, freed = ask_all_at_once(sandbox, monkeypatch)
    assert statuses == {503: THREADS - PLACES, 504: PLACES}
    assert all(seconds < HUNG_SECONDS for seconds in freed[: THREADS - PLACES])


def test_control_without_bulkhead_all_threads_hang(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what the test above would miss if the model's hanging did not hold threads."""
    monkeypatch.setattr(openai, "MODEL_CALLS", Bulkhead(THREADS))
    statuses, freed = ask_all_at_once(sandbox, monkeypatch)
    assert statuses == {504: THREADS}
    assert min(freed) >= HUNG_SECONDS


def test_catalogue_answers_while_the_model_hangs(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ProductFactory(name="Bib Apron")
    monkeypatch.setattr(openai, "DEADLINE_SECONDS", HUNG_SECONDS)
    sandbox.fault("openai", "hang", times=2 * THREADS, seconds=10)

    def act(number: int) -> tuple[int, float]:
        client, start = APIClient(REMOTE_ADDR=f"203.0.113.{number + 1}"), time.monotonic()
        if number < PLACES:
            answer = client.post("/api/search/ai", {"query": "aprons"}, format="json")
        else:
            answer = client.get("/api/products?search=apron")
        return answer.status_code, time.monotonic() - start

    answers = storm(THREADS, act)

    assert {status for status, _ in answers} == {200}
    assert min(seconds for _, seconds in answers[:PLACES]) >= HUNG_SECONDS
    assert max(seconds for _, seconds in answers[PLACES:]) < HUNG_SECONDS
