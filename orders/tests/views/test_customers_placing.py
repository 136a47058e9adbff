"""Placing an order: what is refused, what is ignored, and what comes out."""

from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from catalog.enums import StockReason
from catalog.models import Product, StockMovement
from lld.core.actors import SYSTEM
from lld.core.models import OutboxMessage
from orders.models import CustomerStats, Order, OrderLine
from orders.services import quoting
from sandbox.testing import SandboxClient
from tests import stock
from tests.factories import CustomerFactory, ProductFactory, as_customer, counted, order_body, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def refused(api: APIClient, body: Any, status: int = 400) -> dict[str, Any]:
    reserved = list(Product.objects.order_by("pk").values_list("stock_reserved", flat=True))
    answer = api.post("/api/orders", body, format="json")
    assert answer.status_code == status, answer.content
    assert (Order.objects.count(), OrderLine.objects.count(), OutboxMessage.objects.count()) == (0, 0, 0)
    assert list(Product.objects.order_by("pk").values_list("stock_reserved", flat=True)) == reserved
    found: dict[str, Any] = answer.json()
    assert found["success"] is False
    return found


@pytest.mark.parametrize("quantity", [0, -1, 1.5, "abc", "1.5", 10**9, 10**30, True, None, [], {}, ""])
def test_invalid_quantity_is_named(api: APIClient, quantity: Any) -> None:
    body = order_body((ProductFactory(), 1))
    body["items"][0]["quantity"] = quantity
    assert "items[0].quantity" in refused(api, body)["fields"]


@pytest.mark.parametrize(
    "items", [None, [], {}, "x", [1], [[]], [{}], [{"quantity": 1}], [{"sku": "", "quantity": 1}]]
)
def test_invalid_items_are_named(api: APIClient, items: Any) -> None:
    body = {**order_body(), "items": items}
    assert any(name.startswith("items") for name in refused(api, body)["fields"])


def test_items_list_over_two_hundred_rows_is_refused(api: APIClient) -> None:
    product = ProductFactory()
    body = {**order_body(), "items": [{"product_id": product.pk, "quantity": 1}] * 201}
    assert "items" in refused(api, body)["fields"]


def test_unknown_products_are_all_named(api: APIClient) -> None:
    gone = ProductFactory(is_active=False)
    items = [{"product_id": 10**12, "quantity": 1}, {"sku": "NO-SUCH", "quantity": 1}]
    items.append({"product_id": gone.pk, "quantity": 1})
    found = refused(api, {**order_body((ProductFactory(), 1)), "items": items})
    assert set(found["fields"]) == {"items[0]", "items[1]", "items[2]"}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("delivery_name", ""),
        ("delivery_name", "x" * 201),
        ("delivery_name", "a\0b"),
        ("delivery_address", None),
        ("delivery_state", "XX"),
        ("delivery_state", "Illinoisia"),
        ("delivery_zip", "6060"),
        ("delivery_zip", "60608-12"),
        ("delivery_phone", "12"),
        ("delivery_phone", "call me"),
        ("delivery_email", "not-an-address"),
        ("payment_method", "bitcoin"),
        ("payment_method", "cash"),
        ("special_notes", "x" * 2001),
    ],
)
def test_invalid_field_is_named(api: APIClient, field: str, value: Any) -> None:
    assert set(refused(api, order_body((ProductFactory(), 1), **{field: value}))["fields"]) == {field}


def test_repeated_product_adds_up_against_the_stock(api: APIClient) -> None:
    product = counted(5)
    body = order_body((product, 3), (product, 3))

    found = refused(api, body, status=409)
    assert found["code"] == "out_of_stock"
    assert found["lines"] == [
        {"product_id": product.pk, "sku": product.sku, "name": product.name, "asked": 6, "available": 5}
    ]

    answer = api.post("/api/orders", order_body((product, 2), (product, 3)))
    assert [line["quantity"] for line in answer.json()["order"]["items"]] == [5]


def test_every_short_line_is_named(api: APIClient) -> None:
    short, gone, enough = counted(1), ProductFactory(in_stock=False), counted(9)
    found = refused(api, order_body((short, 2), (gone, 1), (enough, 1)), status=409)
    assert [(line["sku"], line["available"]) for line in found["lines"]] == [(short.sku, 1), (gone.sku, None)]


def test_prices_status_and_customer_in_the_body_are_ignored(api: APIClient) -> None:
    other = CustomerFactory()
    body = order_body((ProductFactory(), 2), total_amount=0.01, subtotal=1, discount_amount=99, delivery_fee=0)
    body |= {"status": "delivered", "payment_status": "paid", "user_id": other.pk, "customer_id": other.pk}
    body["items"][0] |= {"unit_price": 0.01, "price": 0, "line_total": 0}

    order = api.post("/api/orders", body).json()["order"]

    assert (order["subtotal"], order["delivery_fee"], order["total_amount"]) == (20.0, 25.0, 45.0)
    assert (order["status"], order["payment_status"], order["user_id"]) == ("pending", "unpaid", None)


@pytest.mark.parametrize(
    ("quantity", "unit_price", "is_bulk"), [(1, 10.0, False), (11, 10.0, False), (12, 8.0, True), (13, 8.0, True)]
)
def test_bulk_price_starts_at_its_quantity(api: APIClient, quantity: int, unit_price: float, is_bulk: bool) -> None:
    line = api.post("/api/orders", order_body((ProductFactory(), quantity))).json()["order"]["items"][0]
    assert (line["unit_price"], line["is_bulk_price"]) == (unit_price, is_bulk)
    assert line["line_total"] == unit_price * quantity


@pytest.mark.parametrize(("price", "fee"), [("299.99", 25.0), ("300.00", 0.0)])
def test_delivery_is_free_from_its_limit(api: APIClient, price: str, fee: float) -> None:
    product = ProductFactory(unit_price=Decimal(price), bulk_price=None, bulk_quantity=None)
    order = api.post("/api/orders", order_body((product, 1))).json()["order"]
    assert order["delivery_fee"] == fee
    quote = api.post("/api/orders/quote", {"items": [{"sku": product.sku, "quantity": 1}]}).json()
    assert quote["free_delivery_gap"] == float(Decimal(300) - Decimal(price))


def test_stock_is_reserved_with_a_movement(api: APIClient) -> None:
    product = counted(10)

    number = api.post("/api/orders", order_body((product, 4))).json()["order"]["order_number"]

    product.refresh_from_db()
    assert (product.stock_quantity, product.stock_reserved, product.available) == (10, 4, 6)
    row = StockMovement.objects.get(reason="reserved")
    assert (row.reserved_delta, row.reserved_after, row.reference, row.actor) == (4, 4, number, "guest")


def test_order_placed_mail_escapes_hostile_names(api: APIClient, sandbox: SandboxClient) -> None:
    body = order_body((ProductFactory(name='<script>alert("x")</script>'), 1), delivery_name="<b>Ana</b>")

    assert api.post("/api/orders", body).status_code == 201

    mail = sandbox.mail()[0]
    assert "<script>" not in mail["html"]
    assert "&lt;b&gt;Ana&lt;/b&gt;" in mail["html"]
    assert '<script>alert("x")</script>' in mail["text"]


def test_taken_order_number_is_drawn_again(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    taken = place().number
    numbers = iter([taken, taken, "LLD-0000-0001"])
    monkeypatch.setattr("orders.services.placement.new_order_number", lambda: next(numbers))
    answer = api.post("/api/orders", order_body((ProductFactory(), 1)))
    assert answer.json()["order"]["order_number"] == "LLD-0000-0001"


def test_order_of_a_customer_is_listed_and_in_stats() -> None:
    client = as_customer()

    order = client.post("/api/orders", order_body((ProductFactory(), 2))).json()["order"]

    assert order["user_id"] == client.user.pk
    stats = CustomerStats.objects.get(customer=client.user)
    assert (stats.order_count, stats.total_spent, stats.last_order_amount) == (1, 45, 45)
    assert [row["order_number"] for row in client.get("/api/orders").json()] == [order["order_number"]]


def test_idempotency_key_places_once_and_refuses_another_body(api: APIClient) -> None:
    product = ProductFactory()
    headers = {"HTTP_IDEMPOTENCY_KEY": "cart-1"}

    first = api.post("/api/orders", order_body((product, 1)), **headers)
    again = api.post("/api/orders", order_body((product, 1)), **headers)
    assert (first.status_code, again.status_code, first.content) == (201, 201, again.content)

    other = api.post("/api/orders", order_body((product, 2)), **headers)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")
    assert Order.objects.count() == 1


def test_idempotency_key_forgets_a_refusal_for_stock(api: APIClient) -> None:
    product = counted(0)
    headers = {"HTTP_IDEMPOTENCY_KEY": "cart-2"}
    assert api.post("/api/orders", order_body((product, 1)), **headers).status_code == 409
    stock.count(product.pk, 5, reason=StockReason.CORRECTED, actor=SYSTEM)
    assert api.post("/api/orders", order_body((product, 1)), **headers).status_code == 201


@pytest.mark.parametrize(("expected", "status"), [(45.0, 201), (44.99, 409), (None, 201)])
def test_order_at_another_price_than_expected_is_not_placed(
    api: APIClient, expected: float | None, status: int
) -> None:
    product = ProductFactory()

    answer = api.post("/api/orders", order_body((product, 2), expected_total=expected), format="json")

    assert answer.status_code == status
    assert Order.objects.count() == (1 if status == 201 else 0)
    if status == 409:
        assert answer.json()["code"] == "price_changed"
        assert answer.json()["quote"]["total_amount"] == 45.0
        assert answer.json()["quote"]["lines"][0]["product_id"] == product.pk


def test_product_deleted_between_look_and_lock_is_named(api: APIClient, monkeypatch: pytest.MonkeyPatch) -> None:
    product, other = ProductFactory(), ProductFactory()
    resolve = quoting.resolve_items

    def resolve_and_lose(items: Any) -> dict[int, int]:
        asked = resolve(items)
        product.delete()
        return asked

    monkeypatch.setattr(quoting, "resolve_items", resolve_and_lose)

    answer = api.post("/api/orders", order_body((other, 1), (product, 1)))

    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["items"])
    assert not Order.objects.exists()
