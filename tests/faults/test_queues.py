"""Real workers: while one waits for a Stripe that hangs, mails and texts leave."""

from collections.abc import Callable, Iterator

import pytest
from celery import current_app as app
from django.db import transaction
from rest_framework.test import APIClient

from lld.core import outbox
from lld.core.models import OutboxMessage
from lld.core.throttles import valkey
from lld.settings.schedule import MAIL, TEXTS, WORK
from orders import tasks
from sandbox.testing import SandboxClient
from tests.factories import card_order
from tests.workers import wait_for, worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.stack]

MAIL_TO_ANA = {"to": "ana@example.test", "subject": "Hello", "text": "Hello", "html": "<p>Hello</p>"}
TEXT_TO_ANA = {"to": "+13125550147", "body": "Your code is 123456."}


@pytest.fixture(autouse=True)
def _real_queue(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    valkey().delete(WORK, MAIL, TEXTS)
    monkeypatch.setitem(app.conf, "task_always_eager", False)
    yield
    valkey().delete(WORK, MAIL, TEXTS)


@pytest.fixture
def hang(sandbox: SandboxClient, later: Callable[[], None]) -> Callable[[], None]:
    """Keeps the worker of slow work busy with a Stripe that hangs."""
    order = card_order()
    asked = APIClient().post("/api/payments/create-intent", {"amount": "45.00", "order_number": order.number})
    assert asked.status_code == 200

    def keep_busy() -> None:
        sandbox.fault("stripe", "hang", times=None, seconds=60)
        later()
        tasks.reconcile_payments()
        wait_for(lambda: sandbox.faults()[0]["hits"] > 0, 20)

    return keep_busy


def send_both() -> None:
    with transaction.atomic():
        outbox.enqueue("email", key="email:1", payload=MAIL_TO_ANA)
        outbox.enqueue("sms", key="sms:1", payload=TEXT_TO_ANA)


def states() -> set[str]:
    return set(OutboxMessage.objects.filter(key__in=["email:1", "sms:1"]).values_list("state", flat=True))


def test_hung_stripe_delays_no_mail_and_no_code(sandbox: SandboxClient, hang: Callable[[], None]) -> None:
    senders = ("--queues", f"{TEXTS},{MAIL}", "--pool", "threads")
    with worker("--queues", WORK), worker(*senders, name="sender"):
        hang()
        send_both()
        wait_for(lambda: states() == {"sent"}, 20)
    assert "Hello" in {mail["subject"] for mail in sandbox.mail()}
    assert len(sandbox.ledger("twilio", "sms")) == 1


def test_control_one_queue_for_all_waits(sandbox: SandboxClient, hang: Callable[[], None]) -> None:
    with worker():
        hang()
        send_both()
        with pytest.raises(AssertionError, match="in time"):
            wait_for(lambda: "sent" in states(), 3)
    assert states() == {"pending"}
