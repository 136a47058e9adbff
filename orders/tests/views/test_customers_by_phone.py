"""Who sees which order, and how much of it."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.services.phones import open_phone_session
from lld.core.access import Role, Scope
from lld.core.actors import SYSTEM
from orders.enums import OrderStatus
from orders.models import Order
from orders.services import progress
from tests.factories import CustomerFactory, ProductFactory, as_customer, as_key, as_staff, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]

PHONE = "+13125550147"


def test_the_owner_sees_everything_others_the_tracking_or_nothing(api: APIClient) -> None:
    owner = as_customer()
    order = place(customer=owner.user)
    path = f"/api/orders/{order.number}"
    mine = owner.get(path).json()["order"]
    assert (mine["user_id"], mine["delivery_name"], mine["delivery_phone"]) == (owner.user.pk, "Maria Lopez", PHONE)
    stranger = api.get(path).json()["order"]
    assert (stranger["user_id"], stranger["delivery_name"]) == (None, "M. L.")
    assert not {"delivery_address", "delivery_phone", "delivery_email", "billing_address"} & set(stranger)
    assert as_customer().get(path).status_code == 404
    assert as_customer().post(f"{path}/reorder").status_code == 404


@pytest.mark.parametrize("spelling", [str.lower, lambda n: n.replace("0", "O").replace("1", "L"), lambda n: f" {n} "])
def test_numbers_are_read_as_people_write_them(api: APIClient, spelling: object) -> None:
    order = place()
    Order.objects.filter(pk=order.pk).update(number="LLD-0A1B-C0D1")
    typed = spelling("LLD-0A1B-C0D1")  # type: ignore[operator]
    assert api.get(f"/api/orders/{typed}").status_code == 200


def test_guessing_numbers_is_slowed_down(api: APIClient) -> None:
    statuses = [api.get(f"/api/orders/LLD-AAAA-{n:04}").status_code for n in range(62)]
    assert statuses[:60] == [404] * 60
    assert statuses[60:] == [429] * 2
    assert int(api.get("/api/orders/LLD-AAAA-9999").headers["Retry-After"]) > 0
    assert api.get(f"/api/orders/{place().number}").status_code == 200


def test_by_phone_shows_guests_orders_of_half_a_year(api: APIClient) -> None:
    orders = [place() for _ in range(12)]
    Order.objects.filter(pk=orders[-1].pk).update(created_at=timezone.now() - timedelta(days=181))
    place(customer=CustomerFactory())
    rows = api.get("/api/orders/by-phone/312-555-0147").json()
    assert len(rows) == 10
    assert {row["delivery_name"] for row in rows} == {"M. L."}
    assert orders[-1].number not in {row["order_number"] for row in rows}
    assert api.get("/api/orders/by-phone/3125550199").json() == []
    assert api.get("/api/orders/by-phone/12").status_code == 400


def test_by_phone_shows_all_to_whoever_holds_the_phone(api: APIClient) -> None:
    guest, account = place(), place(customer=CustomerFactory())
    token = open_phone_session(PHONE)
    for answer in (
        api.get(f"/api/orders/by-phone/{PHONE}?phone_session_token={token}"),
        api.get(f"/api/orders/by-phone/{PHONE}", HTTP_X_PHONE_SESSION=token),
    ):
        rows = {row["order_number"]: row["delivery_name"] for row in answer.json()}
        assert rows == {guest.number: "Maria Lopez", account.number: "Maria Lopez"}
    other = open_phone_session("+13125550199")
    rows = api.get(f"/api/orders/by-phone/{PHONE}?phone_session_token={other}").json()
    assert [row["order_number"] for row in rows] == [guest.number]
    assert rows[0]["delivery_name"] == "M. L."


def test_by_phone_shows_a_customer_their_own_and_nobody_elses(api: APIClient) -> None:
    owner = as_customer(CustomerFactory(phone=PHONE))
    own, others, guest = place(customer=owner.user), place(customer=CustomerFactory()), place()
    rows = {row["order_number"]: row["delivery_name"] for row in owner.get(f"/api/orders/by-phone/{PHONE}").json()}
    assert rows == {own.number: "Maria Lopez", guest.number: "M. L."}
    assert others.number not in rows


def test_reordering_shows_todays_prices_and_stock() -> None:
    owner = as_customer()
    dearer, gone, same = ProductFactory(), ProductFactory(), ProductFactory()
    order = place((dearer, 2), (gone, 1), (same, 12), customer=owner.user)
    type(dearer).objects.filter(pk=dearer.pk).update(unit_price="12.00")
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    lines = owner.post(f"/api/orders/{order.number}/reorder").json()["items"]
    assert [(line["unit_price"], line["price_changed"], line["available"]) for line in lines] == [
        (12.0, True, True),
        (10.0, False, False),
        (8.0, False, True),
    ]
    assert Order.objects.count() == 1


def test_a_sales_representative_sees_only_their_own() -> None:
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


def test_payment_links_are_for_staff_the_owner_and_the_voice_agent() -> None:
    owner = as_customer()
    order = place(customer=owner.user, payment_method="credit_card")
    body = {"order_number": order.number}
    for client in (owner, as_staff(Role.WAREHOUSE), as_key(Scope.VOICE)):
        answer = client.post("/api/payments/create-link", body)
        assert answer.status_code == 201, answer.content
        assert answer.json()["amount"] == 45.0
    assert as_customer().post("/api/payments/create-link", body).status_code == 404
    assert as_key(Scope.QUEUE).post("/api/payments/create-link", body).status_code == 403
    progress.cancel_order(order.pk, actor=SYSTEM)
    assert owner.post("/api/payments/create-link", body).status_code == 409


def test_the_list_finds_by_what_people_know() -> None:
    staff = as_staff()
    order = place(
        delivery={"delivery_name": "Zoë Quinn", "delivery_company": "Pho Nine", "delivery_email": "z@pho.test"}
    )
    place(delivery={"delivery_phone": "+13125550188"})
    for words in (order.number, order.number[4:8].lower(), "zoë", "pho nine", "z@pho", "(312) 555-0147"):
        found = staff.get("/api/staff/orders", {"search": words}).json()
        assert [row["order_number"] for row in found["orders"]] == [order.number], words
    assert staff.get("/api/staff/orders", {"search": "nobody%"}).json()["orders"] == []


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
def test_lists_refuse_what_they_cannot_read(query: str) -> None:
    assert as_staff().get(f"/api/staff/orders?{query}").status_code == 400


def test_paging_ends_in_an_empty_page() -> None:
    for _ in range(3):
        place()
    staff = as_staff()
    pages = [staff.get(f"/api/staff/orders?page={page}&limit=2").json() for page in (1, 2, 3)]
    assert [len(page["orders"]) for page in pages] == [2, 1, 0]
    assert (pages[0]["total"], pages[0]["pages"], pages[0]["per_page"]) == (3, 2, 2)
    assert staff.get("/api/staff/orders?per_page=5000").json()["per_page"] == 200


def test_the_warehouse_sees_what_it_can_work_on_and_no_prices() -> None:
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
