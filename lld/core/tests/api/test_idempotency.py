"""Requests of one caller with one key are one request."""

from contextvars import ContextVar
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.urls import path
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lld.core import idempotency
from lld.core.access import CUSTOMERS, PUBLIC, STAFF, Scope, api_key
from lld.core.api.idempotency import idempotent
from lld.core.api.views import ApiView
from lld.core.errors import Conflict, Forbidden, GatewayError, InvalidInput, NotFound, Throttled
from lld.core.idempotency import seal
from lld.core.models import AuditEntry, IdempotencyClaim
from tests.factories import as_customer, as_key, as_staff

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


def effect() -> int:
    """Something that happens once a carried out request."""
    return AuditEntry.objects.create(action="effect").pk


class Doing(ApiView):
    """Does what the test put into `errors`, one after another, and then succeeds."""

    access = {"POST": PUBLIC | CUSTOMERS | STAFF | api_key(Scope.VOICE)}
    errors: list[BaseException] = []

    @idempotent
    def post(self, request: Request) -> Response:
        with transaction.atomic():
            number = effect()
            if self.errors and not isinstance(self.errors[0], SystemExit):
                raise self.errors.pop(0)
            seal()
        if self.errors:
            raise self.errors.pop(0)
        return Response({"number": number, "amount": 1.10, "é": None}, status=201)


urlpatterns = [path("doing", Doing.as_view()), path("other", Doing.as_view())]
handler500 = "lld.core.api.exceptions.server_error"


@pytest.fixture(autouse=True)
def _no_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Doing, "errors", [])


def do(
    client: Any = None, body: Any = None, *, key: str | None = "one", address: str = "/doing", **extra: Any
) -> Any:
    client = client or Client(raise_request_exception=False)
    extra |= {} if key is None else {"HTTP_IDEMPOTENCY_KEY": key}
    if isinstance(client, Client):
        extra["content_type"] = "application/json"
    return client.post(address, body or {"a": 1}, **extra)


def effects() -> int:
    return AuditEntry.objects.filter(action="effect").count()


def assert_conflict(answer: Any) -> None:
    assert (answer.status_code, answer.json()["code"]) == (409, "idempotency_conflict")


def test_repeat_gets_the_first_answer_to_the_byte() -> None:
    first, again = do(), do()

    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["Content-Type"] == again.headers["Content-Type"]
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert effects() == 1


def test_requests_without_key_are_each_carried_out() -> None:
    for _ in range(2):
        do(key=None)
    assert effects() == 2
    assert not IdempotencyClaim.objects.exists()


@pytest.mark.parametrize("changes", [{"body": {"a": 2}}, {"address": "/other"}])
def test_same_key_with_another_request_conflicts(changes: dict[str, Any]) -> None:
    do()
    assert_conflict(do(**changes))
    assert effects() == 1


def test_keys_belong_to_their_callers() -> None:
    customers = [as_customer_here(), as_customer_here()]
    callers = [None, *customers, as_staff(), as_key(Scope.VOICE), as_key(Scope.VOICE)]

    assert [do(caller).status_code for caller in callers] == [201] * 6
    assert effects() == 6

    assert do(REMOTE_ADDR="203.0.113.9").status_code == 201
    assert effects() == 7

    assert [do(caller).headers["Idempotent-Replayed"] for caller in callers] == ["true"] * 6
    assert effects() == 7


def as_customer_here() -> Any:
    """Signs in at the product's addresses, which these tests have replaced."""
    with override_settings(ROOT_URLCONF="lld.urls"):
        return as_customer()


@pytest.mark.parametrize(
    "error",
    [
        InvalidInput("No.", fields={"a": ["No."]}),
        Forbidden("No."),
        NotFound("No."),
        Conflict("No."),
        Throttled("No.", retry_after=1),
        GatewayError("Stripe", "No."),
        KeyError("a bug"),
    ],
    ids=lambda error: str(getattr(error, "status", 500)),
)
def test_refusals_and_failures_are_forgotten(error: Exception) -> None:
    Doing.errors = [error]
    assert do().status_code == getattr(error, "status", 500)
    assert not IdempotencyClaim.objects.exists()
    assert do().status_code == 201
    assert effects() == 1


def test_running_request_conflicts_until_its_lock_ends() -> None:
    do()
    running = {"status": None, "answer": None, "sealed": False}
    IdempotencyClaim.objects.update(locked_until=timezone.now() + timedelta(minutes=1), **running)

    assert_conflict(do())
    assert effects() == 1

    IdempotencyClaim.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    assert do().status_code == 201
    assert effects() == 2


def test_process_death_after_the_effect_is_not_repeated() -> None:
    Doing.errors = [SystemExit()]

    with pytest.raises(SystemExit):
        do()

    assert_conflict(do())

    IdempotencyClaim.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    lost = do()
    assert_conflict(lost)
    assert "Look the result up" in lost.json()["error"]
    assert effects() == 1


def test_process_death_before_the_effect_is_repeated_once() -> None:
    Doing.errors = [KeyboardInterrupt()]

    with pytest.raises(KeyboardInterrupt):
        do()

    IdempotencyClaim.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    assert do().status_code == 201
    assert effects() == 1


@pytest.mark.django_db(transaction=True)
def test_seal_needs_the_effects_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    seal()  # without a key there is nothing to seal
    monkeypatch.setattr(idempotency, "_claim_of_request", ContextVar("claim", default=1))
    with pytest.raises(RuntimeError, match="transaction"):
        seal()


@pytest.mark.parametrize("key", ["", "k" * 201, "a\x07b", "a\x7f"])
def test_invalid_keys_are_refused(key: str) -> None:
    answer = do(key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid")
    assert effects() == 0


def test_claims_are_forgotten_after_two_days() -> None:
    do(key="old")
    do(key="new")
    IdempotencyClaim.objects.filter(key="old").update(created_at=timezone.now() - timedelta(hours=49))
    assert idempotency.forget_old_claims() == 1
    assert IdempotencyClaim.objects.get().key == "new"


def test_request_that_lost_its_key_seals_nothing() -> None:
    claim = idempotency.claim_key(caller="guest", key="slow", route="POST /x", fingerprint="f")
    IdempotencyClaim.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    idempotency.claim_key(caller="guest", key="slow", route="POST /x", fingerprint="f")

    with idempotency.carrying_out(claim), pytest.raises(Conflict), transaction.atomic():
        idempotency.seal()

    assert not IdempotencyClaim.objects.get().sealed
