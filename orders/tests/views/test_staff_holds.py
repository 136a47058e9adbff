"""Buying on terms: holds, and what lifts them."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from lld.core.access import Role
from lld.core.clock import business_today
from lld.core.models import AuditEntry
from orders.models import Order
from sandbox.testing import SandboxClient
from tests.factories import CustomerFactory, ProductFactory, as_customer, as_staff, order_body, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def on_terms(customer: User | None) -> Order:
    """An order of 45.00 on terms."""
    return place((ProductFactory(), 2), customer=customer)


def test_guests_and_customers_without_terms_wait(api: APIClient) -> None:
    for customer in (None, CustomerFactory()):
        order = on_terms(customer)
        assert (order.terms_hold, order.hold_reasons, order.status) == (True, ["not_approved"], "pending")
    answer = api.post("/api/orders", order_body((ProductFactory(), 1)))
    assert answer.json()["order"]["terms_hold"] is True


@pytest.mark.parametrize(("limit", "held"), [("44.99", True), ("45.00", False), ("100.00", False)])
def test_the_limit_includes_the_order_itself(limit: str, held: bool) -> None:
    order = on_terms(CustomerFactory(terms=Decimal(limit)))
    assert order.terms_hold is held
    assert order.hold_reasons == (["over_limit"] if held else [])


def test_what_is_owed_counts_and_what_is_cancelled_does_not() -> None:
    customer = CustomerFactory(terms=Decimal("100.00"))
    first, second, third = (on_terms(customer) for _ in range(3))
    assert [order.terms_hold for order in (first, second, third)] == [False, False, True]
    as_staff().put(f"/api/staff/orders/{first.pk}/status", {"status": "cancelled"})
    as_staff().put(f"/api/staff/orders/{third.pk}/status", {"status": "cancelled"})
    assert on_terms(customer).terms_hold is False


def test_an_overdue_order_holds_the_next() -> None:
    customer = CustomerFactory(terms=Decimal("1000.00"))
    first = on_terms(customer)
    Order.objects.filter(pk=first.pk).update(due_on=business_today())
    assert on_terms(customer).terms_hold is False
    Order.objects.filter(pk=first.pk).update(due_on=business_today() - timedelta(days=1))
    assert on_terms(customer).hold_reasons == ["overdue"]


def test_other_methods_are_not_held() -> None:
    assert place(payment_method="credit_card").terms_hold is False


@pytest.mark.parametrize("status", ["confirmed", "packed", "shipped", "delivered"])
def test_a_held_order_goes_nowhere_but_can_be_cancelled(status: str) -> None:
    order = on_terms(None)
    staff = as_staff()
    answer = staff.put(f"/api/staff/orders/{order.pk}/status", {"status": status, "staff_notes": "no"})
    assert (answer.status_code, answer.json()["code"]) == (409, "on_hold")
    assert answer.json()["hold_reasons"] == ["not_approved"]
    order.refresh_from_db()
    assert (order.status, order.staff_notes) == ("pending", "")
    shipping = f"/api/shipping/orders/{order.number}"
    assert staff.post(f"{shipping}/confirm").json()["code"] == "on_hold"
    assert staff.put(f"/api/staff/orders/{order.pk}/status", {"status": "cancelled"}).status_code == 200


def test_payment_lifts_the_hold() -> None:
    order = on_terms(None)
    staff = as_staff()
    assert staff.post(f"/api/staff/orders/{order.pk}/mark-paid", {"amount_received": 20}).status_code == 200
    order.refresh_from_db()
    assert (order.terms_hold, order.payment_status, order.payment_method) == (True, "unpaid", "net30")
    staff.post(f"/api/staff/orders/{order.pk}/mark-paid", {})
    order.refresh_from_db()
    assert (order.terms_hold, order.payment_status, order.payment_method) == (False, "paid", "cash")
    assert staff.post(f"/api/shipping/orders/{order.number}/confirm").status_code == 200


def test_a_manager_releases_with_a_reason() -> None:
    order = on_terms(None)
    path = f"/api/staff/orders/{order.pk}/release-hold"
    assert as_staff(Role.STAFF).post(path, {"reason": "known"}).status_code == 403
    manager = as_staff(Role.MANAGER)
    assert "reason" in manager.post(path, {}).json()["fields"]
    answer = manager.post(path, {"reason": "Known for years"})
    assert answer.json()["order"]["terms_hold"] is False
    assert answer.json()["order"]["hold_released_by"] == manager.user.username
    entry = AuditEntry.objects.get(action="order.release_hold")
    assert (entry.reason, entry.actor_id, entry.object_id) == ("Known for years", manager.user.pk, str(order.pk))
    assert manager.post(path, {"reason": "again"}).json()["code"] == "not_on_hold"


def test_the_quote_tells_beforehand() -> None:
    client = as_customer(CustomerFactory(terms=Decimal("40.00")))
    items = {"items": [{"product_id": ProductFactory().pk, "quantity": 2}]}
    terms = client.post("/api/orders/quote", items).json()["terms"]
    assert terms == {
        "approved": True,
        "would_hold": True,
        "hold_reasons": ["over_limit"],
        "credit_limit": 40.0,
        "balance": 0.0,
    }
    nobody = APIClient().post("/api/orders/quote", items).json()["terms"]
    assert nobody["hold_reasons"] == ["not_approved"]


def test_the_due_date_moves_with_shipping(sandbox: SandboxClient) -> None:
    order = on_terms(CustomerFactory(terms=Decimal("1000.00")))
    assert order.due_on == business_today() + timedelta(days=30)
    Order.objects.filter(pk=order.pk).update(
        created_at=timezone.now() - timedelta(days=9), due_on=business_today() + timedelta(days=21)
    )
    as_staff().put(f"/api/staff/orders/{order.pk}/status", {"status": "shipped"})
    order.refresh_from_db()
    assert order.due_on == business_today() + timedelta(days=30)
