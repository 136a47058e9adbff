"""Orders in the console: who sees and moves what, and that refusals are told and change nothing."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from catalog.enums import StockReason
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import AuditEntry
from orders.enums import AttentionKind, OrderStatus, PaymentMethod
from orders.models import Order
from orders.services import payments, progress
from orders.services.attention import raise_attention
from orders.tests.situations import approved_order, strange
from sandbox.testing import SandboxClient
from tests import stock
from tests.factories import CustomerFactory, ProductFactory, StaffFactory, as_console, filled_in, order_body, place

pytestmark = pytest.mark.django_db

ORDERS = "admin:orders_order_changelist"


def run(client: Client, action: str, *orders: Order, reason: str = "") -> list[str]:
    """Run a list action: the messages that the next page shows."""
    data = {"action": action, "_selected_action": [order.pk for order in orders], "index": 0, "reason": reason}
    answer = client.post(reverse(ORDERS), data, follow=True)
    assert answer.status_code == 200
    return [str(message) for message in answer.context["messages"]]


def press(client: Client, button: str, order: Order, **fields: str) -> tuple[int, list[str]]:
    """Press a button of the order's page: status of the answer, messages of the page it leads to."""
    address = reverse(f"admin:orders_order_{button}", args=[order.pk])
    answer = client.post(address, filled_in(**fields))
    if "HX-Redirect" not in answer:
        return answer.status_code, []
    page = client.get(answer["HX-Redirect"])
    assert page.status_code == 200
    return answer.status_code, [str(message) for message in page.context["messages"]]


def status_of(order: Order) -> str:
    return Order.objects.values_list("status", flat=True).get(pk=order.pk)


@pytest.mark.parametrize("count", [1, 3])
def test_order_list_takes_the_same_queries_at_any_length(
    count: int, django_assert_num_queries: Callable[..., object]
) -> None:
    client = as_console(Role.MANAGER)
    for _ in range(count):
        Order.objects.filter(pk=approved_order().pk).update(sales_rep=StaffFactory(role=Role.SALES_REP))

    # Session, user, the count of the page's rows, the rows.
    with django_assert_num_queries(4):
        assert client.get(reverse(ORDERS)).status_code == 200


def test_search_finds_what_the_list_of_staff_finds() -> None:
    client, order = as_console(Role.STAFF), approved_order()
    other = place(
        delivery={
            "delivery_phone": "+13125550199",
            "delivery_name": "Ada Bloom",
            "delivery_company": "Bloom Bakery",
            "delivery_email": "ada@bloom.test",
        }
    )

    sku = order.lines.get().product_sku
    for term in (order.number[4:].lower(), "milpa lopez", "lópez", "312-555-0147", "0147", sku.replace("-", "")):
        found = client.get(reverse(ORDERS), {"q": term}).context["cl"].result_list
        assert order in found
        assert other not in found


def test_hold_filter_finds_orders_on_hold() -> None:
    client, held = as_console(Role.MANAGER), place()
    approved_order()
    assert list(client.get(reverse(ORDERS), {"hold": "yes"}).context["cl"].result_list) == [held]


def test_order_page_shows_lines_payments_and_history() -> None:
    order = approved_order()
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH, note="In an envelope")
    raise_attention(order, AttentionKind.LATE_PAYMENT, "Look at <this>", key="look")

    page = as_console(Role.STAFF).get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()

    sku = order.lines.get().product_sku
    for text in (sku, "In an envelope", "Look at &lt;this&gt;", "order.mark_paid"):
        assert text in page


def test_list_actions_move_an_order_to_delivered() -> None:
    client, order = as_console(Role.WAREHOUSE), approved_order()
    steps = ("confirm_selected", "pack_selected", "ship_selected", "deliver_selected")

    for step, status in zip(steps, ("confirmed", "packed", "shipped", "delivered"), strict=True):
        assert run(client, step, order) == [f"Now {status}: {order.number}."]
        assert status_of(order) == status
    authors = AuditEntry.objects.filter(action="order.status").values_list("actor_label", flat=True)
    assert set(authors) == {client.user.username}


def test_refused_order_is_named_and_the_others_move() -> None:
    client, held, done, free = as_console(Role.STAFF), place(), approved_order(), approved_order()
    progress.advance_order(done.pk, OrderStatus.CONFIRMED, actor=SYSTEM)

    told = run(client, "confirm_selected", held, done, free, reason="Monday")

    assert len(told) == 3
    assert f"{held.number}: The order is on hold: it needs payment, or release by a manager." in told
    assert f"{done.number}: An order that is confirmed cannot become confirmed." in told
    assert f"Now confirmed: {free.number}." in told
    assert [status_of(order) for order in (held, done, free)] == ["pending", "confirmed", "confirmed"]


@pytest.mark.parametrize("action", ["confirm", "pack", "ship", "deliver", "cancel", "release"])
def test_several_orders_at_once_need_a_reason(action: str) -> None:
    client, orders = as_console(Role.ADMIN), [approved_order(), approved_order()]

    assert run(client, f"{action}_selected", *orders) == ["Say why 2 orders are changed at once."]

    assert [status_of(order) for order in orders] == ["pending", "pending"]


def test_reason_for_several_orders_is_kept_with_each() -> None:
    orders = [approved_order(), approved_order()]

    assert run(as_console(Role.STAFF), "confirm_selected", *orders, reason="Truck is here") == ["Now confirmed: 2."]

    assert [entry.reason for entry in AuditEntry.objects.filter(action="order.status")] == ["Truck is here"] * 2


def test_paid_order_is_not_cancelled_without_a_reason() -> None:
    client, order = as_console(Role.STAFF), approved_order()
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)

    told = run(client, "cancel_selected", order)

    assert told == [f"{order.number}: Money has come in for this order: say why it is cancelled."]
    assert status_of(order) == "pending"


def test_short_line_is_named_and_stock_is_unchanged() -> None:
    product = ProductFactory()
    stock.count(product.pk, 5, reason=StockReason.OPENING, actor=SYSTEM)
    order = place((product, 4), customer=CustomerFactory(terms=Decimal("5000.00")))
    stock.count(product.pk, 1, reason=StockReason.CORRECTED, actor=SYSTEM)

    told = run(as_console(Role.STAFF), "confirm_selected", order)

    assert told == [f"{order.number}: Not enough stock: {product.sku} (1 of 4 available)."]
    product.refresh_from_db()
    assert (status_of(order), product.stock_quantity, product.stock_reserved) == ("pending", 1, 4)


def test_release_needs_a_reason_and_is_audited() -> None:
    client, order = as_console(Role.MANAGER), place()

    assert run(client, "release_selected", order) == [f"{order.number}: Releasing a hold needs a reason."]
    assert Order.objects.get(pk=order.pk).terms_hold

    assert run(client, "release_selected", order, reason="Known for years") == [f"Released: {order.number}."]

    assert run(client, "release_selected", order, reason="Again") == [f"{order.number}: The order is not on hold."]

    entry = AuditEntry.objects.get(action="order.release_hold")
    assert (entry.reason, entry.actor_label) == ("Known for years", client.user.username)
    assert Order.objects.get(pk=order.pk).hold_released_by == client.user


@pytest.mark.parametrize("role", [Role.STAFF, Role.SALES_REP, Role.WAREHOUSE])
def test_release_needs_a_manager(role: Role) -> None:
    client = as_console(role)
    order = place(sales_rep=client.user) if role == Role.SALES_REP else place()
    run(client, "release_selected", order, reason="Please")
    assert press(client, "release_hold", order, reason="Please")[0] == 403
    assert Order.objects.get(pk=order.pk).terms_hold


def test_rep_sees_and_moves_own_orders_only() -> None:
    client = as_console(Role.SALES_REP)
    own, other = approved_order(sales_rep=client.user), approved_order()
    payments.record_manual_payment(own.pk, actor=SYSTEM, method=PaymentMethod.CASH, note="In an envelope")

    assert list(client.get(reverse(ORDERS)).context["cl"].result_list) == [own]
    assert "In an envelope" in client.get(reverse("admin:orders_order_change", args=[own.pk])).content.decode()
    assert client.get(reverse("admin:orders_order_change", args=[other.pk])).status_code == 404

    assert run(client, "confirm_selected", own, other, reason="x") == [f"Now confirmed: {own.number}."]
    assert press(client, "move", own, target="packed")[0] == 200
    for button in ("move", "cancel"):
        assert press(client, button, other, target="confirmed", reason="Mine")[0] == 404
    assert (status_of(own), status_of(other)) == ("packed", "pending")


SEES = {
    Role.ADMIN: {"order", "payment", "refund", "paymentlink", "creditaccount", "customerstats", "attentionentry"},
    Role.MANAGER: {"order", "payment", "refund", "paymentlink", "creditaccount", "customerstats", "attentionentry"},
    Role.STAFF: {"order", "payment", "refund", "paymentlink", "creditaccount", "customerstats", "attentionentry"},
    Role.SALES_REP: {"order"},
    Role.WAREHOUSE: {"order"},
}


@pytest.mark.parametrize("role", list(Role))
def test_lists_are_shown_by_role(role: Role) -> None:
    client = as_console(role)
    for model in SEES[Role.ADMIN]:
        answer = client.get(reverse(f"admin:orders_{model}_changelist"))
        assert answer.status_code == (200 if model in SEES[role] else 403), model


def test_order_is_not_edited_added_or_deleted_by_form() -> None:
    client, order = as_console(Role.ADMIN), approved_order()
    before = Order.objects.filter(pk=order.pk).values().get()

    for name, args in (("change", [order.pk]), ("delete", [order.pk]), ("add", [])):
        address = reverse(f"admin:orders_order_{name}", args=args)
        assert client.post(address, {"total_amount": "1", "post": "yes"}).status_code == 403

    assert Order.objects.values().get() == before


def test_dialog_changes_nothing_until_it_is_submitted() -> None:
    client, order = as_console(Role.MANAGER), approved_order()

    for button in ("move", "cancel", "release_hold"):
        address = reverse(f"admin:orders_order_{button}", args=[order.pk])
        assert client.get(address).status_code == 200
        assert client.get(address, filled_in(target="confirmed", reason="x")).status_code == 200
        assert client.post(address, {}).status_code == 200

    assert status_of(order) == "pending"

    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(client.user)
    assert press(guarded, "cancel", order, reason="Forged")[0] == 403
    assert status_of(order) == "pending"


def test_order_page_ships_with_tracking_and_offers_what_fits() -> None:
    client, order = as_console(Role.WAREHOUSE), approved_order()
    assert press(client, "move", order, target="pending") == (200, [])

    told = press(client, "move", order, target="shipped", carrier="USPS", tracking_number="9400")[1]
    assert told == [f"Now shipped: {order.number}."]
    stored = Order.objects.get(pk=order.pk)
    assert (stored.status, stored.carrier, stored.tracking_number) == ("shipped", "USPS", "9400")

    page = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert "Move on" in page
    assert "Cancel order" not in page

    assert press(client, "cancel", order, reason="Too late")[1] == [
        f"{order.number}: An order that is shipped cannot become cancelled."
    ]
    assert status_of(order) == "shipped"


@pytest.mark.parametrize("key", ["999999", "abc", "1 OR 1=1"])
def test_unknown_order_is_not_found(key: str) -> None:
    client = as_console(Role.ADMIN)
    address = reverse("admin:orders_order_cancel", args=[key])
    assert client.post(address, filled_in(reason="x")).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_cancel_refunds_a_paid_order_once(api: APIClient, sandbox: SandboxClient) -> None:
    product = ProductFactory()
    stock.count(product.pk, 30, reason=StockReason.OPENING, actor=SYSTEM)
    body = api.post("/api/orders", order_body((product, 2), payment_method="credit_card")).json()["order"]
    intent = api.post("/api/payments/create-intent", {"amount": 45, "order_number": body["order_number"]}).json()
    sandbox.pay_intent(intent["payment_intent_id"], deliver=False)
    api.post(
        "/api/payments/confirm",
        {"order_number": body["order_number"], "payment_intent_id": intent["payment_intent_id"]},
    )
    client, order = as_console(Role.STAFF), Order.objects.get(pk=body["id"])

    told = run(client, "cancel_selected", order, reason="Kitchen burned down")
    assert told == [f"{order.number}: 45.00 went back to the card it came from.", f"Cancelled: {order.number}."]

    assert run(client, "cancel_selected", order) == [
        f"{order.number}: An order that is cancelled cannot become cancelled."
    ]
    assert len(sandbox.ledger("stripe", "refund")) == 1
    product.refresh_from_db()
    assert (product.stock_quantity, product.stock_reserved) == (30, 0)
    assert AuditEntry.objects.get(action="order.cancel").reason == "Kitchen burned down"


def test_order_that_lapses_is_kept_by_a_button() -> None:
    client, order = as_console(Role.STAFF), strange()
    page = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert "Cancelled unless paid by" in page
    assert reverse("admin:orders_order_keep", args=[order.pk]) in page

    assert press(client, "keep", order, reason="They called")[1] == [f"Kept: {order.number}."]

    assert Order.objects.get(pk=order.pk).kept_at is not None
    assert AuditEntry.objects.get(action="order.keep").reason == "They called"
    page = client.get(reverse("admin:orders_order_change", args=[order.pk])).content.decode()
    assert reverse("admin:orders_order_keep", args=[order.pk]) not in page


@pytest.mark.parametrize("role", [Role.SALES_REP, Role.WAREHOUSE])
def test_who_takes_no_money_keeps_no_order(role: Role) -> None:
    client, order = as_console(role), strange()
    Order.objects.filter(pk=order.pk).update(sales_rep=client.user)

    assert press(client, "keep", order, reason="Mine")[0] == 403
    assert Order.objects.get(pk=order.pk).kept_at is None


def test_warehouse_sees_an_order_without_its_money() -> None:
    order = approved_order()
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH, note="In an envelope")
    raise_attention(order, AttentionKind.LATE_PAYMENT, "A late one", key="look")
    client, address = as_console(Role.WAREHOUSE), reverse("admin:orders_order_change", args=[order.pk])

    page, listed = client.get(address).content.decode(), client.get(reverse(ORDERS)).content.decode()

    assert order.lines.get().product_sku in page
    assert order.number in listed
    for text in (
        "In an envelope",
        "A late one",
        "45.00",
        "20.00",
        "10.00",
        order.customer.email,
        order.delivery_email,
    ):
        assert text not in page
        assert text not in listed
