"""What the console says of money that goes back: a sentence for each way."""

from decimal import Decimal

import pytest

from lld.core.access import Role
from lld.core.actors import SYSTEM
from orders.enums import PaymentMethod
from orders.models import Order
from orders.services import credit, payments
from orders.tests.admin.test_orders import press
from sandbox.testing import SandboxClient
from tests.factories import CustomerFactory, as_console, card_order, paid_by_card, place

pytestmark = pytest.mark.django_db(transaction=True)


def paid_in_cash(order: Order, received: str) -> None:
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH, received=Decimal(received))
    order.refresh_from_db()


def paid_from_credit(amount: str) -> Order:
    """An order of 45.00 whose customer had some store credit, and used it."""
    customer = CustomerFactory()
    order, given = place(payment_method="check", customer=customer), Decimal(amount)
    credit.issue_credit(customer, given, actor=SYSTEM)
    credit.apply_credit(order.pk, given, actor=SYSTEM)
    return order


def test_cancelling_says_what_is_handed_out_and_what_went_to_the_card(sandbox: SandboxClient) -> None:
    order = card_order()
    paid_in_cash(order, "10.00")
    paid_by_card(sandbox, order)

    told = press(as_console(Role.STAFF), "cancel", order, reason="Closed")[1]

    assert told == [
        f"{order.number}: 10.00 waits to be handed back: it came as cash.",
        f"{order.number}: 35.00 went back to the card it came from.",
        f"Cancelled: {order.number}.",
    ]


@pytest.mark.usefixtures("sandbox")
def test_cancelling_says_what_is_store_credit_again() -> None:
    order = paid_from_credit("15.00")

    told = press(as_console(Role.STAFF), "cancel", order, reason="Closed")[1]

    assert told == [f"{order.number}: 15.00 went back to store credit.", f"Cancelled: {order.number}."]


def test_refund_says_each_way_that_it_goes(sandbox: SandboxClient) -> None:
    order = card_order()
    paid_by_card(sandbox, order)
    sandbox.fault("stripe", "status_500", method="POST", path="/v1/refunds", times=None)

    told = press(as_console(Role.STAFF), "refund", order, reason="Dented", amount="5.00")[1]

    assert told[0].startswith(f"{order.number}: 5.00 is on its way back to the card it came from (")
    assert told[1:] == [f"Refunded: {order.number}."]


@pytest.mark.usefixtures("sandbox")
def test_refund_in_cash_and_credit_says_both() -> None:
    order = paid_from_credit("15.00")
    paid_in_cash(order, "30.00")

    told = press(as_console(Role.STAFF), "refund", order, reason="Dented", amount="40.00")[1]

    assert told == [
        f"{order.number}: 30.00 waits to be handed back: it came as cash.",
        f"{order.number}: 10.00 went back to store credit.",
        f"Refunded: {order.number}.",
    ]
