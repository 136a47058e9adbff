"""What a customer claims to have paid counts only when Stripe says exactly that."""

from decimal import Decimal
from typing import Any

import pytest
import stripe
from django.db import connection
from rest_framework.test import APIClient

from lld.gateways.configuration import need
from orders.models import Order
from orders.services import intents
from sandbox.testing import SandboxClient
from tests.factories import card_order

pytestmark = pytest.mark.django_db(transaction=True)


def money_rows() -> list[Any]:
    """Everything that says who paid what."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_jsonb(o) FROM orders_order o UNION ALL SELECT to_jsonb(p) FROM orders_payment p "
            "UNION ALL SELECT to_jsonb(r) FROM orders_refund r "
            "UNION ALL SELECT to_jsonb(m) FROM core_outboxmessage m"
        )
        return sorted(map(str, cursor.fetchall()))


def refused(api: APIClient, order: Order, intent_id: str) -> Any:
    before = money_rows()
    answer = api.post("/api/payments/confirm", {"order_number": order.number, "payment_intent_id": intent_id})
    assert 400 <= answer.status_code < 500, answer.content
    assert money_rows() == before
    return answer.json()


def other_account_client() -> stripe.StripeClient:
    return stripe.StripeClient(need("STRIPE_API_KEY"), base_addresses={"api": need("STRIPE_API_BASE")})


def test_confirm_refuses_another_orders_payment(api: APIClient, sandbox: SandboxClient) -> None:
    paid, unpaid = card_order(), card_order()
    intent = intents.open_intent(amount=paid.balance, order_number=paid.number)
    sandbox.pay_intent(intent.id, deliver=False)
    assert refused(api, unpaid, intent.id)["code"] == "payment_mismatch"


def test_confirm_refuses_an_incomplete_payment(api: APIClient, sandbox: SandboxClient) -> None:
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    assert refused(api, order, intent.id)["code"] == "payment_incomplete"
    sandbox.pay_intent(intent.id, "pm_card_chargeDeclined", deliver=False)
    assert refused(api, order, intent.id)["code"] == "payment_incomplete"


def test_confirm_refuses_a_processing_payment_of_another_sum(api: APIClient, sandbox: SandboxClient) -> None:
    order = card_order()
    intent = intents.open_intent(amount=order.balance - 1)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)
    assert refused(api, order, intent.id)["code"] == "payment_mismatch"


def test_confirm_refuses_a_refunded_payment(api: APIClient, sandbox: SandboxClient) -> None:
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, deliver=False)
    other_account_client().v1.refunds.create({"payment_intent": intent.id})
    assert refused(api, order, intent.id)["code"] == "payment_mismatch"


def test_confirm_refuses_a_smaller_payment(api: APIClient, sandbox: SandboxClient) -> None:
    order = card_order()
    intent = intents.open_intent(amount=Decimal("1.00"))
    sandbox.pay_intent(intent.id, deliver=False)
    assert refused(api, order, intent.id)["code"] == "payment_mismatch"


def test_confirm_refuses_an_intent_that_is_not_ours(api: APIClient, sandbox: SandboxClient) -> None:
    """Made with our own Stripe account, but not by us: it may be another shop's sale."""
    order = card_order()
    made = other_account_client().v1.payment_intents.create({"amount": 4500, "currency": "usd"})
    sandbox.pay_intent(made.id, deliver=False)
    assert refused(api, order, made.id)["code"] == "payment_mismatch"


def test_confirm_refuses_an_unknown_intent(api: APIClient, sandbox: SandboxClient) -> None:
    order = card_order()
    refused(api, order, "pi_doesnotexist")


def test_confirm_refuses_a_cancelled_order(api: APIClient, sandbox: SandboxClient) -> None:
    from lld.core.actors import SYSTEM
    from orders.services import progress

    order = card_order()
    intent = intents.open_intent(amount=order.balance)
    sandbox.pay_intent(intent.id, deliver=False)
    progress.cancel_order(order.pk, actor=SYSTEM)

    assert refused(api, order, intent.id)["code"] == "payment_mismatch"


def test_confirm_twice_records_one_payment(api: APIClient, sandbox: SandboxClient) -> None:
    order = card_order()
    intent = intents.open_intent(amount=order.balance)
    sandbox.pay_intent(intent.id, deliver=False)
    body = {"order_number": order.number.lower(), "payment_intent_id": intent.id}

    assert api.post("/api/payments/confirm", body).status_code == 200

    before = money_rows()
    assert api.post("/api/payments/confirm", body).status_code == 200
    assert money_rows() == before
    order.refresh_from_db()
    assert (order.payment_status, order.payments.count()) == ("paid", 1)
