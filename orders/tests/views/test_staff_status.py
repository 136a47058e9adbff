"""Moving an order: from where to where, and what is kept with the move."""

import itertools
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import AuditEntry
from orders.enums import OrderStatus, PaymentMethod, PaymentState
from orders.models import Order, Payment, Refund
from orders.services import ledger
from orders.services.credit import apply_credit, issue_credit
from orders.services.payments import record_manual_payment
from orders.tests.situations import in_status, order_in
from tests.factories import CustomerFactory, as_staff, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


FORWARD = ["pending", "confirmed", "packed", "shipped", "delivered"]


ALLOWED = set(itertools.combinations(FORWARD, 2)) | {
    (status, "cancelled") for status in ("pending", "confirmed", "packed")
}


@pytest.mark.parametrize(("current", "target"), list(itertools.product([*FORWARD, "cancelled"], repeat=2)))
def test_status_moves_between_every_pair_as_allowed(current: str, target: str) -> None:
    order = order_in(current)

    answer = as_staff().put(f"/api/staff/orders/{order.pk}/status", {"status": target})

    order.refresh_from_db()
    if (current, target) in ALLOWED:
        assert (answer.status_code, order.status) == (200, target)
    else:
        # Nobody may even ask for pending.
        assert answer.status_code == (400 if target == "pending" else 409), answer.content
        assert order.status == current


def test_allowed_of_each_status_is_what_happens() -> None:
    for status in [*FORWARD, "cancelled"]:
        order = order_in(status)
        staff = as_staff()
        allowed = staff.get(f"/api/staff/orders/{order.pk}").json()["order"]["allowed"]

        for entry in allowed["transitions"]:
            fresh = order_in(status)
            answer = staff.put(f"/api/staff/orders/{fresh.pk}/status", {"status": entry["name"]})
            assert (answer.status_code == 200) == entry["allowed"], (status, entry)
            assert bool(entry["reason"]) != entry["allowed"]

        calls = {
            "edit_address": lambda pk, staff=staff: staff.put(
                f"/api/staff/orders/{pk}/address", {"delivery_city": "Cicero"}
            ),
            "mark_paid": lambda pk, staff=staff: staff.post(f"/api/staff/orders/{pk}/mark-paid", {}),
            "release_hold": lambda pk, staff=staff: staff.post(
                f"/api/staff/orders/{pk}/release-hold", {"reason": "x"}
            ),
            "delete": lambda pk, staff=staff: staff.delete(f"/api/staff/orders/{pk}"),
        }

        for entry in allowed["actions"]:
            if entry["name"] in calls:
                answer = calls[entry["name"]](order_in(status).pk)
                assert (answer.status_code == 200) == entry["allowed"], (status, entry, answer.content)


def test_notes_are_kept_only_if_the_move_is_made() -> None:
    order = in_status(OrderStatus.SHIPPED)()
    staff = as_staff()

    answer = staff.put(
        f"/api/staff/orders/{order.pk}/status", {"status": "packed", "staff_notes": "back", "assigned_to": "Sam"}
    )
    assert answer.status_code == 409
    order.refresh_from_db()
    assert (order.status, order.staff_notes, order.assigned_to) == ("shipped", "", "")

    body = {"status": "delivered", "staff_notes": "left at the dock", "assigned_to": "Sam"}
    shown = staff.put(f"/api/staff/orders/{order.pk}/status", body).json()["order"]
    assert (shown["status"], shown["staff_notes"], shown["assigned_to"]) == ("delivered", "left at the dock", "Sam")
    assert "refund" not in shown


@pytest.mark.parametrize("status", ["pending", "returned", "", None, 5, ["confirmed"]])
def test_invalid_status_is_refused(status: Any) -> None:
    order = place(payment_method="check")
    answer = as_staff().put(f"/api/staff/orders/{order.pk}/status", {"status": status})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["status"])


@pytest.mark.parametrize("role", [Role.SALES_REP, Role.WAREHOUSE])
def test_who_gives_no_money_back_cancels_only_what_nothing_came_in_for(role: Role) -> None:
    client = as_staff(role)
    unpaid, paid, aside = (place(payment_method="check", sales_rep=client.user) for _ in range(3))
    record_manual_payment(paid.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    Payment.objects.create(order=aside, method=PaymentMethod.CASH, state=PaymentState.UNAPPLIED, amount=5)

    answers = [
        client.put(f"/api/staff/orders/{order.pk}/status", {"status": "cancelled"}).status_code
        for order in (unpaid, paid, aside)
    ]

    assert answers == [200, 403, 403]
    assert not Refund.objects.exists()


def paid_in_cash() -> Order:
    order = place(payment_method="check")
    return record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)[0]


def on_credit() -> Order:
    customer = CustomerFactory()
    issue_credit(customer, Decimal("5.00"), actor=SYSTEM)
    order = place(payment_method="check", customer=customer)
    return apply_credit(order.pk, Decimal("5.00"), actor=SYSTEM)[0]


def with_money_set_aside() -> Order:
    order = place(payment_method="check")
    Payment.objects.create(order=order, method=PaymentMethod.CASH, state=PaymentState.UNAPPLIED, amount=order.balance)
    return order


def under_way() -> Order:
    order = place(payment_method="check")
    Payment.objects.create(order=order, method=PaymentMethod.ACH, state=PaymentState.PROCESSING, amount=order.balance)
    ledger.derive_money(order)
    return order


@pytest.mark.parametrize("make", [paid_in_cash, on_credit, with_money_set_aside, under_way])
def test_cancelling_what_money_came_in_for_needs_a_reason(make: Callable[[], Order]) -> None:
    order, staff = make(), as_staff(Role.STAFF)
    path = f"/api/staff/orders/{order.pk}/status"

    for body in ({}, {"reason": ""}, {"reason": "  "}):
        answer = staff.put(path, {"status": "cancelled", **body})
        assert (answer.status_code, list(answer.json()["fields"])) == (400, ["reason"])
    order.refresh_from_db()
    assert order.status == "pending"
    assert staff.put(path, {"status": "cancelled", "reason": "Kitchen burned down"}).status_code == 200
    assert AuditEntry.objects.get(action="order.cancel").reason == "Kitchen burned down"
    assert {refund.reason for refund in Refund.objects.all()} <= {"Kitchen burned down"}


def test_reason_of_a_move_is_kept() -> None:
    order = place(payment_method="check")
    body = {"status": "confirmed", "reason": "By phone"}
    assert as_staff().put(f"/api/staff/orders/{order.pk}/status", body).status_code == 200
    assert AuditEntry.objects.get(action="order.status").reason == "By phone"
