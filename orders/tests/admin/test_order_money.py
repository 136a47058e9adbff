"""The buttons of an order's page that change what is in it and what is owed."""

import pytest
from django.urls import reverse

from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.money import ZERO
from orders.enums import OrderStatus
from orders.models import Order
from orders.services import progress
from orders.tests.admin.test_orders import press
from tests.factories import as_console, filled_in, place, priced

pytestmark = pytest.mark.django_db


def test_items_are_looked_at_first_and_then_changed() -> None:
    client, product, new = as_console(Role.STAFF), priced("10.00"), priced("3.00")
    order = place((product, 2), payment_method="check")
    shown = client.get(reverse("admin:orders_order_edit_items", args=[order.pk])).content.decode()
    assert f"2 × {product.sku}" in shown
    wanted = f"3 x {product.sku}\r\n\r\n1 {new.sku}"

    told = press(client, "edit_items", order, items=wanted, dry_run="on")[1]
    assert told == [
        f"{product.sku} 2 → 3; {new.sku} 0 → 1; total 45.00 → 58.00; balance 45.00 → 58.00",
        f"Nothing was changed yet: {order.number}.",
    ]
    assert order.lines.get().quantity == 2

    told = press(client, "edit_items", order, items=wanted)[1]
    assert told[-1] == f"Changed: {order.number}."
    assert Order.objects.get(pk=order.pk).total_amount == 58


@pytest.mark.parametrize("line", ["two × A-1", "A-1", "0 × A-1", "3"])
def test_a_line_that_is_none_is_told_and_changes_nothing(line: str) -> None:
    client, order = as_console(Role.STAFF), place(payment_method="check")

    assert press(client, "edit_items", order, items=line) == (200, [])

    assert order.lines.get().quantity == 2


def test_shipped_by_mistake_bad_debt_and_back() -> None:
    client, order = as_console(Role.MANAGER), place(payment_method="check")
    progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM)

    assert press(client, "write_off", order, reason="Bankrupt")[1] == [f"Written off: {order.number}."]
    order.refresh_from_db()
    assert (order.balance, order.payment_status) == (ZERO, "unpaid")

    assert press(client, "reinstate", order, reason="Paid after all")[1] == [f"Owed again: {order.number}."]
    assert press(client, "unship", order, reason="Still here")[1] == [f"Packed again: {order.number}."]
    order.refresh_from_db()
    assert (order.status, order.written_off) == ("packed", ZERO)


def test_a_dialog_that_is_sent_twice_counts_once() -> None:
    client, order = as_console(Role.MANAGER), place(payment_method="check")
    form = client.get(reverse("admin:orders_order_adjust", args=[order.pk])).context["form"]
    fields = {"submission": form["submission"].value(), "amount": "-5.00", "reason": "Dented"}

    assert press(client, "adjust", order, **fields)[1] == [f"Adjusted: {order.number}."]
    assert press(client, "adjust", order, **fields)[1] == [f"{order.number}: This was sent twice, and counts once."]
    order.refresh_from_db()
    assert order.adjustment_amount == -5

    press(client, "adjust", order, amount="-5.00", reason="Dented, too")
    order.refresh_from_db()
    assert order.adjustment_amount == -10


def test_a_dialog_that_was_refused_may_be_sent_again() -> None:
    client, order = as_console(Role.MANAGER), place(payment_method="check")
    fields = filled_in(reason="Bankrupt")
    assert "no bad debt" in press(client, "write_off", order, **fields)[1][0]
    progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM)

    assert press(client, "write_off", order, **fields)[1] == [f"Written off: {order.number}."]


def test_a_dialog_without_its_token_changes_nothing() -> None:
    client, order = as_console(Role.STAFF), place(payment_method="check")

    assert press(client, "adjust", order, submission="", amount="-5.00", reason="Dented") == (200, [])

    order.refresh_from_db()
    assert order.adjustment_amount == ZERO


@pytest.mark.parametrize(
    ("role", "buttons"),
    [
        (Role.STAFF, {"write_off", "unship"}),
        (Role.SALES_REP, {"refund", "adjust", "write_off", "unship", "reinstate"}),
        (Role.WAREHOUSE, {"edit_items", "refund", "adjust", "write_off", "unship", "reinstate"}),
    ],
)
def test_buttons_that_a_role_has_not(role: Role, buttons: set[str]) -> None:
    client, order = as_console(role), place(payment_method="check")
    if role == Role.SALES_REP:
        Order.objects.filter(pk=order.pk).update(sales_rep=client.user)

    for button in buttons:
        assert press(client, button, order, reason="x", amount="1", items="1 × A")[0] == 403, button
