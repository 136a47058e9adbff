"""Stripe's answers get lost: nothing is doubled, and reconciling finds out what happened."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from lld.core.access import Role
from lld.gateways import stripe
from orders import tasks
from orders.models import AttentionEntry, Order, Payment, PaymentLink, Refund
from orders.services import intents, payments
from sandbox.testing import SandboxClient
from tests.factories import CANCELLING, as_staff, card_order, paid_by_card

pytestmark = pytest.mark.django_db(transaction=True)

# Our SDK tries three times; a fault that lasts longer than that reaches us.
ALWAYS: dict[str, Any] = {"times": None}
LOST = [
    "reset_after_effect",
    "reset_before_effect",
    "status_500",
    "status_500_after_effect",
    "malformed",
    "status_429",
]


def create_intent(api: APIClient, order: Order) -> Any:
    return api.post("/api/payments/create-intent", {"amount": "45.00", "order_number": order.number})


def assert_vendor_error(answer: Any) -> None:
    assert answer.status_code in {502, 504}, answer.content
    body = answer.json()
    assert body["success"] is False
    assert body["code"] in {"vendor_failed", "vendor_timeout"}
    assert "sk_test" not in body["error"]


@pytest.mark.parametrize("fault", LOST)
def test_lost_intent_is_found_again_with_its_key(api: APIClient, sandbox: SandboxClient, fault: str) -> None:
    order = card_order()
    sandbox.fault("stripe", fault, method="POST", path="/v1/payment_intents$", **ALWAYS)

    assert_vendor_error(create_intent(api, order))

    sandbox.clear_faults()
    answer = create_intent(api, order)
    assert answer.status_code == 200, answer.content
    if fault.startswith("status_500"):
        # Stripe repeats a stored 500 for a day: the second try goes by a key of its own.
        first, second = Payment.objects.order_by("pk")
        assert (first.state, first.intent_id) == ("cancelled", None)
    else:
        second = Payment.objects.get()
        assert len(sandbox.ledger("stripe", "payment_intent")) == 1
    assert (second.state, second.intent_id) == ("open", answer.json()["payment_intent_id"])


def test_lost_intent_is_finished_by_reconciling(
    api: APIClient, sandbox: SandboxClient, later: Callable[[], None]
) -> None:
    order = card_order()
    sandbox.fault("stripe", "reset_after_effect", method="POST", path="/v1/payment_intents$", **ALWAYS)
    create_intent(api, order)
    sandbox.clear_faults()

    later()
    tasks.reconcile_payments()

    payment = Payment.objects.get()
    assert payment.state == "open"
    assert len(sandbox.ledger("stripe", "payment_intent")) == 1


def test_lost_webhook_is_made_up_for_by_reconciling(sandbox: SandboxClient, later: Callable[[], None]) -> None:
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, deliver=False)

    later()
    tasks.reconcile_payments()
    order.refresh_from_db()
    assert (order.payment_status, str(order.balance)) == ("paid", "0.00")

    later()
    tasks.reconcile_payments()
    assert Payment.objects.count() == 1
    assert len(sandbox.ledger("stripe", "charge")) == 1


@pytest.mark.parametrize("fault", LOST)
def test_lost_refund_is_resolved_and_never_doubled(
    sandbox: SandboxClient, later: Callable[[], None], fault: str
) -> None:
    order = paid_by_card(sandbox, card_order())
    sandbox.fault("stripe", fault, method="POST", path="/v1/refunds", **ALWAYS)

    answer = as_staff(Role.MANAGER).put(f"/api/staff/orders/{order.pk}/status", CANCELLING)
    assert answer.status_code == 200, answer.content
    shown = answer.json()["refund"]
    assert (shown["status"], shown["amount"]) == ("requested", 45.0)
    assert shown["error"]

    sandbox.clear_faults()
    later()
    tasks.reconcile_payments()
    assert Refund.objects.get().state == "succeeded"
    assert len(sandbox.ledger("stripe", "refund")) == 1
    order.refresh_from_db()
    assert (order.payment_status, str(order.amount_refunded)) == ("refunded", "45.00")


def test_refund_that_fails_later_waits_for_a_person(sandbox: SandboxClient, later: Callable[[], None]) -> None:
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)

    payments.apply_intent(intent.id)
    order.refresh_from_db()
    assert order.payment_status == "processing"

    sandbox.settle_intent(intent.id, "succeeded", deliver=False)
    payments.apply_intent(intent.id)
    order.refresh_from_db()
    assert (order.payment_status, order.payment_method) == ("paid", "ach")

    as_staff(Role.MANAGER).put(f"/api/staff/orders/{order.pk}/status", CANCELLING)
    refund = Refund.objects.get()
    assert refund.state == "pending"

    sandbox.settle_refund(str(refund.refund_id), "failed", deliver=False)
    later()
    tasks.reconcile_payments()
    refund.refresh_from_db()
    assert refund.state == "failed"
    assert AttentionEntry.objects.filter(kind="refund_failed").count() == 1


def test_failed_bank_transfer_leaves_the_order_to_be_paid(sandbox: SandboxClient) -> None:
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)

    payments.apply_intent(intent.id)
    sandbox.settle_intent(intent.id, "failed", deliver=False)
    payments.apply_intent(intent.id)
    order.refresh_from_db()
    assert (order.payment_status, str(order.amount_paid)) == ("failed", "0.00")
    assert AttentionEntry.objects.get().kind == "payment_failed"

    again = intents.open_intent(amount=order.balance, order_number=order.number)
    assert again.id != intent.id


def test_declined_card_may_be_followed_by_a_good_one(sandbox: SandboxClient) -> None:
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_card_chargeDeclined", deliver=False)

    payments.apply_intent(intent.id)
    order.refresh_from_db()
    assert order.payment_status == "failed"
    assert intents.open_intent(amount=order.balance, order_number=order.number).id == intent.id

    sandbox.pay_intent(intent.id, deliver=False)
    payments.apply_intent(intent.id)
    order.refresh_from_db()
    assert order.payment_status == "paid"


@pytest.mark.parametrize("fault", ["reset_after_effect", "status_500"])
def test_link_that_cannot_be_made_has_a_fallback(
    sandbox: SandboxClient, later: Callable[[], None], fault: str
) -> None:
    order = card_order()
    sandbox.fault("stripe", fault, method="POST", path="/v1/payment_links$", **ALWAYS)

    answer = as_staff(Role.STAFF).post("/api/payments/create-link", {"order_number": order.number})
    assert_vendor_error(answer)
    assert answer.json()["fallback_url"] == f"http://storefront.test/pay/{order.number}"

    sandbox.clear_faults()
    later()
    tasks.expire_payment_links()
    assert PaymentLink.objects.get().state == "expired"


def test_second_link_payment_is_refunded_and_links_expire(sandbox: SandboxClient) -> None:
    order = card_order()
    staff = as_staff(Role.STAFF)
    for _ in range(2):
        assert staff.post("/api/payments/create-link", {"order_number": order.number}).status_code == 201
    first, second = PaymentLink.objects.order_by("pk")

    sessions = [sandbox.pay_link(str(link.link_id), deliver=False) for link in (first, second)]
    for session in sessions:
        payments.apply_intent(session["payment_intent"])
    order.refresh_from_db()
    assert order.payment_status == "paid"
    assert sorted(Payment.objects.values_list("state", flat=True)) == ["succeeded", "unapplied"]
    assert len(sandbox.ledger("stripe", "refund")) == 1
    assert AttentionEntry.objects.get().kind == "late_payment"

    tasks.expire_payment_links()
    assert set(PaymentLink.objects.values_list("state", flat=True)) == {"expired"}


def test_payment_for_a_cancelled_order_is_refunded(sandbox: SandboxClient) -> None:
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, deliver=False)

    as_staff(Role.MANAGER).put(f"/api/staff/orders/{order.pk}/status", CANCELLING)
    payments.apply_intent(intent.id)
    payments.apply_intent(intent.id)

    assert len(sandbox.ledger("stripe", "refund")) == 1
    assert AttentionEntry.objects.get().kind == "late_payment"
    order.refresh_from_db()
    assert (order.status, str(order.amount_paid)) == ("cancelled", "0.00")


def test_abandoned_intent_is_cancelled_at_stripe(sandbox: SandboxClient, later: Callable[[], None]) -> None:
    order = card_order()
    intents.open_intent(amount=order.balance, order_number=order.number)
    as_staff(Role.MANAGER).post(f"/api/staff/orders/{order.pk}/mark-paid", {})

    later()
    tasks.reconcile_payments()

    payment = Payment.objects.get(method="credit_card")
    assert (payment.state, payment.next_check_at) == ("cancelled", None)


def test_hung_stripe_is_a_504_in_bounded_time(
    api: APIClient, sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from lld.gateways import stripe

    monkeypatch.setattr(stripe, "TIMEOUT", (1, 0.3))
    # Without its pause the SDK meets its own first request, which still holds the key.
    monkeypatch.setattr("stripe.HTTPClient.INITIAL_DELAY", 0.5)
    stripe._client_for.cache_clear()
    order = card_order()
    sandbox.fault("stripe", "hang", path="/v1/payment_intents", seconds=30, **ALWAYS)

    try:
        answer = create_intent(api, order)
    finally:
        stripe._client_for.cache_clear()

    assert (answer.status_code, answer.json()["code"]) == (504, "vendor_timeout")


@pytest.mark.parametrize(("days", "state"), [(4, "open"), (13, "open"), (15, "cancelled")])
def test_account_that_is_being_verified_is_given_two_weeks(
    sandbox: SandboxClient, later: Callable[[], None], days: int, state: str
) -> None:
    """The bank takes days to show the micro-deposits, and the customer ten to look for them."""
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", microdeposits=True, deliver=False)
    Payment.objects.update(created_at=timezone.now() - timedelta(days=days))

    later()
    tasks.reconcile_payments()

    assert Payment.objects.get().state == state


def test_verified_account_pays(sandbox: SandboxClient) -> None:
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", microdeposits=True, deliver=False)
    assert stripe.fetch_intent(intent.id).verifies_account

    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)
    payments.apply_intent(intent.id)

    order.refresh_from_db()
    assert (order.payment_status, stripe.fetch_intent(intent.id).verifies_account) == ("processing", False)


def test_account_that_is_being_verified_is_let_go_when_the_order_is_paid(
    sandbox: SandboxClient, later: Callable[[], None]
) -> None:
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", microdeposits=True, deliver=False)
    as_staff(Role.MANAGER).post(f"/api/staff/orders/{order.pk}/mark-paid", {})

    later()
    tasks.reconcile_payments()

    assert Payment.objects.get(intent_id=intent.id).state == "cancelled"
