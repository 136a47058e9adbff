"""The staff's list of orders: who sees which, and by what they are found."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest

from catalog.models import Product
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.api.json import dump
from orders.enums import OrderStatus
from orders.models import Order
from orders.serializers.staff import StaffOrderRow
from orders.services import progress
from tests.factories import (
    CustomerFactory,
    ProductFactory,
    StaffFactory,
    as_staff,
    place,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]

PATH = "/api/staff/orders"
SOMEONE_ELSE = {
    "delivery_name": "Ada Bloom",
    "delivery_company": "Bloom Bakery",
    "delivery_email": "ada@bloom.test",
    "delivery_phone": "+13120147999",
}


def found(client: Any, **query: Any) -> list[str]:
    return [row["order_number"] for row in client.get(PATH, query).json()["orders"]]


def at(moment: str, **options: Any) -> Order:
    order = place(payment_method="check", **options)
    Order.objects.filter(pk=order.pk).update(created_at=datetime.fromisoformat(moment))
    return order


@pytest.mark.parametrize(
    ("day", "last_before", "first", "last", "first_after"),
    [
        # Clocks go forward at two in the morning: 23 hours.
        (
            "2026-03-08",
            "2026-03-08T05:59:59Z",
            "2026-03-08T06:00:00Z",
            "2026-03-09T04:59:59Z",
            "2026-03-09T05:00:00Z",
        ),
        # And back: 25 hours.
        (
            "2026-11-01",
            "2026-11-01T04:59:59Z",
            "2026-11-01T05:00:00Z",
            "2026-11-02T05:59:59Z",
            "2026-11-02T06:00:00Z",
        ),
        (
            "2026-07-04",
            "2026-07-04T04:59:59Z",
            "2026-07-04T05:00:00Z",
            "2026-07-05T04:59:59Z",
            "2026-07-05T05:00:00Z",
        ),
    ],
)
def test_date_filters_are_days_in_chicago(
    day: str, last_before: str, first: str, last: str, first_after: str
) -> None:
    before, opening, closing, after = (at(moment) for moment in (last_before, first, last, first_after))
    staff = as_staff()
    assert found(staff, from_date=day, to_date=day) == [closing.number, opening.number]
    assert found(staff, to_date=day) == [closing.number, opening.number, before.number]
    assert found(staff, from_date=day) == [after.number, closing.number, opening.number]


def test_from_date_after_to_date_finds_nothing() -> None:
    at("2026-07-04T12:00:00Z")
    assert found(as_staff(), from_date="2026-07-05", to_date="2026-07-03") == []


@pytest.mark.parametrize("name", ["from_date", "to_date"])
@pytest.mark.parametrize("value", ["9999-12-31", "0001-01-01", "1999-12-31", "2026-02-30", "07/04/2026", "soon", "5"])
def test_invalid_date_is_named(name: str, value: str) -> None:
    answer = as_staff().get(PATH, {name: value})
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [name])


@pytest.mark.parametrize(
    "query", ["rep_id=0", "rep_id=-1", "rep_id=me", "status=lost", "page=0", f"search={'x' * 101}"]
)
def test_invalid_query_parameter_is_named(query: str) -> None:
    answer = as_staff().get(f"{PATH}?{query}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, [query.partition("=")[0]])


def test_status_filter_finds_its_orders() -> None:
    orders = {status: place(payment_method="check") for status in OrderStatus}
    for status in (OrderStatus.CONFIRMED, OrderStatus.PACKED, OrderStatus.SHIPPED, OrderStatus.DELIVERED):
        progress.advance_order(orders[status].pk, status, actor=SYSTEM)
    progress.cancel_order(orders[OrderStatus.CANCELLED].pk, actor=SYSTEM)
    staff = as_staff()

    for status, order in orders.items():
        assert found(staff, status=status.value) == [order.number]
    assert len(found(staff, status="")) == len(orders)


def test_sales_rep_list_is_own_whatever_the_filter() -> None:
    mine, theirs = StaffFactory(role=Role.SALES_REP), StaffFactory(role=Role.SALES_REP)
    own, other, nobodys = (place(sales_rep=rep) for rep in (mine, theirs, None))
    me, manager = as_staff(user=mine), as_staff(Role.MANAGER)

    assert found(me) == found(me, rep_id=mine.pk) == [own.number]
    assert found(me, rep_id=theirs.pk) == found(me, search=other.number) == found(me, search=nobodys.number) == []
    assert me.get(PATH).json()["total"] == 1
    assert me.get(PATH, {"rep_id": theirs.pk}).json()["total"] == 0
    assert found(manager, rep_id=theirs.pk) == [other.number]
    assert len(found(manager)) == 3
    assert found(manager, rep_id=10**18) == found(manager, rep_id="9" * 30) == []


def test_filters_narrow_each_other() -> None:
    rep = StaffFactory(role=Role.SALES_REP)
    wanted = at("2026-07-04T12:00:00Z", sales_rep=rep, delivery={"delivery_name": "Ana Ruiz"})
    at("2026-07-03T12:00:00Z", sales_rep=rep, delivery={"delivery_name": "Ana Ruiz"})
    at("2026-07-04T12:00:00Z", delivery={"delivery_name": "Ana Ruiz"})
    at("2026-07-04T12:00:00Z", sales_rep=rep)
    query = {
        "rep_id": rep.pk,
        "from_date": "2026-07-04",
        "to_date": "2026-07-04",
        "search": "ruiz",
        "status": "pending",
    }

    assert found(as_staff(), **query) == [wanted.number]
    assert found(as_staff(), **{**query, "status": "packed"}) == []


@pytest.mark.parametrize("words", ["%", "_", "\\", "100%", "a' OR 1=1 --", "%s", "{}", "$1", "\\%"])
def test_search_takes_special_characters_as_text(words: str) -> None:
    order = place(delivery={"delivery_company": f"Bar {words} Grill"})
    place(delivery={"delivery_company": "Bar x Grill"})
    assert found(as_staff(), search=words) == [order.number]


def test_pages_are_newest_first_with_a_total() -> None:
    orders = [place() for _ in range(5)]
    staff = as_staff()

    first, last, beyond = (staff.get(PATH, {"page": page, "per_page": 2}).json() for page in (1, 3, 4))

    names = ("total", "page", "pages", "per_page")
    assert [first[name] for name in names] == [5, 1, 3, 2]
    assert [row["id"] for row in first["orders"]] == [orders[4].pk, orders[3].pk]
    assert [row["id"] for row in last["orders"]] == [orders[0].pk]
    assert (beyond["orders"], beyond["page"]) == ([], 4)

    assert staff.get(PATH).json()["per_page"] == 50


def normal(row: dict[str, Any]) -> dict[str, Any]:
    """Times as instants: whether a whole second is written with fractions does not matter."""
    return {
        name: datetime.fromisoformat(value) if name.endswith("_at") and value else value
        for name, value in row.items()
    }


def test_rows_match_the_serializer() -> None:
    odd = 'Ana "La Jefa" \\ Ruiz </b> ☃\nsecond line'
    rep = StaffFactory(role=Role.SALES_REP)
    place(
        (ProductFactory(name=odd), 12),
        (ProductFactory(unit_price=Decimal("0.01"), bulk_price=None, bulk_quantity=None, brand=""), 1),
        customer=CustomerFactory(),
        sales_rep=rep,
        discount=Decimal("1.10"),
        delivery={"delivery_name": odd, "delivery_phone": ""},
        extra={"special_notes": odd, "staff_notes": odd, "assigned_to": odd},
    )
    gone = place(payment_method="check")
    progress.advance_order(gone.pk, OrderStatus.DELIVERED, actor=SYSTEM, tracking_number="9400")
    at("2026-07-04T12:00:00Z")

    client = as_staff()
    rows = client.get(PATH).json()["orders"]

    assert len(rows) == 3
    for row in rows:
        order = Order.objects.prefetch_related("lines").get(pk=row["id"])
        expected = orjson.loads(dump(StaffOrderRow(order, context={"user": client.user}).data))
        assert normal(row) == normal(expected)


def test_sales_rep_reaches_own_orders_only() -> None:
    rep = as_staff(Role.SALES_REP)
    own, other = place(sales_rep=rep.user), place()

    assert [row["order_number"] for row in rep.get("/api/staff/orders").json()["orders"]] == [own.number]
    assert rep.get(f"/api/staff/orders?rep_id={as_staff(Role.SALES_REP).user.pk}").json()["orders"] == []

    for method, path, body in (
        ("get", "", None),
        ("put", "/status", {"status": "confirmed"}),
        ("put", "/notes", {"staff_notes": "x"}),
        ("put", "/address", {"delivery_city": "Cicero"}),
    ):
        assert getattr(rep, method)(f"/api/staff/orders/{other.pk}{path}", body).status_code == 404

    assert rep.post("/api/payments/create-link", {"order_number": other.number}).status_code == 404
    assert rep.put(f"/api/staff/orders/{own.pk}/status", {"status": "cancelled"}).status_code == 200


@pytest.mark.parametrize(
    "words",
    [
        "jose",
        "JOSÉ",
        "jose\u0301",
        "o'brien",
        "O’BRIEN",
        "obrien",
        "o`brien lukasz",
        "lukasz jose",
        "josé  taqueria",
        "taqueria la nusta",
        "nusta #2",
        "24-hr",
        "24hr",
        "jose.b2@la-nusta.test",
        "b2@la",
        "0147",
        "5550147",
        "555-0147",
        "(312) 555-0147",
        "312.555.0147",
        "+1 312 555 0147",
        "13125550147",
    ],
)
def test_search_finds_name_company_email_and_phone_however_spelt(words: str) -> None:
    order = place(
        delivery={
            "delivery_name": "José Łukasz O’Brien",
            "delivery_company": "Taquería La Ñusta #2, 24hr",
            "delivery_email": "Jose.B2@la-nusta.test",
            "delivery_phone": "+13125550147",
        }
    )
    place(delivery=SOMEONE_ELSE)

    assert found(as_staff(), search=words) == [order.number]


@pytest.mark.parametrize(
    "words",
    ["LLD-4K7Z-90AB", "lld-4k7z-90ab", "LLD4K7Z90AB", "lld 4k7z 90ab", "4K7Z", "z-90a", "z90a", "LLD-4K7Z-9OAB"],
)
def test_search_finds_order_number_in_part_and_without_dashes(words: str) -> None:
    order = place(number="LLD-4K7Z-90AB")
    place(number="LLD-4K7X-90AC", delivery=SOMEONE_ELSE)

    assert found(as_staff(), search=words) == [order.number]


@pytest.mark.parametrize(
    "words",
    ["1Z999AA10123456784", "1z 999 aa1 01 2345 6784", "1Z999AA1-0123456784", "0123456784", "aa101234", "777-5"],
)
def test_search_finds_tracking_number_however_spelt(words: str) -> None:
    order, other = place(), place(delivery=SOMEONE_ELSE)
    Order.objects.filter(pk=order.pk).update(tracking_number="1Z 999 AA1 0123456784, 7777-5")
    Order.objects.filter(pk=other.pk).update(tracking_number="9400000000000000000001")

    assert found(as_staff(), search=words) == [order.number]


@pytest.mark.parametrize("words", ["AP-1004.5/B", "ap-1004.5/b", "AP10045B", " ap-1004.5b "])
def test_search_finds_sku_of_a_line_however_spelt(words: str) -> None:
    product = ProductFactory(sku="AP-1004.5/B")
    first, second = place((product, 1), (ProductFactory(), 1)), place((product, 2))
    place((ProductFactory(sku="AP-1004.5/BX"), 1))

    assert found(as_staff(), search=words) == [second.number, first.number]


def test_search_finds_sku_as_it_was_sold() -> None:
    product = ProductFactory(sku="OLD-1")
    order = place((product, 1))
    Product.objects.filter(pk=product.pk).update(sku="NEW-1")

    assert (found(as_staff(), search="old-1"), found(as_staff(), search="new-1")) == ([order.number], [])


@pytest.mark.parametrize(
    "words",
    [
        "jose quinn",
        "3125",
        "1314",
        "147",
        "55501470",
        "999000",
        "AP-100",
        "'",
        "’ `",
        "-",
        "LLD_4K8%",
        "4K7Z-%-90AB-1",
        "nobody%",
        "a b c d e f g h i j k l m n o p q r s t u v w x y z",
        "x" * 100,
        "%" * 100,
        "\\" * 99,
        "😀",
    ],
)
def test_search_does_not_find(words: str) -> None:
    order = place(
        (ProductFactory(sku="AP-1004"), 1),
        number="LLD-4K7Z-90AB",
        delivery={"delivery_name": "José Ruiz", "delivery_company": "Bar", "delivery_phone": "+13125550147"},
    )
    Order.objects.filter(pk=order.pk).update(tracking_number="1Z99900013141592")

    answer = as_staff().get(PATH, {"search": words}).json()
    assert (answer["orders"], answer["total"]) == ([], 0)


def test_search_finds_the_address_as_it_is_now() -> None:
    order, staff = place(delivery=SOMEONE_ELSE), as_staff()

    changed = staff.put(f"{PATH}/{order.pk}/address", {"delivery_company": "Café Ñandú"})

    assert changed.status_code == 200
    assert (found(staff, search="cafe nandu"), found(staff, search="bakery")) == ([order.number], [])


def test_search_finds_an_order_without_name_parts_or_phone() -> None:
    order = place(delivery={"delivery_company": "", "delivery_email": "", "delivery_phone": ""})
    assert found(as_staff(), search=order.number) == [order.number]


def test_dates_are_business_days(sandbox: object) -> None:
    order = place()
    # 03:30 UTC on the 5th is still the evening of the 4th in Chicago.
    Order.objects.filter(pk=order.pk).update(created_at="2026-03-05T03:30:00Z")
    staff = as_staff()

    def count(**dates: str) -> int:
        return len(staff.get("/api/staff/orders", dates).json()["orders"])

    assert count(from_date="2026-03-04", to_date="2026-03-04") == 1
    assert count(from_date="2026-03-05") == 0
    assert count(to_date="2026-03-03") == 0
    assert staff.get("/api/staff/orders", {"from_date": "soon"}).status_code == 400


@pytest.mark.parametrize("query", ["page=0", "page=-1", "page=x", "page=1.5", "per_page=0", "limit=x", "status=lost"])
def test_invalid_page_limit_or_status_is_refused(query: str) -> None:
    assert as_staff().get(f"/api/staff/orders?{query}").status_code == 400


def test_page_after_the_last_is_empty() -> None:
    for _ in range(3):
        place()
    staff = as_staff()

    pages = [staff.get(f"/api/staff/orders?page={page}&limit=2").json() for page in (1, 2, 3)]

    assert [len(page["orders"]) for page in pages] == [2, 1, 0]
    assert (pages[0]["total"], pages[0]["pages"], pages[0]["per_page"]) == (3, 2, 2)

    assert staff.get("/api/staff/orders?per_page=5000").json()["per_page"] == 200
