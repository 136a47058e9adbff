"""Parallel cancels, confirms, payments and placements: money moves once."""

import json
import threading
from collections import Counter
from decimal import Decimal
from typing import Any

import pytest
import stripe
from rest_framework.test import APIClient

from accounts.models import User
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.errors import Conflict, DomainError
from lld.core.models import OutboxMessage
from orders import locks
from orders.enums import OrderStatus, PaymentMethod, PaymentState
from orders.models import CreditAccount, CreditEntry, CustomerStats, Order, Payment, Refund
from orders.services import intents, payments, placement, progress, refund_delivery
from orders.services.stats import compute_stats
from sandbox.testing import SandboxClient
from tests.concurrency.storm import storm
from tests.factories import CANCELLING, CustomerFactory, ProductFactory, as_staff, card_order, counted, place

pytestmark = pytest.mark.django_db(transaction=True)


def paid_order(sandbox: SandboxClient) -> Order:
    order = card_order((counted(50), 2))
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, deliver=False)
    payments.confirm_intent(order_number=order.number, intent_id=intent.id)
    order.refresh_from_db()
    assert order.payment_status == "paid"
    return order


def cancel_in_parallel(order: Order, count: int) -> Counter[int]:
    staff = as_staff(Role.ADMIN)
    token = staff._credentials

    def cancel(_: int) -> int:
        client = APIClient()
        client.credentials(**token)
        return int(client.put(f"/api/staff/orders/{order.pk}/status", CANCELLING).status_code)

    return Counter(storm(count, cancel))


def test_cancels_of_a_paid_order_make_one_refund(sandbox: SandboxClient) -> None:
    order = paid_order(sandbox)

    assert cancel_in_parallel(order, 10) == {200: 1, 409: 9}

    assert len(sandbox.ledger("stripe", "refund")) == 1
    assert Refund.objects.filter(order=order).count() == 1
    product = order.lines.get().product
    assert (product.stock_quantity, product.stock_reserved) == (50, 0)


def test_control_without_lock_several_cancels_go_through(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Its stock is not counted: a counted one's CHECK would stop the second cancel even so.
    order = place(payment_method=PaymentMethod.CREDIT_CARD)
    meeting = threading.Barrier(10)

    def read_without_lock(order_id: int) -> Order:
        found = Order.objects.get(pk=order_id)
        meeting.wait(10)
        return found

    monkeypatch.setattr(locks, "lock_order", read_without_lock)

    results = storm(10, lambda _: progress.cancel_order(order.pk, actor=SYSTEM))

    assert sum(not isinstance(result, Exception) for result in results) > 1


def tell(intent_id: str, number: int) -> None:
    """Stripe's webhook, signed, as an event of its own."""
    subject = {"object": "payment_intent", "id": intent_id}
    event = {
        "id": f"evt_{number}",
        "object": "event",
        "type": "payment_intent.succeeded",
        "data": {"object": subject},
    }
    body = json.dumps(event)
    signature = stripe.WebhookSignature.generate_signature_header(body, "whsec_test")
    answer = APIClient().generic(
        "POST", "/api/webhooks/stripe", body, "application/json", HTTP_STRIPE_SIGNATURE=signature
    )
    assert answer.status_code == 200, answer.content


def pay_every_way_at_once(sandbox: SandboxClient) -> None:
    order = card_order((counted(50), 2))
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, deliver=False)
    ways = [
        lambda _: payments.confirm_intent(order_number=order.number, intent_id=intent.id),
        lambda index: tell(intent.id, order.pk * 100 + index),
        lambda _: intents.check_payment(Payment.objects.get(order=order).pk),
    ]
    results = storm(12, lambda index: ways[index % 3](index))
    assert not [result for result in results if isinstance(result, Exception)]
    order.refresh_from_db()
    assert (order.payment_status, order.amount_paid, order.balance) == ("paid", order.total_amount, 0)
    assert Payment.objects.filter(order=order, state=PaymentState.SUCCEEDED).count() == 1
    assert OutboxMessage.objects.filter(key__startswith=f"payment_received:{order.pk}:").count() == 1


def test_confirm_webhook_and_reconcile_record_one_payment(sandbox: SandboxClient) -> None:
    pay_every_way_at_once(sandbox)
    assert len(sandbox.mail()) == 2  # received, and paid


def test_payment_is_bound_to_one_of_two_orders(sandbox: SandboxClient) -> None:
    orders = [card_order((counted(50), 2)), card_order((counted(50), 2))]
    intent = intents.open_intent(amount=orders[0].balance)
    sandbox.pay_intent(intent.id, deliver=False)

    results = storm(
        10, lambda index: payments.confirm_intent(order_number=orders[index % 2].number, intent_id=intent.id)
    )

    assert any(not isinstance(result, Exception) for result in results)
    assert sorted(Order.objects.values_list("payment_status", flat=True)) == ["paid", "unpaid"]
    assert Payment.objects.filter(state=PaymentState.SUCCEEDED).count() == 1


def ask_for_one_intent(sandbox: SandboxClient) -> None:
    sandbox.reset()
    order = card_order((counted(50), 2))
    found = storm(8, lambda _: intents.open_intent(amount=order.balance, order_number=order.number))
    ids = {result.id for result in found if not isinstance(result, Exception)}
    # Stripe answers 409 to a key that is in use at that moment; whoever got that asks again.
    assert all(isinstance(result, DomainError) for result in found if isinstance(result, Exception))
    assert len(ids) == 1
    assert Payment.objects.filter(order=order).count() == 1
    assert len(sandbox.ledger("stripe", "payment_intent")) == 1


def test_intent_asked_for_at_once_is_one(sandbox: SandboxClient) -> None:
    ask_for_one_intent(sandbox)


def orders_on_terms(monkeypatch: pytest.MonkeyPatch | None) -> list[bool]:
    """Two orders of 45.00 at once under a limit of 60.00: whether each is on hold."""
    customer = CustomerFactory(terms=Decimal("60.00"))
    products = [ProductFactory(), ProductFactory()]
    results = storm(2, lambda index: place((products[index], 2), customer=customer))
    assert not [result for result in results if isinstance(result, Exception)]
    return sorted(result.terms_hold for result in results)


def test_credit_limit_is_not_shared_by_two_orders(sandbox: SandboxClient) -> None:
    assert [orders_on_terms(None) for _ in range(5)] == [[False, True]] * 5


def test_control_without_customer_lock_both_orders_pass(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    meeting = threading.Barrier(2)

    def read_without_lock(user_id: int) -> User:
        meeting.wait(10)
        return User.objects.select_related("profile").get(pk=user_id)

    monkeypatch.setattr(placement.locks, "lock_customer", read_without_lock)

    assert [False, False] in [orders_on_terms(monkeypatch) for _ in range(10)]


def test_surplus_becomes_credit_once(sandbox: SandboxClient) -> None:
    customer = CustomerFactory()
    order = card_order((counted(50), 2), customer=customer)

    results = storm(
        6,
        lambda _: payments.record_manual_payment(
            order.pk, actor=SYSTEM, method=PaymentMethod.CASH, received=Decimal("100.00")
        ),
    )

    assert sum(not isinstance(result, Exception) for result in results) == 1
    assert CreditAccount.objects.get(customer=customer).balance == Decimal("55.00")
    assert CreditEntry.objects.count() == 1
    assert Payment.objects.filter(order=order).count() == 1


def test_mark_paid_with_one_key_at_once_records_one_payment() -> None:
    order = card_order((counted(50), 2), customer=CustomerFactory())
    staff = as_staff(Role.MANAGER)

    def mark(_: int) -> tuple[int, Any]:
        client = APIClient()
        client.credentials(**staff._credentials, HTTP_IDEMPOTENCY_KEY="one")
        answer = client.post(f"/api/staff/orders/{order.pk}/mark-paid", {"amount_received": 50})
        return answer.status_code, answer.json().get("code")

    results = Counter(storm(8, mark))

    assert results.pop((200, None)) >= 1
    assert set(results) <= {(409, "idempotency_conflict")}
    assert Payment.objects.filter(order=order).count() == 1


def ship_and_cancel(rounds: int) -> None:
    for _ in range(rounds):
        order = card_order((counted(50), 2))
        progress.advance_order(order.pk, OrderStatus.PACKED, actor=SYSTEM)
        actions = [
            lambda order=order: progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM),
            lambda order=order: progress.cancel_order(order.pk, actor=SYSTEM),
        ]
        results = storm(2, lambda index, actions=actions: actions[index]())
        assert sum(isinstance(result, Conflict) for result in results) == 1
        order.refresh_from_db()
        product = order.lines.get().product
        expected = 48 if order.status == "shipped" else 50
        assert (product.stock_quantity, product.stock_reserved) == (expected, 0)


def test_ship_and_cancel_at_once_one_wins(sandbox: SandboxClient) -> None:
    ship_and_cancel(5)


def test_confirm_and_cancel_at_once_return_stock_once(sandbox: SandboxClient) -> None:
    """Confirming may come first or be refused; the order ends cancelled, and its stock is back once."""
    for _ in range(5):
        order = card_order((counted(50), 2))
        actions = [
            lambda order=order: progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM),
            lambda order=order: progress.cancel_order(order.pk, actor=SYSTEM),
        ]

        confirmed, cancelled = storm(2, lambda index, actions=actions: actions[index]())

        assert isinstance(confirmed, Order | Conflict)
        assert isinstance(cancelled, Order)
        order.refresh_from_db()
        product = order.lines.get().product
        assert (order.status, product.stock_quantity, product.stock_reserved) == ("cancelled", 50, 0)


def test_payment_during_cancellation_is_refunded_once(sandbox: SandboxClient) -> None:
    """Recorded before the cancellation or set aside after it: either way there is one refund."""
    for _ in range(5):
        sandbox.reset()
        order = card_order((counted(50), 2))
        intent = intents.open_intent(amount=order.balance, order_number=order.number)
        sandbox.pay_intent(intent.id, deliver=False)
        actions = [
            lambda order=order: refund_delivery.carry_out_refunds(progress.cancel_order(order.pk, actor=SYSTEM).pk),
            lambda intent=intent: payments.apply_intent(intent.id),
        ]

        results = storm(6, lambda index, actions=actions: actions[index % 2]())

        assert all(isinstance(result, Conflict) for result in results if isinstance(result, Exception))
        assert [entry["amount"] for entry in sandbox.ledger("stripe", "refund")] == [4500]
        assert Refund.objects.get(order=order).state == "succeeded"


def test_customer_stats_survive_a_storm(sandbox: SandboxClient) -> None:
    customer = CustomerFactory()
    products = [ProductFactory() for _ in range(4)]

    def place_and_maybe_cancel(index: int) -> None:
        order = place((products[index % 4], index % 3 + 1), customer=customer)
        if index % 2:
            progress.cancel_order(order.pk, actor=SYSTEM)

    assert not [result for result in storm(24, place_and_maybe_cancel) if result is not None]

    stats = CustomerStats.objects.get(customer=customer)
    expected = compute_stats(customer.pk)
    assert {name: getattr(stats, name) for name in expected} == expected
    assert stats.order_count == 12


def test_refund_workers_do_not_double(sandbox: SandboxClient) -> None:
    order = paid_order(sandbox)
    progress.cancel_order(order.pk, actor=SYSTEM)
    refund = Refund.objects.get(order=order)

    storm(8, lambda _: refund_delivery.carry_out_refund(refund.pk))

    assert len(sandbox.ledger("stripe", "refund")) == 1
    refund.refresh_from_db()
    assert refund.state == "succeeded"


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_soak_cancels(sandbox: SandboxClient) -> None:
    for _ in range(100):
        sandbox.reset()
        order = paid_order(sandbox)
        assert cancel_in_parallel(order, 6) == {200: 1, 409: 5}
        assert len(sandbox.ledger("stripe", "refund")) == 1


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_soak_payments(sandbox: SandboxClient) -> None:
    for _ in range(100):
        ask_for_one_intent(sandbox)
        pay_every_way_at_once(sandbox)
        ship_and_cancel(1)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_soak_credit_limit(sandbox: SandboxClient) -> None:
    for _ in range(200):
        assert orders_on_terms(None) == [False, True]
