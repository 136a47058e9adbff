"""Everything of one order, and what may be done with it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import AuditEntry
from orders.enums import OrderStatus, PaymentMethod, PaymentStatus
from orders.models import LedgerEntry, Order
from orders.services import giving_back
from orders.services.credit import apply_credit, issue_credit
from orders.services.payments import record_manual_payment
from orders.services.writing_off import write_off_order
from orders.tests.situations import cancelled, in_status, order_in, pending
from tests.factories import CustomerFactory, ProductFactory, StaffFactory, as_staff, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


def detail(client: Any, order: Order) -> dict[str, Any]:
    shown: dict[str, Any] = client.get(f"/api/staff/orders/{order.pk}").json()["order"]
    return shown


def test_detail_shows_customer_payments_lines_and_history() -> None:
    customer = CustomerFactory(terms=Decimal("10.00"))
    rep = StaffFactory(role=Role.SALES_REP)
    order = place((ProductFactory(), 2), customer=customer, sales_rep=rep)
    staff = as_staff()
    staff.post(f"/api/staff/orders/{order.pk}/mark-paid", {"amount_received": 5, "note": "in coins"})

    shown = detail(staff, order)

    assert shown["order_number"] == order.number
    assert (shown["total_amount"], shown["amount_paid"], shown["balance"]) == (45.0, 5.0, 40.0)
    assert (shown["terms_hold"], shown["hold_reasons"], shown["hold_released_by"]) == (True, ["over_limit"], None)
    assert shown["sales_rep"] == rep.username
    assert shown["customer"] == {
        "id": customer.pk,
        "first_name": "Maria",
        "last_name": "Lopez",
        "company_name": "Taqueria La Milpa",
        "email": customer.email,
        "phone": customer.phone,
        "phone_extension": "",
        "approved_for_terms": True,
        "credit_limit": 10.0,
    }
    (payment,) = shown["payments"]
    assert (payment["amount"], payment["method"], payment["state"], payment["note"]) == (
        5.0,
        "cash",
        "succeeded",
        "in coins",
    )
    assert payment["recorded_by"] == f"staff:{staff.user.username}"
    (line,) = shown["items"]
    assert (line["unit_cost"], line["stock_reserved"], line["stock_taken"]) == (6.0, 0, 0)
    assert shown["history"][0]["action"] == "order.mark_paid"
    assert shown["refunds"] == []


def test_detail_of_a_guest_order_has_no_customer() -> None:
    assert detail(as_staff(), place())["customer"] is None


def test_history_is_of_this_order_newest_first() -> None:
    order, other = place(payment_method="check"), place(payment_method="check")
    staff = as_staff()
    for target in ("confirmed", "packed"):
        staff.put(f"/api/staff/orders/{order.pk}/status", {"status": target})
    staff.put(f"/api/staff/orders/{other.pk}/status", {"status": "cancelled"})

    changes = [(entry["before"], entry["after"]) for entry in detail(staff, order)["history"]]

    assert changes == [
        ({"status": "confirmed"}, {"status": "packed"}),
        ({"status": "pending"}, {"status": "confirmed"}),
    ]


def with_part_paid(amount: str) -> Callable[[], Order]:
    def make() -> Order:
        order = pending()
        as_staff().post(f"/api/staff/orders/{order.pk}/mark-paid", {"amount_received": float(amount)})
        return order

    return make


def part_credited() -> Order:
    customer = CustomerFactory()
    issue_credit(customer, Decimal("5.00"), actor=SYSTEM)
    order = place(payment_method="check", customer=customer)
    return apply_credit(order.pk, Decimal("5.00"), actor=SYSTEM)[0]


def under_way() -> Order:
    order = pending()
    Order.objects.filter(pk=order.pk).update(payment_status=PaymentStatus.PROCESSING)
    return order


def written_off() -> Order:
    return write_off_order(in_status(OrderStatus.SHIPPED)().pk, actor=SYSTEM, reason="Bankrupt")


SITUATIONS: dict[str, Callable[[], Order]] = {
    "on hold": place,
    "pending": pending,
    "part paid": with_part_paid("5"),
    "a few cents left": with_part_paid("44.70"),
    "paid": with_part_paid("45"),
    "part credited": part_credited,
    "transfer under way": under_way,
    "confirmed": in_status(OrderStatus.CONFIRMED),
    "packed": in_status(OrderStatus.PACKED),
    "shipped": in_status(OrderStatus.SHIPPED),
    "delivered": in_status(OrderStatus.DELIVERED),
    "written off": written_off,
    "cancelled": cancelled,
}

ACTIONS: dict[str, Callable[[Any, Order], Any]] = {
    "edit_address": lambda client, order: client.put(
        f"/api/staff/orders/{order.pk}/address", {"delivery_city": "Cicero"}
    ),
    "edit_items": lambda client, order: client.put(
        f"/api/staff/orders/{order.pk}/items",
        {"items": [{"product_id": line.product_id, "quantity": 3} for line in order.lines.all()]},
    ),
    "mark_paid": lambda client, order: client.post(f"/api/staff/orders/{order.pk}/mark-paid", {}),
    "create_payment_link": lambda client, order: client.post(
        "/api/payments/create-link", {"order_number": order.number}
    ),
    "refund": lambda client, order: client.post(
        f"/api/staff/orders/{order.pk}/refund", {"amount": 0.01, "reason": "known"}
    ),
    "adjust": lambda client, order: client.post(
        f"/api/staff/orders/{order.pk}/adjust", {"amount": -0.01, "reason": "known"}
    ),
    "apply_credit": lambda client, order: client.post(f"/api/staff/orders/{order.pk}/credit/apply", {"amount": 0.01}),
    "unship": lambda client, order: client.post(f"/api/staff/orders/{order.pk}/unship", {"reason": "known"}),
    "write_off": lambda client, order: client.post(f"/api/staff/orders/{order.pk}/write-off", {"reason": "known"}),
    "reinstate": lambda client, order: client.post(f"/api/staff/orders/{order.pk}/reinstate", {"reason": "known"}),
    "release_hold": lambda client, order: client.post(
        f"/api/staff/orders/{order.pk}/release-hold", {"reason": "known"}
    ),
    "keep": lambda client, order: client.post(f"/api/staff/orders/{order.pk}/keep", {"reason": "known"}),
    "delete": lambda client, order: client.delete(f"/api/staff/orders/{order.pk}?reason=known"),
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_allowed_in_each_situation_and_role_is_what_happens(situation: str) -> None:
    make = SITUATIONS[situation]

    for role in Role:
        client = as_staff(role)
        order = _owned_by(client.user, make())
        shown = detail(client, order)["allowed"]

        for entry in shown["transitions"]:
            with _undone():
                body = {"status": entry["name"], "reason": "known"}
                answer = client.put(f"/api/staff/orders/{order.pk}/status", body)
            _compare(entry, answer, f"{situation}, {role}: {entry}")

        assert [entry["name"] for entry in shown["actions"]] == list(ACTIONS)
        for entry in shown["actions"]:
            with _undone():
                answer = ACTIONS[entry["name"]](client, order)
            _compare(entry, answer, f"{situation}, {role}: {entry}")


@contextmanager
def _undone() -> Iterator[None]:
    """Afterwards the order is in its situation again."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _owned_by(user: User, order: Order) -> Order:
    Order.objects.filter(pk=order.pk).update(sales_rep=user)
    return order


def _compare(entry: dict[str, Any], answer: Any, about: str) -> None:
    assert answer.status_code in ({200, 201} if entry["allowed"] else {403, 409}), f"{about} → {answer.content}"
    assert (entry["reason"] is None) == entry["allowed"], about


BODIES: dict[str, dict[str, Any]] = {
    "status": {"status": "cancelled", "reason": "known"},
    "notes": {"staff_notes": "second"},
    "address": {"delivery_city": "Cicero"},
    "mark-paid": {"amount_received": 1},
    "release-hold": {"reason": "known"},
    "keep": {"reason": "known"},
}


@pytest.mark.parametrize("path", BODIES)
def test_stale_version_changes_nothing_and_shows_current(path: str) -> None:
    order = place()
    staff = as_staff()
    staff.put(f"/api/staff/orders/{order.pk}/notes", {"staff_notes": "first"})
    before = Order.objects.values().get(pk=order.pk)
    entries = AuditEntry.objects.count()
    call = staff.post if path in {"mark-paid", "release-hold", "keep"} else staff.put

    for header in (str(order.version), f'"{order.version}"', f'W/"{order.version}"', "999"):
        answer = call(f"/api/staff/orders/{order.pk}/{path}", BODIES[path], HTTP_IF_MATCH=header)
        assert (answer.status_code, answer.json()["code"]) == (409, "version_conflict")
        assert answer.json()["current"] == detail(staff, order)
        assert answer.json()["version"] == before["version"]

    assert Order.objects.values().get(pk=order.pk) == before
    assert AuditEntry.objects.count() == entries

    fresh = call(f"/api/staff/orders/{order.pk}/{path}", BODIES[path], HTTP_IF_MATCH=str(before["version"]))
    assert fresh.status_code == 200, fresh.content
    order.refresh_from_db()
    assert order.version > before["version"]


@pytest.mark.parametrize("header", ["abc", "1.5", "-1", '"one"'])
def test_invalid_if_match_is_refused(header: str) -> None:
    path = f"/api/staff/orders/{place().pk}/notes"
    assert as_staff().put(path, {"staff_notes": "x"}, HTTP_IF_MATCH=header).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_stale_version_shows_the_change_made_meanwhile() -> None:
    order = order_in("pending")
    staff = as_staff()
    path = f"/api/staff/orders/{order.pk}"
    seen = staff.get(path).json()["order"]["version"]

    assert staff.put(f"{path}/notes", {"staff_notes": "one"}, HTTP_IF_MATCH=f'"{seen}"').status_code == 200

    for call in (
        lambda: staff.put(f"{path}/notes", {"staff_notes": "two"}, HTTP_IF_MATCH=str(seen)),
        lambda: staff.put(f"{path}/status", {"status": "confirmed"}, HTTP_IF_MATCH=str(seen)),
        lambda: staff.put(f"{path}/address", {"delivery_city": "Cicero"}, HTTP_IF_MATCH=str(seen)),
        lambda: staff.post(f"{path}/mark-paid", {}, HTTP_IF_MATCH=str(seen)),
    ):
        answer = call()
        assert (answer.status_code, answer.json()["code"]) == (409, "version_conflict")
        assert answer.json()["current"]["staff_notes"] == "one"

    assert staff.put(f"{path}/notes", {}, HTTP_IF_MATCH="abc").status_code == 400


def test_ledger_stands_in_its_order() -> None:
    order = with_part_paid("45")()
    LedgerEntry.objects.create(order=order, kind="payment", amount=-1, actor="x", key="a")
    LedgerEntry.objects.create(order=order, kind="payment", amount=1, actor="x", key="b")

    with CaptureQueriesContext(connection) as queries:
        ids = [entry["id"] for entry in detail(as_staff(), order)["ledger"]]

    assert ids == sorted(ids)
    asked = next(query["sql"] for query in queries if 'FROM "orders_ledgerentry"' in query["sql"])
    assert 'ORDER BY "orders_ledgerentry"."id" ASC' in asked


def test_payments_and_refunds_stand_in_their_order_with_what_can_be_done() -> None:
    order = place(payment_method="check")
    record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    giving_back.refund_order(order.pk, actor=SYSTEM, reason="x", amount=Decimal("30.00"))

    with CaptureQueriesContext(connection) as queries:
        shown = detail(as_staff(Role.STAFF), order)

    for table in ("orders_payment", "orders_refund"):
        asked = [query["sql"] for query in queries if f'FROM "{table}"' in query["sql"]]
        assert any(sql.endswith(f'ORDER BY "{table}"."id" ASC') for sql in asked), asked
    waits = {entry["name"]: entry["allowed"] for entry in shown["refunds"][0]["can"]}
    assert waits == {"retry_refund": False, "hand_out_refund": True, "withdraw_refund": True}
    assert {entry["name"]: entry["allowed"] for entry in shown["payments"][0]["can"]} == {
        "apply_payment": False,
        "return_payment": False,
        "bounce_payment": False,
        "void_payment": False,
    }


def test_warehouse_sees_what_packing_needs() -> None:
    order = place((ProductFactory(), 2), customer=CustomerFactory(), released=False, payment_method="credit_card")
    packer, office = as_staff(Role.WAREHOUSE), as_staff(Role.MANAGER)

    for path, key in ((f"/api/staff/orders/{order.pk}", "order"), ("/api/staff/orders", "orders")):
        seen, all_of_it = packer.get(path).json()[key], office.get(path).json()[key]
        seen, all_of_it = (seen[0], all_of_it[0]) if key == "orders" else (seen, all_of_it)
        assert seen.keys() == all_of_it.keys()
        assert seen["items"][0].keys() == all_of_it["items"][0].keys()
        for name in ("subtotal", "total_amount", "balance", "delivery_fee", "delivery_email"):
            assert (name, seen[name]) == (name, None)
            assert all_of_it[name] is not None
        assert (seen["items"][0]["unit_price"], seen["items"][0]["line_total"]) == (None, None)
        for name in ("delivery_name", "delivery_phone", "delivery_address", "status", "payment_status"):
            assert seen[name] == all_of_it[name]

    refused = packer.put(f"/api/staff/orders/{order.pk}/status", {"status": "confirmed"})
    assert (refused.status_code, refused.json()["code"]) == (409, "payment_required")
    for text in (refused.content, packer.get(f"/api/staff/orders/{order.pk}").content):
        assert b"45.0" not in text
        assert b"is still owed" in text
