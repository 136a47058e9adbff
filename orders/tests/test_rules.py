"""What keeps an order here, by the API that asks for it to leave."""

from typing import Any

import pytest

from lld.core.access import Role
from lld.core.actors import SYSTEM
from orders.enums import PaymentMethod
from orders.models import Order
from orders.services import intents, payments
from sandbox.testing import SandboxClient
from tests.factories import CustomerFactory, as_staff, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def confirm(order: Order) -> Any:
    return as_staff(Role.STAFF).put(f"/api/staff/orders/{order.pk}/status", {"status": "confirmed"})


@pytest.mark.parametrize("method", ["credit_card", "ach", "check"])
def test_unpaid_order_does_not_leave_pending(method: str) -> None:
    order = place(payment_method=method, released=False)

    answer = confirm(order)

    assert (answer.status_code, answer.json()["code"]) == (409, "payment_required")
    assert answer.json()["balance"] == 45.0
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    assert confirm(order).status_code == 200


def test_manager_releases_an_unpaid_order_of_any_method() -> None:
    order = place(payment_method="check", released=False)
    path = f"/api/staff/orders/{order.pk}/release-hold"

    assert as_staff(Role.STAFF).post(path, {"reason": "known"}).status_code == 403
    assert as_staff(Role.MANAGER).post(path, {"reason": "known"}).status_code == 200
    assert confirm(order).status_code == 200


@pytest.mark.parametrize(("approved", "status"), [(True, 200), (False, 409)])
def test_transfer_under_way_is_money_for_approved_customers_only(
    sandbox: SandboxClient, approved: bool, status: int
) -> None:
    customer = CustomerFactory(terms=5000) if approved else CustomerFactory()
    order = place(payment_method="ach", customer=customer, released=False)
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)
    payments.confirm_intent(order_number=order.number, intent_id=intent.id)

    assert confirm(order).status_code == status


def test_transfer_of_a_checkout_is_bound_to_its_order_when_confirmed(sandbox: SandboxClient) -> None:
    """Paid before the order was there; a card cannot pay it meanwhile, and the money finds it days later."""
    intent = intents.open_intent(amount=place().balance)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)
    order = place(payment_method="ach", released=False)

    payments.confirm_intent(order_number=order.number, intent_id=intent.id)

    order.refresh_from_db()
    assert (order.payment_status, order.payments.get().intent_id) == ("processing", intent.id)
    sandbox.settle_intent(intent.id, "succeeded", deliver=False)
    payments.apply_intent(intent.id)
    order.refresh_from_db()
    assert (order.payment_status, order.balance) == ("paid", 0)
