"""Buying on terms: limits, due dates and holds, as the days go by in Chicago."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.enums import PaymentTerms
from accounts.models import CustomerProfile, User
from lld.core.actors import SYSTEM
from lld.core.clock import business_today
from orders import rules
from orders.enums import OrderStatus
from orders.models import Order
from orders.services import progress
from orders.tests.situations import on_terms
from sandbox.testing import SandboxClient
from tests.factories import CustomerFactory, ProductFactory, as_customer, as_staff, order_body, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]

# Half past ten in the evening of the 4th in Chicago.
EVENING = datetime(2026, 3, 5, 4, 30, tzinfo=UTC)


def approved(limit: str = "1000.00", payment_terms: PaymentTerms = PaymentTerms.NET30) -> User:
    customer: User = CustomerFactory(terms=Decimal(limit))
    CustomerProfile.objects.filter(user=customer).update(payment_terms=payment_terms)
    return customer


@pytest.mark.parametrize(
    ("payment_terms", "due"),
    [
        (PaymentTerms.NET15, date(2026, 3, 19)),
        (PaymentTerms.NET30, date(2026, 4, 3)),
        (PaymentTerms.NET60, date(2026, 5, 3)),
    ],
)
def test_due_date_is_counted_from_the_business_day(payment_terms: PaymentTerms, due: date) -> None:
    with time_machine.travel(EVENING):
        assert place(customer=approved(payment_terms=payment_terms)).due_on == due


def test_shipping_restarts_the_due_date_and_delivery_does_not() -> None:
    with time_machine.travel(EVENING) as clock:
        order = place(customer=approved())

        clock.shift(timedelta(days=10))
        progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
        order.refresh_from_db()
        assert order.due_on == date(2026, 4, 3)

        progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM)
        clock.shift(timedelta(days=5))
        progress.advance_order(order.pk, OrderStatus.DELIVERED, actor=SYSTEM)
        order.refresh_from_db()
        assert order.due_on == date(2026, 4, 13)


def test_order_is_overdue_from_midnight_after_its_due_date() -> None:
    customer = approved()
    with time_machine.travel(EVENING):
        place(customer=customer)

    # The last minute of 3 April in Chicago, and the first of the 4th.
    with time_machine.travel(datetime(2026, 4, 4, 4, 59, tzinfo=UTC)):
        assert rules.find_hold_reasons(customer, Decimal(1)) == []

    with time_machine.travel(datetime(2026, 4, 4, 5, 0, tzinfo=UTC)):
        assert rules.find_hold_reasons(customer, Decimal(1)) == ["overdue"]
        assert place(customer=customer).hold_reasons == ["overdue"]


def test_hold_names_both_reasons_and_payment_clears_them() -> None:
    customer = approved("50.00")
    with time_machine.travel(EVENING):
        first = place(customer=customer)

    with time_machine.travel(EVENING + timedelta(days=40)):
        assert place(customer=customer).hold_reasons == ["over_limit", "overdue"]

        as_staff().post(f"/api/staff/orders/{first.pk}/mark-paid", {})
        held = Order.objects.get(terms_hold=True)
        progress.cancel_order(held.pk, actor=SYSTEM)
        assert place(customer=customer).terms_hold is False


def test_part_payments_free_as_much_of_the_limit() -> None:
    customer = approved("90.00")

    first = place(customer=customer)
    assert place(customer=customer).terms_hold is False

    held = place(customer=customer)
    assert held.hold_reasons == ["over_limit"]

    progress.cancel_order(held.pk, actor=SYSTEM)
    as_staff().post(f"/api/staff/orders/{first.pk}/mark-paid", {"amount_received": 44.99})
    assert place(customer=customer).hold_reasons == ["over_limit"]

    progress.cancel_order(Order.objects.get(terms_hold=True, status="pending").pk, actor=SYSTEM)
    as_staff().post(f"/api/staff/orders/{first.pk}/mark-paid", {})
    assert place(customer=customer).terms_hold is False


def test_balance_of_one_customer_does_not_hold_another() -> None:
    debtor, other = approved("45.00"), approved("45.00")
    place(customer=debtor)
    assert place(customer=other).terms_hold is False


def test_quote_and_order_give_the_same_hold_reasons() -> None:
    client = as_customer(approved("100.00"))
    product = ProductFactory()

    for expected in ([], [], ["over_limit"]):
        items = [{"product_id": product.pk, "quantity": 2}]
        outlook = client.post("/api/orders/quote", {"items": items}).json()["terms"]
        assert outlook["hold_reasons"] == expected
        assert place((product, 2), customer=client.user).hold_reasons == expected


def test_guest_and_unapproved_customer_are_held(api: APIClient) -> None:
    for customer in (None, CustomerFactory()):
        order = on_terms(customer)
        assert (order.terms_hold, order.hold_reasons, order.status) == (True, ["not_approved"], "pending")
    answer = api.post("/api/orders", order_body((ProductFactory(), 1)))
    assert answer.json()["order"]["terms_hold"] is True


@pytest.mark.parametrize(("limit", "held"), [("44.99", True), ("45.00", False), ("100.00", False)])
def test_credit_limit_includes_the_order_itself(limit: str, held: bool) -> None:
    order = on_terms(CustomerFactory(terms=Decimal(limit)))
    assert order.terms_hold is held
    assert order.hold_reasons == (["over_limit"] if held else [])


def test_balance_counts_open_orders_but_not_cancelled_ones() -> None:
    customer = CustomerFactory(terms=Decimal("100.00"))

    first, second, third = (on_terms(customer) for _ in range(3))
    assert [order.terms_hold for order in (first, second, third)] == [False, False, True]

    as_staff().put(f"/api/staff/orders/{first.pk}/status", {"status": "cancelled"})
    as_staff().put(f"/api/staff/orders/{third.pk}/status", {"status": "cancelled"})
    assert on_terms(customer).terms_hold is False


def test_overdue_order_holds_the_next() -> None:
    customer = CustomerFactory(terms=Decimal("1000.00"))
    first = on_terms(customer)

    Order.objects.filter(pk=first.pk).update(due_on=business_today())
    assert on_terms(customer).terms_hold is False

    Order.objects.filter(pk=first.pk).update(due_on=business_today() - timedelta(days=1))
    assert on_terms(customer).hold_reasons == ["overdue"]


def test_card_order_is_not_held() -> None:
    assert place(payment_method="credit_card").terms_hold is False


def test_due_date_moves_with_shipping(sandbox: SandboxClient) -> None:
    order = on_terms(CustomerFactory(terms=Decimal("1000.00")))
    assert order.due_on == business_today() + timedelta(days=30)

    Order.objects.filter(pk=order.pk).update(
        created_at=timezone.now() - timedelta(days=9), due_on=business_today() + timedelta(days=21)
    )
    as_staff().put(f"/api/staff/orders/{order.pk}/status", {"status": "shipped"})
    order.refresh_from_db()
    assert order.due_on == business_today() + timedelta(days=30)
