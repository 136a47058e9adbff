"""Health, and what callers see while a server is away."""

from typing import Any

import pytest
from django.db import close_old_connections, connection
from django.test import Client
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tests.factories import CategoryFactory

pytestmark = pytest.mark.django_db(transaction=True)

DEGRADED = {"status": "degraded", "service": "lld", "version": "0.1.0"}


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch) -> Any:
    """PostgreSQL at a port where nobody listens."""
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "HOST", "127.0.0.1")
    monkeypatch.setitem(connection.settings_dict, "PORT", "1")
    yield
    connection.close()


@pytest.fixture
def no_valkey(monkeypatch: pytest.MonkeyPatch) -> None:
    # As many tries as ever, but without the pauses between them.
    dead = Redis(host="127.0.0.1", port=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), retries=3))
    for module in ("lld.core.health", "lld.core.throttles"):
        monkeypatch.setattr(f"{module}.valkey", lambda: dead)


def test_health_is_ok() -> None:
    answer = Client().get("/api/v1/health")
    assert (answer.status_code, answer.json()) == (200, {**DEGRADED, "status": "ok"})


def test_health_without_database_is_degraded(no_database: None) -> None:
    answer = Client().get("/api/v1/health")
    assert (answer.status_code, answer.json()) == (503, DEGRADED)
    others = Client().get("/api/categories")
    assert (others.status_code, others.json()["code"]) == (503, "dependency_down")
    assert "127.0.0.1" not in others.content.decode()


def test_health_without_valkey_is_degraded(no_valkey: None) -> None:
    answer = Client().get("/api/v1/health")
    assert (answer.status_code, answer.json()) == (503, DEGRADED)
    login = Client().post("/api/login", {"username": "a", "password": "b"}, "application/json")
    assert (login.status_code, login.json()["code"]) == (503, "dependency_down")
    assert Client().get("/api/categories").status_code == 200


@pytest.mark.parametrize("first", ["/api/v1/health", "/api/categories"])
def test_database_restart_costs_a_thread_one_answer(first: str) -> None:
    CategoryFactory(name="Pans")

    process = connection.connection.info.backend_pid
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [process])
    other.close()
    assert Client().get(first).status_code == 503

    close_old_connections()  # as the server does after every request
    assert Client().get("/api/v1/health").status_code == 200
    assert [row["name"] for row in Client().get("/api/categories").json()] == ["Pans"]
