"""Due dates, overdue orders and holds as the days go by in Chicago."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine

from accounts.enums import PaymentTerms
from accounts.models import CustomerProfile, User
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import AuditEntry, OutboxMessage
from orders.enums import OrderStatus
from orders.models import Order
from orders.services import progress, terms
from tests.factories import CustomerFactory, ProductFactory, as_customer, as_staff, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]

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
def test_days_are_counted_from_the_business_day(payment_terms: PaymentTerms, due: date) -> None:
    with time_machine.travel(EVENING):
        assert place(customer=approved(payment_terms=payment_terms)).due_on == due


def test_shipping_starts_the_days_again_and_delivery_does_not() -> None:
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


def test_an_order_is_overdue_from_the_midnight_after_its_day() -> None:
    customer = approved()
    with time_machine.travel(EVENING):
        place(customer=customer)
    # The last minute of 3 April in Chicago, and the first of the 4th.
    with time_machine.travel(datetime(2026, 4, 4, 4, 59, tzinfo=UTC)):
        assert terms.find_hold_reasons(customer, Decimal(1)) == []
    with time_machine.travel(datetime(2026, 4, 4, 5, 0, tzinfo=UTC)):
        assert terms.find_hold_reasons(customer, Decimal(1)) == ["overdue"]
        assert place(customer=customer).hold_reasons == ["overdue"]


def test_both_reasons_are_given_and_paying_clears_them() -> None:
    customer = approved("50.00")
    with time_machine.travel(EVENING):
        first = place(customer=customer)
    with time_machine.travel(EVENING + timedelta(days=40)):
        assert place(customer=customer).hold_reasons == ["over_limit", "overdue"]
        as_staff().post(f"/api/staff/orders/{first.pk}/mark-paid", {})
        held = Order.objects.get(terms_hold=True)
        progress.cancel_order(held.pk, actor=SYSTEM)
        assert place(customer=customer).terms_hold is False


def test_part_payments_free_the_limit_by_as_much() -> None:
    customer = approved("90.00")
    first = place(customer=customer)
    assert place(customer=customer).terms_hold is False
    held = place(customer=customer)
    assert held.hold_reasons == ["over_limit"]
    progress.cancel_order(held.pk, actor=SYSTEM)
    as_staff().post(f"/api/staff/orders/{first.pk}/mark-paid", {"amount_received": 44.99})
    assert place(customer=customer).hold_reasons == ["over_limit"]
    Order.objects.filter(terms_hold=True).delete()
    as_staff().post(f"/api/staff/orders/{first.pk}/mark-paid", {})
    assert place(customer=customer).terms_hold is False


def test_one_customers_debts_are_not_anothers() -> None:
    debtor, other = approved("45.00"), approved("45.00")
    place(customer=debtor)
    assert place(customer=other).terms_hold is False


def test_the_quote_and_the_order_agree() -> None:
    client = as_customer(approved("100.00"))
    product = ProductFactory()
    for expected in ([], [], ["over_limit"]):
        items = [{"product_id": product.pk, "quantity": 2}]
        outlook = client.post("/api/orders/quote", {"items": items}).json()["terms"]
        assert outlook["hold_reasons"] == expected
        assert place((product, 2), customer=client.user).hold_reasons == expected


def unchanged(order: Order, call: Any) -> Any:
    before = Order.objects.values().get(pk=order.pk)
    kept = (AuditEntry.objects.count(), OutboxMessage.objects.count())
    answer = call()
    assert Order.objects.values().get(pk=order.pk) == before
    assert (AuditEntry.objects.count(), OutboxMessage.objects.count()) == kept
    return answer


def test_a_hold_stops_every_way_forward() -> None:
    order = place(customer=CustomerFactory())
    staff = as_staff()
    by_id, by_number = f"/api/staff/orders/{order.pk}", f"/api/shipping/orders/{order.number}"
    for call in (
        lambda: staff.post(f"{by_number}/confirm"),
        lambda: staff.put(f"{by_id}/status", {"status": "packed"}),
        lambda: staff.put(f"{by_id}/status", {"status": "shipped"}),
    ):
        answer = unchanged(order, call)
        assert (answer.status_code, answer.json()["code"]) == (409, "on_hold")
        assert answer.json()["hold_reasons"] == ["not_approved"]
    for call in (
        lambda: staff.post(f"{by_number}/ship", {"tracking_number": "9400"}),
        lambda: staff.put(f"{by_id}/notes", {"tracking_number": "9400", "staff_notes": "gone"}),
        lambda: staff.post(f"{by_number}/deliver"),
    ):
        assert unchanged(order, call).status_code == 409
    assert staff.put(f"{by_id}/notes", {"staff_notes": "called them"}).status_code == 200
    assert staff.put(f"{by_id}/address", {"delivery_city": "Cicero"}).status_code == 200


def test_a_released_order_goes_all_the_way_and_is_still_owed() -> None:
    order = place(customer=CustomerFactory())
    staff = as_staff(Role.MANAGER)
    staff.post(f"/api/staff/orders/{order.pk}/release-hold", {"reason": "Known for years"})
    warehouse = as_staff(Role.WAREHOUSE)
    by_number = f"/api/shipping/orders/{order.number}"
    for step in ("confirm", "ship", "deliver"):
        assert warehouse.post(f"{by_number}/{step}").status_code == 200
    order.refresh_from_db()
    assert (order.status, order.payment_status, order.balance) == ("delivered", "unpaid", order.total_amount)
    assert order.hold_reasons == ["not_approved"]


@pytest.mark.parametrize("reason", ["", " ", None, "x" * 501])
def test_a_release_needs_a_reason(reason: Any) -> None:
    order = place(customer=CustomerFactory())
    answer = as_staff().post(f"/api/staff/orders/{order.pk}/release-hold", {"reason": reason})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["reason"])
    order.refresh_from_db()
    assert order.terms_hold is True


@pytest.mark.parametrize("role", [Role.STAFF, Role.SALES_REP, Role.WAREHOUSE])
def test_who_releases_nothing(role: Role) -> None:
    client = as_staff(role)
    order = place(customer=CustomerFactory(), sales_rep=client.user)
    assert client.post(f"/api/staff/orders/{order.pk}/release-hold", {"reason": "mine"}).status_code == 403


def test_each_step_has_its_own_time_and_skipped_ones_that_of_the_next() -> None:
    order = place(payment_method="check")
    with time_machine.travel(EVENING, tick=False) as clock:
        progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
        clock.shift(timedelta(hours=5))
        progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM)
        clock.shift(timedelta(days=2))
        progress.advance_order(order.pk, OrderStatus.DELIVERED, actor=SYSTEM)
    order.refresh_from_db()
    later = EVENING + timedelta(hours=5)
    assert (order.confirmed_at, order.packed_at, order.shipped_at) == (EVENING, later, later)
    assert order.delivered_at == later + timedelta(days=2)
    assert order.cancelled_at is None
