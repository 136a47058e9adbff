"""A deleted order is gone from everywhere but the books."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from accounts.services.phones import open_phone_session
from catalog.enums import StockReason
from lld.core.access import Role, Scope
from lld.core.actors import SYSTEM
from lld.core.models import AuditEntry
from orders.models import Order, OrderLine, Payment
from orders.services import progress
from orders.tests.situations import order_in
from sandbox.testing import SandboxClient
from tests import stock
from tests.factories import DELIVERY, CustomerFactory, ProductFactory, as_customer, as_key, as_staff, figures, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]

PHONE = DELIVERY["delivery_phone"]


@pytest.fixture
def deleted() -> Order:
    order = place(customer=CustomerFactory(phone=PHONE, terms=Decimal("1000.00")))
    assert as_staff(Role.MANAGER).delete(f"/api/staff/orders/{order.pk}").status_code == 200
    return order


def test_deleted_order_is_kept_in_the_database(deleted: Order) -> None:
    kept = Order.objects.get(pk=deleted.pk)
    assert (kept.status, kept.deleted_at is not None, kept.lines.count()) == ("cancelled", True, 1)
    entry = AuditEntry.objects.get(action="order.delete", object_id=str(deleted.pk))
    assert (entry.actor_kind, entry.before) == ("staff", {"status": "pending"})


def test_deleted_order_is_in_no_list(deleted: Order) -> None:
    owner = as_customer(deleted.customer)
    staff = as_staff()

    assert owner.get("/api/orders").json() == []
    assert owner.get(f"/api/orders/by-phone/{PHONE}").json() == []

    token = open_phone_session(PHONE)
    assert owner.get(f"/api/orders/by-phone/{PHONE}?phone_session_token={token}").json() == []

    for query in ("", "?status=cancelled", f"?search={deleted.number}", "?search=3125550147"):
        page = staff.get(f"/api/staff/orders{query}").json()
        assert (page["orders"], page["total"]) == ([], 0)

    for status in ("active", "all", "cancelled"):
        assert staff.get(f"/api/shipping/orders?status={status}").json()["orders"] == []


Call = Callable[[Any, Any, Order], Any]


@pytest.mark.parametrize(
    "call",
    [
        lambda staff, owner, order: staff.get(f"/api/staff/orders/{order.pk}"),
        lambda staff, owner, order: staff.delete(f"/api/staff/orders/{order.pk}"),
        lambda staff, owner, order: staff.put(f"/api/staff/orders/{order.pk}/status", {"status": "confirmed"}),
        lambda staff, owner, order: staff.put(f"/api/staff/orders/{order.pk}/notes", {"staff_notes": "x"}),
        lambda staff, owner, order: staff.put(f"/api/staff/orders/{order.pk}/address", {"delivery_city": "Cicero"}),
        lambda staff, owner, order: staff.post(f"/api/staff/orders/{order.pk}/mark-paid", {}),
        lambda staff, owner, order: staff.post(f"/api/staff/orders/{order.pk}/release-hold", {"reason": "x"}),
        lambda staff, owner, order: staff.get(f"/api/shipping/orders/{order.number}"),
        lambda staff, owner, order: staff.get(f"/api/shipping/orders/{order.number}/packing-slip"),
        lambda staff, owner, order: staff.post(f"/api/shipping/orders/{order.number}/confirm"),
        lambda staff, owner, order: staff.post(f"/api/shipping/orders/{order.number}/ship"),
        lambda staff, owner, order: staff.post(f"/api/shipping/orders/{order.number}/deliver"),
        lambda staff, owner, order: staff.post("/api/payments/create-link", {"order_number": order.number}),
        lambda staff, owner, order: owner.get(f"/api/orders/{order.number}"),
        lambda staff, owner, order: staff.get(f"/api/orders/{order.number}"),
        lambda staff, owner, order: owner.post(f"/api/orders/{order.number}/reorder"),
        lambda staff, owner, order: owner.post("/api/payments/create-link", {"order_number": order.number}),
        lambda staff, owner, order: as_key(Scope.VOICE).post(
            "/api/payments/create-link", {"order_number": order.number}
        ),
        lambda staff, owner, order: owner.post(
            "/api/payments/create-intent", {"order_number": order.number, "amount": 45}
        ),
    ],
)
def test_deleted_order_is_not_found_on_any_route(deleted: Order, call: Call) -> None:
    before = Order.objects.values().get(pk=deleted.pk)
    assert call(as_staff(), as_customer(deleted.customer), deleted).status_code == 404
    assert Order.objects.values().get(pk=deleted.pk) == before


def test_deleted_order_counts_in_no_stats_or_balance(deleted: Order) -> None:
    owner = as_customer(deleted.customer)
    row = deleted.customer.stats
    assert (row.order_count, row.total_spent, row.last_order_at, row.last_order_amount) == (0, 0, None, None)
    items = {"items": [{"product_id": ProductFactory().pk, "quantity": 1}]}
    assert owner.post("/api/orders/quote", items).json()["terms"]["balance"] == 0.0


def test_deleting_a_packed_order_restores_its_stock_once() -> None:
    product = stock.count(ProductFactory().pk, 9, reason=StockReason.OPENING, actor=SYSTEM)
    order = place((product, 4), payment_method="check")
    staff = as_staff(Role.MANAGER)
    staff.put(f"/api/staff/orders/{order.pk}/status", {"status": "packed"})

    assert staff.delete(f"/api/staff/orders/{order.pk}").status_code == 200
    product.refresh_from_db()
    assert (product.stock_quantity, product.stock_reserved) == (9, 0)
    assert list(OrderLine.objects.values_list("stock_reserved", "stock_taken")) == [(0, 0)]


def test_deleting_a_cancelled_order_restores_no_stock_twice() -> None:
    product = stock.count(ProductFactory().pk, 9, reason=StockReason.OPENING, actor=SYSTEM)
    order = place((product, 4), payment_method="check")
    progress.cancel_order(order.pk, actor=SYSTEM)
    staff = as_staff(Role.MANAGER)

    assert staff.delete(f"/api/staff/orders/{order.pk}").status_code == 200
    assert staff.get(f"/api/staff/orders/{order.pk}").status_code == 404
    product.refresh_from_db()
    assert (product.stock_quantity, product.stock_reserved) == (9, 0)


def test_deleting_a_refunded_order_is_refused(sandbox: SandboxClient) -> None:
    order = place(payment_method="check")
    staff = as_staff()
    staff.post(f"/api/staff/orders/{order.pk}/mark-paid", {})
    staff.put(f"/api/staff/orders/{order.pk}/status", {"status": "cancelled"})

    answer = staff.delete(f"/api/staff/orders/{order.pk}")

    assert (answer.status_code, answer.json()["code"]) == (409, "order_locked")
    assert staff.get(f"/api/staff/orders/{order.pk}").status_code == 200


def test_deleting_what_money_is_set_aside_for_needs_a_reason() -> None:
    order = place(payment_method="check")
    payment = Payment.objects.create(order=order, method="cash", state="unapplied", amount=5)
    staff = as_staff(Role.MANAGER)

    refused = staff.delete(f"/api/staff/orders/{order.pk}")

    assert (refused.status_code, list(refused.json()["fields"])) == (400, ["reason"])
    assert staff.delete(f"/api/staff/orders/{order.pk}?reason=Test").status_code == 200
    assert AuditEntry.objects.get(action="order.delete").reason == payment.refunds.get().reason == "Test"


@pytest.mark.parametrize("role", [Role.STAFF, Role.SALES_REP, Role.WAREHOUSE])
def test_delete_needs_a_manager(role: Role) -> None:
    order = place()
    assert as_staff(role).delete(f"/api/staff/orders/{order.pk}").status_code == 403
    assert Order.objects.get().deleted_at is None


def test_stale_version_deletes_nothing() -> None:
    order = place()
    staff = as_staff()
    staff.put(f"/api/staff/orders/{order.pk}/notes", {"staff_notes": "wait"})

    answer = staff.delete(f"/api/staff/orders/{order.pk}", HTTP_IF_MATCH=f'"{order.version}"')

    assert (answer.status_code, answer.json()["code"]) == (409, "version_conflict")
    assert answer.json()["current"]["staff_notes"] == "wait"
    assert Order.objects.get().deleted_at is None


@pytest.mark.django_db(transaction=True)
def test_deleting_a_pending_order_hides_it_and_releases_stock() -> None:
    product = stock.count(ProductFactory().pk, 10, reason=StockReason.OPENING, actor=SYSTEM)
    customer = CustomerFactory()
    order = place((product, 2), customer=customer, payment_method="credit_card")
    staff = as_staff(Role.MANAGER)

    assert staff.delete(f"/api/staff/orders/{order.pk}").json() == {"success": True}
    assert figures(product) == (10, 0)
    assert staff.get(f"/api/staff/orders/{order.pk}").status_code == 404
    assert staff.get("/api/staff/orders").json()["orders"] == []
    assert staff.get(f"/api/orders/{order.number}").status_code == 404
    assert customer.stats.order_count == 0
    assert staff.delete(f"/api/staff/orders/{order.pk}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_deleting_a_paid_or_shipped_order_is_refused() -> None:
    staff = as_staff(Role.ADMIN)
    paid = order_in("pending")
    staff.post(f"/api/staff/orders/{paid.pk}/mark-paid", {"amount_received": 1})

    for order in (paid, order_in("shipped")):
        answer = staff.delete(f"/api/staff/orders/{order.pk}")
        assert (answer.status_code, answer.json()["code"]) == (409, "order_locked")
