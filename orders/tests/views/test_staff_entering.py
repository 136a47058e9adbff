"""Entering orders from the books and at the counter: dates, numbers, money, and what is refused whole."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.models import CustomerProfile, User
from catalog.models import Product, StockMovement
from lld.core.access import Role
from lld.core.models import AuditEntry, OutboxMessage
from orders.models import AttentionEntry, CustomerStats, Order, Payment, Refund
from tests.factories import CustomerFactory, ProductFactory, StaffFactory, as_staff, counted, order_body, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


DAY = "2026-03-05T18:00:00Z"


def enter(client: Any = None, product: Product | None = None, quantity: int = 2, **changes: Any) -> Any:
    body = order_body((product or ProductFactory(), quantity), **changes)
    return (client or as_staff(Role.MANAGER)).post("/api/staff/orders", body)


def entered(**changes: Any) -> Order:
    answer = enter(**changes)
    assert answer.status_code == 201, answer.content
    return Order.objects.get(pk=answer.json()["order"]["id"])


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("items", []),
        ("items", None),
        ("items", "two pans"),
        ("discount_amount", -0.01),
        ("discount_amount", "lots"),
        ("discount_amount", True),
        ("discount_amount", 20.01),
        ("delivery_fee", -1),
        ("delivery_fee", None),
        ("order_number", "ab"),
        ("order_number", "x" * 21),
        ("order_number", "a b c"),
        ("order_number", "-abc"),
        ("created_at", "yesterday"),
        ("created_at", 20260105),
        ("created_at", "0001-01-01T00:00:00Z"),
        ("created_at", "1999-12-31T00:00:00Z"),
        ("created_at", "9999-12-31T23:59:59Z"),
        ("sales_rep_id", 10**18),
        ("sales_rep_id", "me"),
        ("customer_id", 10**18),
        ("customer_id", 0),
        ("status", "lost"),
        ("payment_method", "barter"),
        ("payment_status", "refunded"),
        ("payment_status", "processing"),
        ("upsert_customer", "yes"),
        ("upsert_customer", 1),
        ("delivery_state", "ZZ"),
        ("staff_notes", "x" * 5001),
        ("assigned_to", "x" * 151),
        ("delivery_name", None),
    ],
)
def test_invalid_field_is_named_and_nothing_is_stored(field: str, value: Any) -> None:
    answer = enter(**{field: value})
    assert answer.status_code == 400, answer.content
    assert [name.partition("[")[0] for name in answer.json()["fields"]] == [field]
    assert not Order.objects.exists()
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("number", ["ab", "a b c", "ßab"])
def test_order_number_is_refused_as_it_was_written(number: str) -> None:
    answer = enter(order_number=number)
    assert answer.status_code == 400, answer.content
    assert answer.json()["fields"] == {"order_number": ["This value does not match the required pattern."]}


def test_delivery_fee_has_a_limit() -> None:
    assert enter(delivery_fee=9_999_999_999.99).status_code == 400
    assert entered(delivery_fee=12.5).total_amount == Decimal("32.50")


def test_refused_order_leaves_nothing_behind() -> None:
    product = counted(1)

    answer = enter(
        product=product,
        upsert_customer=True,
        delivery_email="new@cafe.test",
        payment_method="cash",
        status="delivered",
        order_number="BOOK-1",
    )

    assert (answer.status_code, answer.json()["code"]) == (409, "out_of_stock")
    for model in (Order, Payment, CustomerProfile, CustomerStats, AuditEntry, OutboxMessage):
        assert not model.objects.exists(), model
    assert not User.objects.filter(role="").exists()
    assert StockMovement.objects.count() == 1


def test_taken_order_number_leaves_nothing_behind() -> None:
    product = counted(9)
    entered(order_number="BOOK-1")

    answer = enter(product=product, order_number="book-1", payment_method="cash", upsert_customer=True)

    assert (answer.status_code, answer.json()["code"]) == (409, "duplicate")
    product.refresh_from_db()
    assert (product.stock_quantity, product.stock_reserved) == (9, 0)
    assert not Payment.objects.exists()
    assert not User.objects.filter(role="").exists()


@pytest.mark.parametrize("number", ["BOOK-17", "lld-oldi-elui", "LLD-12", "2019"])
def test_entered_order_number_is_found_as_written(number: str) -> None:
    staff = as_staff()
    order = entered(order_number=number)
    for path in (f"/api/orders/{number}", f"/api/shipping/orders/{number}", f"/api/orders/{order.number}"):
        assert staff.get(path).json()["order"]["order_number"] == order.number
    assert staff.post("/api/payments/create-link", {"order_number": number}).status_code == 201


def test_created_at_sets_the_due_date_by_day_in_chicago() -> None:
    # 03:30 UTC on the 5th is the evening of the 4th.
    order = entered(created_at="2026-03-05T03:30:00Z")
    assert order.due_on == date(2026, 4, 3)
    assert order.entered_at > order.created_at + timedelta(days=30)


@pytest.mark.parametrize(
    ("said", "instant"),
    [
        ("2026-03-05T03:30:00", datetime(2026, 3, 5, 9, 30, tzinfo=UTC)),
        ("2024-01-01", datetime(2024, 1, 1, 6, tzinfo=UTC)),
        ("2024-07-01", datetime(2024, 7, 1, 5, tzinfo=UTC)),
        ("2026-03-05T03:30:00-08:00", datetime(2026, 3, 5, 11, 30, tzinfo=UTC)),
    ],
)
def test_created_at_without_a_zone_is_business_time(said: str, instant: datetime) -> None:
    order = entered(created_at=said)
    assert order.created_at == instant
    assert order.due_on == date.fromisoformat(said[:10]) + timedelta(days=30)


def test_back_dated_order_is_stamped_with_its_day_and_silent() -> None:
    day = "2026-03-05T18:00:00Z"

    for status, stamps in {
        "confirmed": ["confirmed_at"],
        "packed": ["confirmed_at", "packed_at"],
        "shipped": ["confirmed_at", "packed_at", "shipped_at"],
        "delivered": ["confirmed_at", "packed_at", "shipped_at", "delivered_at"],
    }.items():
        order = entered(created_at=day, status=status, payment_method="cash")
        assert (order.status, order.payment_status) == (status, "paid")
        every = ("confirmed_at", "packed_at", "shipped_at", "delivered_at")
        assert {name for name in every if getattr(order, name) == order.created_at} == set(stamps)
        assert {name for name in every if getattr(order, name) is None} == set(every) - set(stamps)

    assert not OutboxMessage.objects.filter(channel__in=["email", "sms"]).exists()


def test_back_dated_order_on_terms_is_overdue() -> None:
    customer = CustomerFactory(terms=Decimal("1000.00"))
    day = timezone.now() - timedelta(days=40)

    order = entered(created_at=day.isoformat(), status="delivered", customer_id=customer.pk)

    assert (order.payment_status, order.balance) == ("unpaid", order.total_amount)
    assert order.due_on < timezone.now().date() - timedelta(days=5)
    assert place(customer=customer).hold_reasons == ["overdue"]


def test_stats_go_by_created_at_not_entered_at() -> None:
    customer = CustomerFactory()
    new = place(customer=customer)

    old = entered(created_at="2026-03-05T18:00:00Z", customer_id=customer.pk, quantity=1)

    stats = CustomerStats.objects.get(customer=customer)
    assert (stats.order_count, stats.total_spent) == (2, new.total_amount + old.total_amount)
    assert (stats.first_order_at, stats.last_order_at) == (old.created_at, new.created_at)
    assert stats.last_order_amount == new.total_amount


def test_order_of_today_is_mailed_to_the_customer() -> None:
    order = entered(payment_method="cash")
    mails = OutboxMessage.objects.filter(channel="email").order_by("pk").values_list("key", flat=True)
    assert list(mails) == [f"order_placed:{order.pk}", f"payment_received:{order.pk}:{order.payments.get().pk}"]


@pytest.mark.parametrize("status", ["confirmed", "delivered"])
def test_confirmed_or_delivered_order_deducts_stock(status: str) -> None:
    product = counted(9)

    order = entered(product=product, status=status)

    product.refresh_from_db()
    assert (product.stock_quantity, product.stock_reserved) == (7, 0)
    assert list(order.lines.values_list("stock_reserved", "stock_taken")) == [(0, 2)]
    assert order.terms_hold is False


def test_cancelled_order_holds_neither_stock_nor_money() -> None:
    product, customer = counted(9), CustomerFactory()

    order = entered(product=product, status="cancelled", payment_method="cash", customer_id=customer.pk)

    assert (order.status, order.payment_status, order.amount_paid) == ("cancelled", "unpaid", 0)
    product.refresh_from_db()
    assert (product.stock_quantity, product.stock_reserved) == (9, 0)
    for model in (Payment, Refund, AttentionEntry):
        assert not model.objects.exists(), model
    assert CustomerStats.objects.get(customer=customer).order_count == 0


def test_cancelled_paid_order_needs_a_manual_refund() -> None:
    order = entered(status="cancelled", payment_method="cash", payment_status="paid")
    assert (order.status, order.payment_status) == ("cancelled", "paid")
    assert AttentionEntry.objects.get().kind == "manual_refund"


@pytest.mark.parametrize("changes", [{}, {"payment_status": "paid"}, {"payment_method": "cash"}])
def test_order_at_no_charge_is_paid_and_not_held(changes: dict[str, str]) -> None:
    order = entered(discount_amount=20, **changes)
    assert (order.total_amount, order.balance, order.payment_status, order.terms_hold) == (0, 0, "paid", False)
    assert order.paid_at == order.created_at
    assert not Payment.objects.exists()

    staff = as_staff(Role.WAREHOUSE)
    assert [row["order_number"] for row in staff.get("/api/shipping/orders").json()["orders"]] == [order.number]


def test_pending_order_stays_on_hold() -> None:
    order = entered()
    assert (order.terms_hold, order.hold_reasons) == (True, ["not_approved"])


def test_sales_rep_enters_orders_as_their_own() -> None:
    rep = as_staff(Role.SALES_REP)
    assert enter(rep, sales_rep_id=rep.user.pk).json()["order"]["sales_rep_id"] == rep.user.pk
    assert enter(rep).json()["order"]["sales_rep_id"] == rep.user.pk
    assert enter(as_staff(Role.STAFF)).json()["order"]["sales_rep_id"] is None


def test_sales_rep_id_refuses_inactive_staff_and_customers() -> None:
    gone = StaffFactory(role=Role.SALES_REP, is_active=False)
    customer = CustomerFactory()
    for pk in (gone.pk, customer.pk):
        answer = enter(sales_rep_id=pk)
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["sales_rep_id"])


def test_upsert_customer_matches_email_before_phone() -> None:
    by_phone = CustomerFactory(phone="+13125550166")
    by_address = CustomerFactory(email="chef@cafe.test")
    found = entered(upsert_customer=True, delivery_email="CHEF@cafe.test", delivery_phone="3125550166")
    assert found.customer == by_address
    assert entered(upsert_customer=True, delivery_email="x@y.test", delivery_phone="3125550166").customer == by_phone


def test_upsert_customer_finds_the_one_it_made() -> None:
    first = entered(upsert_customer=True, delivery_email="new@cafe.test", delivery_phone="")

    again = entered(upsert_customer=True, delivery_email="New@Cafe.test", delivery_phone="")

    assert first.customer == again.customer
    made = User.objects.select_related("profile").get(role="")
    assert (made.last_name, made.profile.company_name) == ("Lopez", "Taqueria La Milpa")
    assert not made.has_usable_password()


def test_prices_sent_by_staff_are_refused() -> None:
    sums = {"subtotal": 1, "total_amount": 1, "tax_amount": 5, "commission_rate": 1}
    assert set(enter(**sums).json()["fields"]) == set(sums)

    body = order_body((ProductFactory(), 2))
    body["items"][0]["unit_price"] = 0.01
    refused = as_staff().post("/api/staff/orders", body)
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"items[0].unit_price"})
    assert not Order.objects.exists()


def test_entry_is_audited() -> None:
    manager = as_staff(Role.MANAGER)

    order = Order.objects.get(pk=enter(manager, status="packed").json()["order"]["id"])

    entry = AuditEntry.objects.get(action="order.enter")
    assert (entry.actor_id, entry.object_id, entry.after) == (
        manager.user.pk,
        str(order.pk),
        {"total": "20.00", "status": "packed"},
    )
    assert (order.entered_by, order.source) == (manager.user, "staff")


@pytest.mark.parametrize(
    ("role", "field", "value", "status"),
    [
        (Role.STAFF, "status", "pending", 201),
        (Role.STAFF, "payment_status", "unpaid", 201),
        (Role.STAFF, "payment_status", None, 201),
        (Role.STAFF, "created_at", None, 201),
        (Role.STAFF, "order_number", "", 201),
        (Role.STAFF, "sales_rep_id", None, 201),
        (Role.WAREHOUSE, "status", "cancelled", 403),
    ],
)
def test_default_value_needs_no_manager(role: Role, field: str, value: Any, status: int) -> None:
    assert enter(as_staff(role), **{field: value}).status_code == status


def test_created_at_within_the_hour_is_not_back_dated() -> None:
    with time_machine.travel(datetime(2026, 3, 5, 18, 0, tzinfo=UTC), tick=False):
        fresh = entered(created_at="2026-03-05T17:30:00Z")
        entered(created_at="2026-03-05T16:59:00Z")

    assert list(OutboxMessage.objects.filter(channel="email").values_list("key", flat=True)) == [
        f"order_placed:{fresh.pk}"
    ]


def test_created_at_now_is_not_the_future() -> None:
    with time_machine.travel(datetime(2026, 3, 5, 18, 0, tzinfo=UTC), tick=False):
        assert enter(created_at="2026-03-05T18:00:00Z").status_code == 201

        late = enter(created_at="2026-03-05T18:00:01Z")
        assert (late.status_code, list(late.json()["fields"])) == (400, ["created_at"])

        # Noon in Chicago is six in the evening in UTC.
        assert enter(created_at="2026-03-05T12:00:00-06:00").status_code == 201


def test_back_dated_cancelled_order_sends_no_mail() -> None:
    body = order_body((ProductFactory(), 2), created_at=DAY, status="cancelled")
    assert as_staff().post("/api/staff/orders", body).status_code == 201
    assert not OutboxMessage.objects.filter(channel="email").exists()


def test_back_dated_paid_order_is_paid_at_its_created_at() -> None:
    as_staff().post("/api/staff/orders", order_body((ProductFactory(), 2), created_at=DAY, payment_method="cash"))
    order = Order.objects.get()
    assert order.paid_at == order.created_at == Payment.objects.get().settled_at
