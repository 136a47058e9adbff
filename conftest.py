"""Fixtures of the whole suite."""

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import stripe
from django.core.cache import caches
from django.template import Context, RequestContext
from django.test import TransactionTestCase, client
from django.test.client import store_rendered_templates
from rest_framework.test import APIClient

from lld.settings.environment import read_environment
from sandbox.testing import SandboxClient
from tests.emptying import delete_rows
from tests.servers import sandbox_client
from tests.tries import forget_tries


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stacks first: each takes half a minute, which at the end only one of the workers would spend."""
    items.sort(key=lambda item: item.get_closest_marker("stack") is None)


def pytest_collection_finish() -> None:
    """Garbage collections need not look again and again at what lives for the whole run: a twentieth of its time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _deleting_is_flushing() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", delete_rows)
        yield


@pytest.fixture(scope="session", autouse=True)
def _contexts_of_pages_only() -> Iterator[None]:
    """Django's client copies the context of each template rendered on the way, mails' parts included."""

    def store(kept: dict[str, Any], signal: Any, sender: Any, template: Any, context: Context, **more: Any) -> None:
        if isinstance(context, RequestContext):
            store_rendered_templates(kept, signal, sender, template, context, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "store_rendered_templates", store)
        yield


@pytest.fixture(autouse=True)
def _fresh_caches() -> Iterator[None]:
    """Counts and tries of one test are none of the next one's business."""
    yield
    # Not the shared one: clearing it empties the other half of the suite's Valkey.
    caches["process"].clear()
    forget_tries()


@pytest.fixture
def sandbox() -> Iterator[SandboxClient]:
    """The simulated vendors, with an empty ledger and no faults."""
    sandbox_client.reset()
    sandbox_client.clear_faults()
    yield sandbox_client
    sandbox_client.clear_faults()
    # Where the vendors' own API descriptions are at hand, every request of ours fits them.
    assert sandbox_client.ledger(kind="invalid_request") == []


@pytest.fixture
def api() -> APIClient:
    """A caller without credentials, held to CSRF as a browser is."""
    return APIClient(enforce_csrf_checks=True)


@pytest.fixture
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stripe's SDK repeats a lost call as often as ever, but does not pause before."""
    monkeypatch.setattr(stripe.HTTPClient, "INITIAL_DELAY", 0)


@pytest.fixture
def setup(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Changes variables of the environment for the rest of the test; None takes one out."""

    def change(**variables: str | None) -> None:
        for name, value in variables.items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        read_environment.cache_clear()

    yield change
    monkeypatch.undo()
    read_environment.cache_clear()
