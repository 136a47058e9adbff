"""Mail and SMS: once, or known to be unknown."""

from collections.abc import Callable

import pytest
from django.db import transaction

from accounts.models import SmsConsent
from lld.core import outbox
from lld.core.actors import SYSTEM
from lld.core.errors import NotConfigured
from lld.core.models import OutboxMessage
from orders.enums import OrderStatus
from orders.services import progress
from sandbox.testing import SandboxClient
from tests.factories import DELIVERY, place

pytestmark = pytest.mark.django_db(transaction=True)

MAIL = {"to": "ana@example.test", "subject": "Hello", "text": "Hello", "html": "<p>Hello</p>"}
SMS = {"to": "+13125550147", "body": "Your order is on its way."}


def enqueue(channel: str, payload: dict[str, str]) -> OutboxMessage:
    with transaction.atomic():
        outbox.enqueue(channel, key=f"{channel}:1", payload=payload)
    return OutboxMessage.objects.get(key=f"{channel}:1")


def undelivered(channel: str, payload: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> OutboxMessage:
    """As after a worker died between the commit and the sending."""
    with monkeypatch.context() as dead:
        dead.setattr(outbox.deliver, "apply_async", lambda *_, **__: None)
        return enqueue(channel, payload)


def test_rolled_back_transaction_sends_nothing(sandbox: SandboxClient) -> None:
    with transaction.atomic():
        outbox.enqueue("email", key="email:1", payload=MAIL)
        transaction.set_rollback(True)
    assert sandbox.mail() == []


def test_enqueue_needs_a_transaction(sandbox: SandboxClient) -> None:
    with pytest.raises(RuntimeError):
        outbox.enqueue("email", key="email:1", payload=MAIL)


def test_mail_of_a_dead_worker_goes_out_once(
    sandbox: SandboxClient, later: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    undelivered("email", MAIL, monkeypatch)

    later()
    outbox.sweep()
    later()
    outbox.sweep()

    assert len(sandbox.mail()) == 1


def test_mail_is_sent_again_if_the_worker_died_sending(
    sandbox: SandboxClient, later: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = undelivered("email", MAIL, monkeypatch)
    OutboxMessage.objects.filter(pk=message.pk).update(state="sending", attempts=1)

    later()
    outbox.sweep()

    message.refresh_from_db()
    assert (message.state, message.attempts) == ("sent", 2)


def test_sms_is_not_sent_again_if_the_worker_died_sending(
    sandbox: SandboxClient, later: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = undelivered("sms", SMS, monkeypatch)
    OutboxMessage.objects.filter(pk=message.pk).update(state="sending", attempts=1)

    later()
    outbox.sweep()

    message.refresh_from_db()
    assert message.state == "unknown"
    assert sandbox.ledger("twilio", "sms") == []


@pytest.mark.parametrize("fault", ["reject_451", "drop_after_data"])
def test_failing_mail_server_is_tried_again(sandbox: SandboxClient, later: Callable[[], None], fault: str) -> None:
    sandbox.fault("smtp", fault)

    message = enqueue("email", MAIL)
    assert (message.state, message.attempts) == ("pending", 1)

    later()
    outbox.sweep()
    message.refresh_from_db()
    assert message.state == "sent"


def test_refused_mail_address_is_given_up(sandbox: SandboxClient) -> None:
    sandbox.fault("smtp", "reject_550")
    assert enqueue("email", MAIL).state == "failed"


@pytest.mark.parametrize(
    ("fault", "state", "sent"),
    [("reset_after_effect", "unknown", 1), ("status_500", "unknown", 0), ("status_429", "pending", 0)],
)
def test_sms_of_unknown_fate_is_never_sent_again(
    sandbox: SandboxClient, later: Callable[[], None], fault: str, state: str, sent: int
) -> None:
    sandbox.fault("twilio", fault, method="POST", path="/2010", times=None)

    message = enqueue("sms", SMS)
    assert message.state == state

    sandbox.clear_faults()
    later()
    outbox.sweep()
    assert len(sandbox.ledger("twilio", "sms")) == (sent if state == "unknown" else 1)


def test_mail_waits_for_smtp_to_be_configured(
    sandbox: SandboxClient, later: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(variable: str) -> str:
        raise NotConfigured(variable)

    with monkeypatch.context() as bare:
        bare.setattr("lld.gateways.smtp.need", missing)
        message = enqueue("email", MAIL)
    assert (message.state, "SMTP_HOST" in message.error) == ("pending", True)

    later()
    outbox.sweep()
    message.refresh_from_db()
    assert message.state == "sent"


def test_sensitive_payload_is_erased_once_sent(sandbox: SandboxClient) -> None:
    with transaction.atomic():
        outbox.enqueue("email", key="email:1", payload=MAIL, sensitive=True)
    assert OutboxMessage.objects.get().payload == {}
    assert len(sandbox.mail()) == 1


@pytest.mark.parametrize(("consented", "sent"), [(None, 0), (False, 0), (True, 1)])
def test_shipping_sms_needs_consent(sandbox: SandboxClient, consented: bool | None, sent: int) -> None:
    if consented is not None:
        phone = DELIVERY["delivery_phone"]
        SmsConsent.objects.create(phone=phone, consented=True, text_version="1", source="test")
        SmsConsent.objects.create(phone=phone, consented=consented, text_version="1", source="test")
    order = place(payment_method="credit_card")

    progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM, tracking_number="9400")

    texts = sandbox.ledger("twilio", "sms")
    assert len(texts) == sent
    assert all(order.number in str(text) for text in texts)


def test_message_that_kills_every_worker_is_given_up(
    sandbox: SandboxClient, later: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    message = undelivered("email", MAIL, monkeypatch)
    OutboxMessage.objects.filter(pk=message.pk).update(state="sending", attempts=outbox.MOST_ATTEMPTS)

    later()
    outbox.sweep()

    message.refresh_from_db()
    assert message.state == "failed"
    assert sandbox.mail() == []
