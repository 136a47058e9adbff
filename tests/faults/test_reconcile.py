"""What nobody told us is found out: old answers, answers for rows given up, webhooks that never came."""

import threading
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connections
from django.utils import timezone

from lld.core import webhooks
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.errors import Conflict, GatewayError
from lld.core.models import WebhookEvent
from lld.gateways import stripe
from orders import tasks
from orders.enums import PaymentMethod
from orders.models import AttentionEntry, Order, Payment, PaymentLink
from orders.services import intents, links, payments, progress
from sandbox.testing import SandboxClient
from tests.factories import as_staff, card_order

pytestmark = pytest.mark.django_db(transaction=True)


def opened(order: Order) -> stripe.Intent:
    return intents.open_intent(amount=order.balance, order_number=order.number)


def receive(order: Order, amount: str) -> None:
    payments.record_manual_payment(
        order.pk, actor=SYSTEM, method=PaymentMethod.CASH, received=Decimal(amount), notify=False
    )


def test_old_answer_does_not_end_a_bank_transfer(
    sandbox: SandboxClient, later: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker holds what Stripe said before the customer chose the bank, and writes it down last."""
    order = card_order()
    intent = opened(order)
    sandbox.pay_intent(intent.id, "pm_card_chargeDeclined", deliver=False)
    declined = stripe.fetch_intent(intent.id)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)

    payments.apply_intent(intent.id)
    with monkeypatch.context() as slow:
        slow.setattr(stripe, "fetch_intent", lambda _: declined)
        payments.apply_intent(intent.id)
    later()
    tasks.reconcile_payments()
    order.refresh_from_db()
    assert (order.payment_status, Payment.objects.get().state) == ("processing", "processing")

    sandbox.settle_intent(intent.id, "succeeded", deliver=False)
    later()
    tasks.reconcile_payments()
    order.refresh_from_db()
    assert order.payment_status == "paid"


def test_failed_bank_transfer_cancels_its_intent(sandbox: SandboxClient, later: Callable[[], None]) -> None:
    """At Stripe it could still be paid, next to the one that is opened for the second try."""
    order = card_order()
    intent = opened(order)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)

    payments.apply_intent(intent.id)
    sandbox.settle_intent(intent.id, "failed", deliver=False)
    payments.apply_intent(intent.id)
    later()
    tasks.reconcile_payments()

    assert stripe.fetch_intent(intent.id).status == "canceled"
    payment = Payment.objects.get()
    assert (payment.state, payment.next_check_at) == ("failed", None)
    assert payment.failure


def test_intent_given_up_in_the_making_is_cancelled(sandbox: SandboxClient, later: Callable[[], None]) -> None:
    """A part payment came meanwhile, and an intent for what is left: the first one must not stay payable."""
    order = card_order()
    sandbox.fault("stripe", "delay", method="POST", path="/v1/payment_intents$", seconds=2)
    outcome: list[object] = []

    def ask() -> None:
        try:
            outcome.append(intents.open_intent(amount=Decimal("45.00"), order_number=order.number))
        except Conflict as error:
            outcome.append(error)
        finally:
            connections.close_all()

    slow = threading.Thread(target=ask)
    slow.start()
    while not any(fault["hits"] for fault in sandbox.faults()):
        assert slow.is_alive()

    receive(order, "20.00")
    second = intents.open_intent(amount=Decimal("25.00"), order_number=order.number)
    slow.join()
    assert isinstance(outcome[0], Conflict)

    later()
    tasks.reconcile_payments()
    statuses = {
        made["id"]: stripe.fetch_intent(made["id"]).status for made in sandbox.ledger("stripe", "payment_intent")
    }
    first = next(intent_id for intent_id in statuses if intent_id != second.id)
    assert (statuses[first], statuses[second.id]) == ("canceled", "requires_payment_method")


def test_failing_check_is_made_less_and_less_often(sandbox: SandboxClient, later: Callable[[], None]) -> None:
    opened(card_order())
    payment = Payment.objects.get()
    sandbox.fault("stripe", "status_500", method="GET", path="/v1/payment_intents", times=None)

    later()
    tasks.reconcile_payments()
    assert intents.find_due_checks() == []

    Payment.objects.update(created_at=timezone.now() - timedelta(hours=1))
    later()
    with pytest.raises(GatewayError):
        intents.check_payment(payment.pk)
    payment.refresh_from_db()
    assert payment.next_check_at is not None
    assert payment.next_check_at > timezone.now() + timedelta(minutes=50)


def test_link_payment_is_found_without_its_webhook(sandbox: SandboxClient, later: Callable[[], None]) -> None:
    """Stripe made the intent, so we have no row of it: the link's own sessions tell when it is taken down."""
    order = card_order()
    link = links.create_link(order.number, actor=SYSTEM)
    sandbox.pay_link(str(link.link_id), deliver=False)
    PaymentLink.objects.update(expires_at=timezone.now())

    tasks.expire_payment_links()

    order.refresh_from_db()
    assert (order.payment_status, str(order.balance)) == ("paid", "0.00")
    link.refresh_from_db()
    assert link.state == "expired"


def test_expired_link_takes_no_money(sandbox: SandboxClient) -> None:
    order = card_order()
    link = links.create_link(order.number, actor=SYSTEM, expires_in_hours=1)

    tasks.expire_payment_links()
    link.refresh_from_db()
    assert link.state == "active"

    PaymentLink.objects.update(expires_at=timezone.now())
    tasks.expire_payment_links()
    assert "error" in sandbox.pay_link(str(link.link_id), deliver=False)
    assert sandbox.ledger("stripe", "charge") == []


def test_page_left_open_takes_no_money_once_its_link_has_ended(sandbox: SandboxClient) -> None:
    order = card_order()
    link = links.create_link(order.number, actor=SYSTEM)
    session_id = sandbox.open_link(str(link.link_id))["id"]

    receive(order, "5.00")

    assert "error" in sandbox.pay_session(session_id, deliver=False)
    assert sandbox.ledger("stripe", "charge") == []
    link.refresh_from_db()
    assert link.state == "expired"


def test_link_unknown_to_stripe_is_given_up(sandbox: SandboxClient) -> None:
    links.create_link(card_order().number, actor=SYSTEM)
    PaymentLink.objects.update(expires_at=timezone.now(), link_id="plink_gone")
    tasks.expire_payment_links()
    assert PaymentLink.objects.get().state == "failed"
    assert links.find_spent_links() == []


def test_card_payment_after_cash_is_refunded(sandbox: SandboxClient) -> None:
    order = card_order()
    intent = opened(order)
    sandbox.pay_intent(intent.id, deliver=False)
    receive(order, "45.00")

    for _ in range(2):
        payments.apply_intent(intent.id)

    assert len(sandbox.ledger("stripe", "refund")) == 1
    assert AttentionEntry.objects.get().kind == "late_payment"
    order.refresh_from_db()
    assert (order.payment_status, str(order.amount_paid), str(order.amount_refunded)) == ("paid", "45.00", "0.00")


def test_card_payment_above_the_balance_waits_for_a_person(sandbox: SandboxClient) -> None:
    """Part was paid in cash, then the card paid the whole: nobody but a person knows what is right."""
    order = card_order()
    intent = opened(order)
    sandbox.pay_intent(intent.id, deliver=False)
    receive(order, "20.00")

    for _ in range(2):
        payments.apply_intent(intent.id)

    assert sandbox.ledger("stripe", "refund") == []
    assert AttentionEntry.objects.get().kind == "payment_mismatch"
    assert Payment.objects.get(intent_id=intent.id).state == "unapplied"
    order.refresh_from_db()
    assert (order.payment_status, str(order.balance)) == ("unpaid", "25.00")


def test_bank_transfer_after_cancellation_is_refunded(sandbox: SandboxClient) -> None:
    order = card_order()
    intent = opened(order)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)

    payments.apply_intent(intent.id)
    progress.cancel_order(order.pk, actor=SYSTEM)
    sandbox.settle_intent(intent.id, "succeeded", deliver=False)
    payments.apply_intent(intent.id)

    assert len(sandbox.ledger("stripe", "refund")) == 1
    assert AttentionEntry.objects.get().kind == "late_payment"


def test_payment_for_a_deleted_order_is_refunded(sandbox: SandboxClient) -> None:
    order = card_order()
    intent = opened(order)
    sandbox.pay_intent(intent.id, deliver=False)

    assert as_staff(Role.ADMIN).delete(f"/api/staff/orders/{order.pk}").status_code == 200
    payments.apply_intent(intent.id)

    assert len(sandbox.ledger("stripe", "refund")) == 1


def test_webhook_event_is_tried_for_days(sandbox: SandboxClient) -> None:
    """Stripe was down for an hour: its events are worked on after that."""
    event = webhooks.store("stripe", event_id="evt_1", kind="k", payload={})
    assert event is not None

    worked, tried = timezone.now(), 0
    for minutes in range(1, 61):
        WebhookEvent.objects.update(received_at=worked - timedelta(minutes=minutes))
        if webhooks.open_events("stripe"):
            tried += 1
            WebhookEvent.objects.update(attempts=tried)
    assert 5 <= tried <= 10

    WebhookEvent.objects.update(received_at=worked - timedelta(days=1))
    assert webhooks.open_events("stripe") == [event.pk]
