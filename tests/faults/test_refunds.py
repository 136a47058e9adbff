"""Refunds that come back, cross each other, or meet a key that does not fit."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.errors import GatewayTimeout
from lld.gateways import stripe
from lld.gateways.configuration import optional
from orders import tasks
from orders.models import AttentionEntry, Order, Refund
from orders.services import intents, links, payments, refund_delivery, stripe_events
from sandbox.testing import SandboxClient
from tests.factories import CANCELLING, as_staff, card_order, paid_by_card

pytestmark = pytest.mark.django_db(transaction=True)


def cancel(order: Order) -> Any:
    answer = as_staff(Role.MANAGER).put(f"/api/staff/orders/{order.pk}/status", CANCELLING)
    assert answer.status_code == 200, answer.content
    return answer.json()["refund"]


def told(refund_id: str, kind: str) -> None:
    """Stripe's webhook of a refund, verified and worked on."""
    body = {"data": {"object": {"object": "refund", "id": refund_id}}}
    stored = stripe_events.store_event(stripe.Event(f"evt_{kind}", kind, "refund", refund_id, body))
    assert stored is not None
    stripe_events.process_event(stored)


def test_refund_may_fail_after_it_succeeded(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order(), "pm_card_refundFail")
    assert cancel(order)["status"] == "succeeded"

    refund = Refund.objects.get()
    sandbox.settle_refund(str(refund.refund_id), "failed", deliver=False)
    told(str(refund.refund_id), "refund.failed")
    refund.refresh_from_db()
    assert (refund.state, refund.error) == ("failed", "lost_or_stolen_card")
    assert AttentionEntry.objects.get().kind == "refund_failed"
    order.refresh_from_db()
    assert (order.payment_status, str(order.amount_refunded)) == ("paid", "0.00")


def test_pending_refund_is_finished_by_its_webhook(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order(), "pm_card_pendingRefund")
    assert cancel(order)["status"] == "pending"

    refund = Refund.objects.get()
    sandbox.settle_refund(str(refund.refund_id), "succeeded", deliver=False)
    told(str(refund.refund_id), "refund.updated")
    order.refresh_from_db()
    assert (order.payment_status, str(order.amount_refunded)) == ("refunded", "45.00")


def test_late_answer_does_not_undo_a_refund(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """One worker waits for Stripe in vain while another, told to by staff, gets the refund through."""
    order = paid_by_card(sandbox, card_order())
    real, sending = refund_delivery._send, []

    def slow_then_lost(refund: Refund) -> stripe.Refund:
        if sending:
            return real(refund)
        sending.append(refund.pk)
        assert refund_delivery.carry_out_refund_now(refund.pk).state == "succeeded"
        raise GatewayTimeout("Stripe")

    monkeypatch.setattr(refund_delivery, "_send", slow_then_lost)

    assert cancel(order)["status"] == "succeeded"

    refund = Refund.objects.get()
    assert (refund.state, refund.next_try_at, refund.error) == ("succeeded", None, "")
    assert len(sandbox.ledger("stripe", "refund")) == 1


def test_what_was_given_back_in_the_dashboard_is_not_given_back_again(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order())
    intent_id = order.payments.get().intent_id
    stripe.create_refund(intent_id=str(intent_id), amount=order.amount_paid, key="dashboard", metadata={})

    answer = as_staff(Role.MANAGER).put(f"/api/staff/orders/{order.pk}/status", CANCELLING)

    assert "refund" not in answer.json()
    order.refresh_from_db()
    assert (order.payment_status, str(order.amount_refunded)) == ("refunded", "45.00")
    assert len(sandbox.ledger("stripe", "refund")) == 1


def test_wrong_stripe_key_loses_nothing(
    api: APIClient,
    sandbox: SandboxClient,
    later: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A mistake of ours that somebody mends: neither a refund nor a payment is given up for it."""
    order, unpaid = paid_by_card(sandbox, card_order()), card_order()
    intent = intents.open_intent(amount=unpaid.balance, order_number=unpaid.number)
    sandbox.pay_intent(intent.id, deliver=False)
    wrong = stripe._client_for("sk_test_wrong", optional("STRIPE_API_BASE"))

    with monkeypatch.context() as mistake:
        mistake.setattr(stripe, "_client", lambda: wrong)
        assert cancel(order)["status"] == "requested"
        claim = {"order_number": unpaid.number, "payment_intent_id": intent.id}
        assert api.post("/api/payments/confirm", claim).status_code == 502
        later()
        tasks.reconcile_payments()
    later()
    tasks.reconcile_payments()

    assert Refund.objects.get().state == "succeeded"
    unpaid.refresh_from_db()
    assert unpaid.payment_status == "paid"


def test_refund_tries_last_longer_than_a_day(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    order = paid_by_card(sandbox, card_order())

    def fail(_: Refund) -> stripe.Refund:
        raise GatewayTimeout("Stripe")

    monkeypatch.setattr(refund_delivery, "_send", fail)

    cancel(order)
    refund, waited = Refund.objects.get(), timedelta()
    while refund.next_try_at is not None:
        waited += refund.next_try_at - timezone.now()
        refund = refund_delivery.carry_out_refund_now(refund.pk)

    assert timedelta(hours=25) < waited < timedelta(days=3)
    assert refund.state == "failed"
    assert AttentionEntry.objects.get().kind == "refund_failed"


def test_unfinished_payment_by_link_is_no_transfer_under_way(sandbox: SandboxClient) -> None:
    order = card_order()
    link = links.create_link(order.number, actor=SYSTEM)
    metadata = {"order": order.number, "link": link.stripe_key}
    intent = stripe.create_intent(amount=order.balance, key="by link", metadata=metadata, description="x")

    payments.apply_intent(intent.id)

    order.refresh_from_db()
    assert order.payment_status == "unpaid"
    assert not order.payments.exists()
