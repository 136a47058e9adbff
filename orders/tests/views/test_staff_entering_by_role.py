"""Entering orders: what each role may set, and what is filled in for what is left out."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from catalog.enums import StockReason
from lld.core.access import Role
from lld.core.actors import SYSTEM
from orders.models import CustomerStats, Order, Payment
from sandbox.testing import SandboxClient
from tests import stock
from tests.factories import CustomerFactory, ProductFactory, StaffFactory, as_staff, order_body, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def enter(role: Role = Role.ADMIN, client: Any = None, **changes: Any) -> Any:
    return (client or as_staff(role)).post("/api/staff/orders", order_body((ProductFactory(), 2), **changes))


def test_omitted_fields_get_their_defaults() -> None:
    order = enter().json()["order"]
    assert (order["status"], order["payment_method"], order["payment_status"]) == ("pending", "net30", "unpaid")
    assert (order["delivery_fee"], order["discount_amount"], order["total_amount"]) == (0.0, 0.0, 20.0)
    assert order["staff_notes"] == "Manually entered by staff"


@pytest.mark.parametrize(
    ("role", "method", "status"),
    [
        (Role.ADMIN, "cash", "paid"),
        (Role.MANAGER, "check", "paid"),
        (Role.ADMIN, "net30", "unpaid"),
        # Who may not call an order paid does not do so by leaving it out.
        (Role.STAFF, "cash", "unpaid"),
        (Role.SALES_REP, "cash", "unpaid"),
    ],
)
def test_payment_status_defaults_by_role_and_method(role: Role, method: str, status: str) -> None:
    order = enter(role, payment_method=method).json()["order"]
    assert (order["payment_status"], order["payment_method"]) == (status, method)
    assert Payment.objects.count() == (status == "paid")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("order_number", "BOOK-17"),
        ("created_at", "2026-01-05T10:00:00Z"),
        ("status", "confirmed"),
        ("payment_status", "paid"),
        ("sales_rep_id", None),
    ],
)
def test_manager_fields_need_a_manager(field: str, value: Any) -> None:
    value = value or as_staff(Role.SALES_REP).user.pk

    for role in (Role.STAFF, Role.SALES_REP):
        answer = enter(role, **{field: value})
        assert answer.status_code == 403
        assert field in answer.json()["error"]

    assert not Order.objects.exists()
    assert enter(Role.MANAGER, **{field: value}).status_code == 201


@pytest.mark.parametrize(
    ("role", "discount", "status"),
    [
        (Role.SALES_REP, "2.00", 201),
        (Role.SALES_REP, "2.01", 403),
        (Role.STAFF, "4.00", 201),
        (Role.STAFF, "4.01", 403),
        (Role.WAREHOUSE, "0.00", 403),
        (Role.MANAGER, "20.00", 201),
        (Role.ADMIN, "20.01", 400),
    ],
)
def test_discount_is_limited_by_role(role: Role, discount: str, status: int) -> None:
    assert enter(role, discount_amount=float(discount)).status_code == status


def test_sales_rep_order_keeps_the_commission_rate_of_the_day() -> None:
    rep = as_staff(Role.SALES_REP)

    enter(client=rep)
    rep.user.staff_profile.commission_rate = Decimal("0.5")
    rep.user.staff_profile.save()

    order = Order.objects.get()
    assert (order.sales_rep, order.commission_rate, order.source) == (rep.user, Decimal("0.05"), "staff")


def test_back_dated_order_sends_no_mail_and_keeps_its_dates(sandbox: SandboxClient) -> None:
    customer = CustomerFactory()
    day = "2026-01-05T10:00:00Z"
    product = stock.count(ProductFactory().pk, 9, reason=StockReason.OPENING, actor=SYSTEM)
    body = order_body((product, 2), created_at=day, status="delivered", customer_id=customer.pk, order_number="old-1")

    order = as_staff().post("/api/staff/orders", body).json()["order"]

    assert (order["order_number"], order["status"], order["created_at"]) == ("OLD-1", "delivered", day)
    assert order["shipped_at"] == order["delivered_at"] == day
    assert sandbox.mail() == []
    product.refresh_from_db()
    assert (product.stock_quantity, product.stock_reserved) == (7, 0)
    assert CustomerStats.objects.get(customer=customer).last_order_at.year == 2026

    assert as_staff().post("/api/staff/orders", body).json()["code"] == "duplicate"


def test_created_at_in_the_future_is_refused() -> None:
    answer = enter(created_at=(timezone.now() + timedelta(hours=1)).isoformat())
    assert "created_at" in answer.json()["fields"]


def test_upsert_customer_finds_a_known_one_or_makes_one() -> None:
    known = CustomerFactory(email="Known@Cafe.test", phone="+13125550166")

    by_mail = enter(upsert_customer=True, delivery_email="known@cafe.test", delivery_phone="").json()["order"]
    by_phone = enter(upsert_customer=True, delivery_email="", delivery_phone="312 555 0166").json()["order"]
    assert by_mail["user_id"] == by_phone["user_id"] == known.pk

    fresh = enter(upsert_customer=True, delivery_email="new@cafe.test", delivery_phone="").json()["order"]
    made = User.objects.get(pk=fresh["user_id"])
    assert (made.username, made.auth_provider, made.first_name) == (None, "imported", "Maria")

    assert enter(delivery_email="known@cafe.test").json()["order"]["user_id"] is None

    nobody = enter(upsert_customer=True, delivery_email="", delivery_phone="")
    assert "delivery_phone" in nobody.json()["fields"]


def test_staff_account_is_not_taken_as_customer() -> None:
    member = as_staff(Role.STAFF).user
    assert "customer_id" in enter(customer_id=member.pk).json()["fields"]
    found = enter(upsert_customer=True, delivery_email=member.email, delivery_phone="").json()["order"]
    assert found["user_id"] != member.pk


def test_rep_enters_no_order_for_the_customer_of_another() -> None:
    rep = as_staff(Role.SALES_REP)
    own, others, nobodys = CustomerFactory(), CustomerFactory(), CustomerFactory()
    place(customer=own, sales_rep=rep.user)
    place(customer=own, sales_rep=StaffFactory(role=Role.SALES_REP))
    place(customer=others, sales_rep=StaffFactory(role=Role.SALES_REP))
    place(customer=nobodys)

    refused = enter(client=rep, customer_id=others.pk)

    assert (refused.status_code, refused.json()["fields"]) == (400, {"customer_id": ["There is no such customer."]})
    for customer in (own, nobodys):
        assert enter(client=rep, customer_id=customer.pk).status_code == 201
    assert enter(Role.STAFF, customer_id=others.pk).status_code == 201
