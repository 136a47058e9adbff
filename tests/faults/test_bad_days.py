"""A card order from checkout to refund while Stripe's answers fail at random: charged once, refunded once.

Faults and the ways in which we hear of the payment come from a seed.
"""

import random
from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from lld.core.access import Role
from lld.core.errors import GatewayError
from orders import tasks
from orders.models import Order, Payment, Refund
from orders.services import payments
from sandbox.testing import SandboxClient
from tests.factories import CANCELLING, as_staff, card_order
from tests.tries import forget_tries

pytestmark = pytest.mark.django_db(transaction=True)

Later = Callable[[], None]

CALLS = [
    ("POST", "/v1/payment_intents$"),
    ("GET", "/v1/payment_intents"),
    ("POST", "/v1/refunds$"),
    ("GET", "/v1/refunds"),
]
FAULTS = [
    "reset_before_effect",
    "reset_after_effect",
    "status_429",
    "status_500",
    "status_500_after_effect",
    "malformed",
]


def ask_until_answered(path: str, body: dict[str, Any]) -> Any:
    """As a customer who presses the button again: refused for the vendor's sake only, and not for ever."""
    for _ in range(20):
        answer = APIClient().post(path, body)
        if answer.status_code == 200:
            return answer.json()
        assert answer.status_code in {502, 504}, answer.content
    raise AssertionError(f"{path} never came through")


def find_out(done: Callable[[], bool], later: Later) -> None:
    """As beat does, round after round."""
    for _ in range(20):
        if done():
            return
        later()
        tasks.reconcile_payments()
    raise AssertionError("it was never found out")


def applied(intent_id: str) -> bool:
    try:
        payments.apply_intent(intent_id)
    except GatewayError:
        return False
    return True


def hear_of_payment(dice: random.Random, intent_id: str, order: Order, later: Later) -> None:
    """From the browser, from a webhook that is worked on again and again, or from nobody."""
    way = dice.choice(["browser", "webhook", "nobody"])
    if way == "browser":
        body = {"order_number": order.number, "payment_intent_id": intent_id}
        ask_until_answered("/api/payments/confirm", body)
    elif way == "webhook":
        find_out(lambda: applied(intent_id), lambda: None)
    else:
        find_out(lambda: Payment.objects.filter(intent_id=intent_id, state="succeeded").exists(), later)


def bad_day(sandbox: SandboxClient, later: Later, seed: int) -> None:
    sandbox.reset()
    forget_tries()
    dice = random.Random(seed)
    for method, path in dice.sample(CALLS, dice.randint(1, len(CALLS))):
        sandbox.fault("stripe", dice.choice(FAULTS), method=method, path=path, times=dice.randint(1, 7))
    order = card_order()
    asked = ask_until_answered("/api/payments/create-intent", {"amount": "45.00", "order_number": order.number})
    intent_id = asked["payment_intent_id"]
    sandbox.pay_intent(intent_id, deliver=False)
    hear_of_payment(dice, intent_id, order, later)
    order.refresh_from_db()
    assert (order.payment_status, str(order.balance)) == ("paid", "0.00")

    cancelled = as_staff(Role.MANAGER).put(f"/api/staff/orders/{order.pk}/status", CANCELLING)
    assert cancelled.status_code == 200, cancelled.content
    find_out(lambda: Refund.objects.get(order=order).state == "succeeded", later)
    order.refresh_from_db()
    assert (order.payment_status, str(order.amount_refunded)) == ("refunded", "45.00")
    assert [entry["amount"] for entry in sandbox.ledger("stripe", "charge")] == [4500]
    assert [entry["amount"] for entry in sandbox.ledger("stripe", "refund")] == [4500]
    assert Payment.objects.filter(order=order, state="succeeded").count() == 1


@pytest.mark.parametrize("seed", range(6))
def test_card_order_is_charged_once_and_refunded_once(sandbox: SandboxClient, later: Later, seed: int) -> None:
    bad_day(sandbox, later, seed)


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_soak_bad_days(sandbox: SandboxClient, later: Later) -> None:
    for seed in range(100, 400):
        bad_day(sandbox, later, seed)
