"""A model that hangs holds a few threads of the shop, and nobody waits for the others."""

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


def ask_all_at_once(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Sixteen ask a model that hangs: what they are answered, in the order in which their threads are free."""
    ProductFactory(name="Bib Apron")
    monkeypatch.setattr(openai, "DEADLINE_SECONDS", HUNG_SECONDS)
    sandbox.fault("openai", "hang", times=2 * THREADS, seconds=10)
    answered = []

    def ask(number: int) -> None:
        client = APIClient(REMOTE_ADDR=f"203.0.113.{number + 1}")
        answer = client.post("/api/chat", {"message": "aprons"}, format="json")
        answered.append(answer.status_code)

    storm(THREADS, ask)
    return answered


def test_hung_model_holds_four_threads(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask_all_at_once(sandbox, monkeypatch) == [503] * (THREADS - PLACES) + [504] * PLACES


def test_control_without_bulkhead_all_threads_hang(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: what the test above would miss if the model's hanging did not hold threads."""
    monkeypatch.setattr(openai, "MODEL_CALLS", Bulkhead(THREADS))
    assert ask_all_at_once(sandbox, monkeypatch) == [504] * THREADS


def test_catalogue_answers_while_the_model_hangs(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    ProductFactory(name="Bib Apron")
    monkeypatch.setattr(openai, "DEADLINE_SECONDS", HUNG_SECONDS)
    sandbox.fault("openai", "hang", times=2 * THREADS, seconds=10)

    answered = []

    def act(number: int) -> None:
        client = APIClient(REMOTE_ADDR=f"203.0.113.{number + 1}")
        if number < PLACES:
            answer = client.post("/api/search/ai", {"query": "aprons"}, format="json")
        else:
            answer = client.get("/api/products?search=apron")
        answered.append((number < PLACES, answer.status_code))

    storm(THREADS, act)

    assert answered == [(False, 200)] * (THREADS - PLACES) + [(True, 200)] * PLACES
