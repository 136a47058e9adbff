"""The warehouse's screens: what needs hands, in which order, and never a price."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest

from catalog.models import Product
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.api.json import dump
from orders.enums import OrderStatus, PaymentStatus
from orders.models import Order
from orders.services import progress
from shipping.serializers import Parcel, ShippingOrder
from tests.factories import CustomerFactory, ProductFactory, StaffFactory, as_staff, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]

PATH = "/api/shipping/orders"


def listed(**query: Any) -> list[str]:
    return [row["order_number"] for row in as_staff(Role.WAREHOUSE).get(PATH, query).json()["orders"]]


def in_status(status: OrderStatus, **options: Any) -> Order:
    order = place(payment_method="check", **options)
    if status == OrderStatus.PENDING:
        return order
    if status == OrderStatus.CANCELLED:
        return progress.cancel_order(order.pk, actor=SYSTEM)
    return progress.advance_order(order.pk, status, actor=SYSTEM)


def paid(**options: Any) -> Order:
    order = place(payment_method="check", **options)
    assert as_staff().post(f"/api/staff/orders/{order.pk}/mark-paid", {}).status_code == 200
    return order


def test_active_filter_finds_what_may_be_worked_on() -> None:
    customer = CustomerFactory(terms=Decimal("100.00"))
    released = place()
    as_staff().post(f"/api/staff/orders/{released.pk}/release-hold", {"reason": "known"})
    part_paid = place(payment_method="check")
    as_staff().post(f"/api/staff/orders/{part_paid.pk}/mark-paid", {"amount_received": 5})
    for status in (PaymentStatus.PROCESSING, PaymentStatus.CHECK_REVIEW, PaymentStatus.FAILED):
        Order.objects.filter(pk=place(payment_method="check").pk).update(payment_status=status)
    on_terms = place(customer=customer)
    confirmed, packed = in_status(OrderStatus.CONFIRMED), in_status(OrderStatus.PACKED)
    was_paid = paid()
    place()
    for status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED):
        in_status(status)
    wanted = [released, on_terms, confirmed, packed, was_paid]

    assert listed() == listed(status="active") == listed(status="") == [order.number for order in wanted]
    assert len(listed(status="all")) == Order.objects.count()


def test_status_filter_finds_its_orders() -> None:
    orders = {status: in_status(status) for status in OrderStatus}
    for status, order in orders.items():
        assert listed(status=status.value) == [order.number]


def test_listed_orders_can_be_confirmed() -> None:
    place()
    paid()
    place(customer=CustomerFactory(terms=Decimal("100.00")))
    staff = as_staff(Role.WAREHOUSE)

    for number in listed():
        assert staff.post(f"{PATH}/{number}/confirm").status_code == 200


@pytest.mark.parametrize(
    ("sort", "ascending"),
    [
        ("created_at", [0, 1, 2]),
        ("order_number", [1, 2, 0]),
        ("delivery_name", [2, 0, 1]),
        ("delivery_company", [1, 0, 2]),
        ("status", [1, 0, 2]),
    ],
)
def test_list_sorts_both_ways(sort: str, ascending: list[int]) -> None:
    # (number, name, company, status): created in this order.
    rows = [
        ("C-1", "Ben", "Bar", OrderStatus.PACKED),
        ("A-1", "Cleo", "Ale", OrderStatus.CONFIRMED),
        ("B-1", "Ana", "Cafe", OrderStatus.SHIPPED),
    ]
    for number, name, company, status in rows:
        in_status(status, number=number, delivery={"delivery_name": name, "delivery_company": company})
    numbers = [rows[index][0] for index in ascending]

    assert listed(status="all", sort=sort) == listed(status="all", sort=sort, dir="asc") == numbers
    assert listed(status="all", sort=sort, dir="desc") == numbers[::-1]


@pytest.mark.parametrize("sort", ["confirmed_at", "shipped_at"])
def test_missing_sort_date_is_last_both_ways(sort: str) -> None:
    waiting = place(payment_method="check")
    first, second = in_status(OrderStatus.SHIPPED), in_status(OrderStatus.SHIPPED)
    start = datetime(2026, 3, 5, 18, 0, tzinfo=UTC)
    for hours, order in enumerate((first, second)):
        Order.objects.filter(pk=order.pk).update(**{sort: start + timedelta(hours=hours)})

    assert listed(status="all", sort=sort) == [first.number, second.number, waiting.number]
    assert listed(status="all", sort=sort, dir="desc") == [second.number, first.number, waiting.number]


def test_ties_keep_one_order_both_ways() -> None:
    orders = [in_status(OrderStatus.CONFIRMED) for _ in range(3)]
    numbers = [order.number for order in orders]
    assert listed(sort="delivery_name") == numbers
    assert listed(sort="delivery_name", dir="desc") == numbers[::-1]


@pytest.mark.parametrize(
    "query", ["sort=total_amount", "sort=id", "dir=up", "status=lost", f"q={'x' * 101}", "sort=created_at;drop"]
)
def test_invalid_query_parameter_is_named(query: str) -> None:
    answer = as_staff().get(f"{PATH}?{query}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [query.partition("=")[0]])


def test_search_finds_what_the_list_of_staff_finds() -> None:
    order = in_status(OrderStatus.PACKED, delivery={"delivery_name": "Zoë Quinn", "delivery_company": "Pho 100%"})
    Order.objects.filter(pk=order.pk).update(tracking_number="9400-7731", delivery_phone="+13125550188")
    in_status(OrderStatus.PACKED)

    sku = order.lines.get().product_sku
    for words in (order.number, order.number[4:8].lower(), "zoe", "pho 100%", "9400 7731", "0188", sku):
        assert listed(q=words) == [order.number], words
    assert listed(q="100_") == []
    assert listed(q="quinn", status="confirmed") == []


def prices_in(text: str) -> list[str]:
    return [
        word
        for word in ("price", "total", "cost", "amount", "balance", "subtotal", "discount", "fee", "tax")
        if word in text
    ]


def test_no_answer_shows_a_price() -> None:
    order = paid()
    staff = as_staff(Role.WAREHOUSE)
    path = f"{PATH}/{order.number}"

    answers = [staff.get(f"{PATH}?status=all"), staff.get(path), staff.get(f"{path}/packing-slip")]
    answers += [staff.post(f"{path}/{step}") for step in ("confirm", "ship", "deliver")]

    for answer in answers:
        assert answer.status_code == 200
        assert prices_in(answer.content.decode()) == []


def test_packing_slip_shows_no_internal_fields() -> None:
    product = ProductFactory(name="Ladle", bin_location="A-12")
    order = place(
        (product, 3),
        extra={"staff_notes": "Pays late, be strict", "assigned_to": "Sam", "special_notes": "Use the back door"},
    )

    answer = as_staff(Role.WAREHOUSE).get(f"{PATH}/{order.number.lower()}/packing-slip")

    slip = answer.json()["slip"]
    assert (slip["order_number"], slip["delivery_name"], slip["special_notes"]) == (
        order.number,
        "Maria Lopez",
        "Use the back door",
    )
    assert slip["items"] == [
        {
            "product_id": product.pk,
            "product_name": "Ladle",
            "product_sku": product.sku,
            "product_unit_size": "each",
            "quantity": 3,
            "bin_location": "A-12",
        }
    ]
    assert (slip["staff_notes"], slip["assigned_to"]) == ("", "")
    assert not {"payment_status", "terms_hold"} & set(slip)
    assert "strict" not in answer.content.decode()


def test_answers_match_the_serializers() -> None:
    order = in_status(OrderStatus.SHIPPED)
    staff = as_staff(Role.WAREHOUSE)
    stored = Order.objects.get(pk=order.pk)
    stored.order_number = stored.number  # type: ignore[attr-defined]
    stored.items = []  # type: ignore[attr-defined]

    for shape, shown in (
        (ShippingOrder, staff.get(f"{PATH}/{order.number}").json()["order"]),
        (ShippingOrder, staff.get(f"{PATH}?status=shipped").json()["orders"][0]),
        (Parcel, staff.get(f"{PATH}/{order.number}/packing-slip").json()["slip"]),
    ):
        assert orjson.loads(dump(shape(stored).data)) == {**shown, "items": []}


def test_line_shows_product_as_sold_and_current_bin() -> None:
    product = ProductFactory(name="Ladle", bin_location="A-12")
    order = place((product, 1), payment_method="check")
    Product.objects.filter(pk=product.pk).update(name="Ladle, new", sku="NEW", bin_location="B-1")
    (line,) = as_staff().get(f"{PATH}/{order.number}").json()["order"]["items"]
    assert (line["product_name"], line["product_sku"], line["bin_location"]) == ("Ladle", product.sku, "B-1")


def test_confirm_stamps_picked_at_and_works_once() -> None:
    order = paid()
    staff = as_staff(Role.WAREHOUSE)

    shown = staff.post(f"{PATH}/{order.number}/confirm").json()["order"]
    assert shown["status"] == "confirmed"
    assert shown["picked_at"] == shown["confirmed_at"] is not None

    for again in range(2):
        answer = staff.post(f"{PATH}/{order.number}/confirm")
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition"), again


STEPS = {"confirm": {"pending"}, "ship": {"confirmed", "packed"}, "deliver": {"shipped"}}


@pytest.mark.parametrize("status", list(OrderStatus))
@pytest.mark.parametrize("step", STEPS)
def test_step_is_allowed_from_its_statuses_only(status: OrderStatus, step: str) -> None:
    order = in_status(status)

    answer = as_staff(Role.WAREHOUSE).post(f"{PATH}/{order.number}/{step}", {"tracking_number": "9400"})

    before, order = order.status, Order.objects.get(pk=order.pk)
    if status.value in STEPS[step]:
        assert answer.status_code == 200
        assert order.status == {"confirm": "confirmed", "ship": "shipped", "deliver": "delivered"}[step]
    else:
        assert (answer.status_code, answer.json()["code"]) == (409, "illegal_transition")
        assert (order.status, order.tracking_number) == (before, "")


@pytest.mark.parametrize("body", [{}, {"tracking_number": "", "carrier": ""}, {"tracking_number": " "}])
def test_ship_without_tracking_keeps_what_is_known(body: dict[str, str]) -> None:
    order = in_status(OrderStatus.PACKED)
    Order.objects.filter(pk=order.pk).update(tracking_number="9400", carrier="USPS")
    shown = as_staff(Role.WAREHOUSE).post(f"{PATH}/{order.number}/ship", body).json()["order"]
    assert (shown["status"], shown["tracking_number"], shown["carrier"]) == ("shipped", "9400", "USPS")


@pytest.mark.parametrize(
    ("field", "value"),
    [("tracking_number", "x" * 101), ("carrier", "x" * 61), ("tracking_number", None), ("carrier", [])],
)
def test_invalid_ship_field_is_named(field: str, value: Any) -> None:
    order = in_status(OrderStatus.PACKED)
    answer = as_staff(Role.WAREHOUSE).post(f"{PATH}/{order.number}/ship", {field: value})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [field])
    assert Order.objects.get().status == "packed"


def test_stale_version_does_not_ship() -> None:
    order = in_status(OrderStatus.PACKED)
    staff = as_staff(Role.WAREHOUSE)
    seen = staff.get(f"{PATH}/{order.number}").json()["order"]["version"]
    as_staff().put(f"/api/staff/orders/{order.pk}/address", {"delivery_city": "Cicero"})

    answer = staff.post(f"{PATH}/{order.number}/ship", {}, HTTP_IF_MATCH=str(seen))

    assert (answer.status_code, answer.json()["code"]) == (409, "version_conflict")
    assert answer.json()["current"]["version"] == seen + 1
    assert Order.objects.get().status == "packed"


def test_idempotency_key_ships_once() -> None:
    order = in_status(OrderStatus.PACKED)
    staff = as_staff(Role.WAREHOUSE)

    answers = [
        staff.post(f"{PATH}/{order.number}/ship", {"tracking_number": "9400"}, HTTP_IDEMPOTENCY_KEY="scan-1")
        for _ in range(2)
    ]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content


def test_order_number_is_read_in_any_spelling() -> None:
    order = in_status(OrderStatus.CONFIRMED, number="LLD-0A1B-C0D1")
    staff = as_staff(Role.WAREHOUSE)

    for typed in ("lld-0a1b-c0d1", "LLD-OAIB-CODL", "lld-oaLb-codi"):
        assert staff.get(f"{PATH}/{typed}").json()["order"]["id"] == order.pk
        assert staff.get(f"{PATH}/{typed}/packing-slip").json()["slip"]["id"] == order.pk

    assert staff.post(f"{PATH}/lld-oalb-codi/ship").status_code == 200
    for path in ("LLD-XXXX-XXXX", "LLD", "0"):
        assert staff.get(f"{PATH}/{path}").status_code == 404


def test_warehouse_list_shows_open_work_and_no_prices() -> None:
    held, card, paid, confirmed, shipped = place(), *(place(payment_method="credit_card") for _ in range(4))
    as_staff().post(f"/api/staff/orders/{paid.pk}/mark-paid", {})
    progress.advance_order(confirmed.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
    progress.advance_order(shipped.pk, OrderStatus.SHIPPED, actor=SYSTEM)
    warehouse = as_staff(Role.WAREHOUSE)

    active = warehouse.get("/api/shipping/orders").json()["orders"]
    assert [row["order_number"] for row in active] == [paid.number, confirmed.number]

    newest = warehouse.get("/api/shipping/orders?status=all&dir=desc").json()["orders"]
    assert [row["order_number"] for row in newest] == [o.number for o in (shipped, confirmed, paid, card, held)]

    for path in ("/api/shipping/orders?status=all", f"/api/shipping/orders/{paid.number}/packing-slip"):
        text = warehouse.get(path).content.decode()
        assert not any(word in text for word in ("price", "total", "cost", "amount", "balance"))

    assert warehouse.get("/api/shipping/orders?sort=total_amount").status_code == 400


def test_rep_sees_and_ships_own_orders_only() -> None:
    rep = as_staff(Role.SALES_REP)
    own = in_status(OrderStatus.CONFIRMED, sales_rep=rep.user)
    others = [
        in_status(OrderStatus.CONFIRMED, sales_rep=StaffFactory(role=Role.SALES_REP)),
        in_status(OrderStatus.CONFIRMED),
    ]

    assert [row["order_number"] for row in rep.get(PATH, {"status": "all"}).json()["orders"]] == [own.number]
    assert rep.get(f"{PATH}/{own.number}").status_code == 200
    for order in others:
        address = f"{PATH}/{order.number}"
        assert rep.get(address).status_code == rep.get(f"{address}/packing-slip").status_code == 404
        for step in ("confirm", "ship", "deliver"):
            assert rep.post(f"{address}/{step}", {}).status_code == 404
        order.refresh_from_db()
        assert order.status == OrderStatus.CONFIRMED

    assert rep.post(f"{PATH}/{own.number}/ship", {}).json()["order"]["status"] == "shipped"


@pytest.mark.parametrize("column", ["delivery_name", "delivery_company"])
def test_names_sort_as_in_a_dictionary(column: str) -> None:
    names = ["aland", "Åland", "O’Brien", "Obst", "Zebra"]
    for name in (names[3], names[0], names[4], names[2], names[1]):
        place(delivery={column: name}, payment_method="credit_card")
    rows = as_staff(Role.WAREHOUSE).get("/api/shipping/orders", {"status": "all", "sort": column}).json()["orders"]
    assert [row[column] for row in rows] == names
