"""What customers and strangers are shown of orders, and what a storefront is told before anyone signs in."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts import consent
from accounts.models import PhoneSession
from accounts.services.phones import open_phone_session
from catalog.enums import StockReason
from catalog.models import Product
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.api.json import dump
from orders.enums import OrderStatus
from orders.models import Order
from orders.serializers.customers import initials
from orders.serializers.orders import OrderLineShape
from orders.services import progress
from tests import stock
from tests.factories import PASSWORD, CustomerFactory, ProductFactory, StaffFactory, as_customer, as_staff, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]

PHONE = "+13125550147"
DOCUMENTED = {
    "id",
    "order_number",
    "user_id",
    "status",
    "created_at",
    "total_amount",
    "delivery_name",
    "item_count",
    "tracking_number",
    "carrier",
    "items",
}
PRIVATE = {
    "delivery_first_name",
    "delivery_last_name",
    "delivery_email",
    "delivery_company",
    "delivery_address",
    "delivery_city",
    "delivery_state",
    "delivery_zip",
    "delivery_phone",
    "billing_address",
    "special_notes",
}


def test_the_shop_window(api: APIClient, settings: Any) -> None:
    settings.DELIVERY_FEE, settings.DELIVERY_FREE_FROM = Decimal("19.50"), Decimal("250.00")
    shown = api.get("/api/config").json()
    methods = [method["value"] for method in shown.pop("payment_methods")]
    assert methods == ["net30", "credit_card", "ach", "check"]
    assert shown == {
        "stripe_publishable_key": "pk_test_sandbox",
        "currency": "usd",
        "time_zone": "America/Chicago",
        "delivery_fee": 19.5,
        "delivery_free_from": 250.0,
        "sms_consent_text": consent.TEXT,
        "sms_consent_version": consent.VERSION,
        "version": settings.VERSION,
    }


def test_strangers_are_shown_where_a_parcel_is_and_not_to_whom_it_goes(api: APIClient) -> None:
    order = place(
        customer=CustomerFactory(),
        payment_method="check",
        delivery={"delivery_name": "Maria del Carmen Ruiz"},
        extra={"special_notes": "Use the back door", "staff_notes": "Pays late", "billing_address": "1 Bank St"},
    )
    progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM, tracking_number="9400", carrier="USPS")
    session = APIClient(enforce_csrf_checks=True)
    member = StaffFactory(role=Role.STAFF)
    session.post("/api/staff/login", {"username": member.username, "password": PASSWORD, "session": True})
    for client in (api, as_staff(Role.ADMIN), session):
        answer = client.get(f"/api/orders/{order.number}")
        shown = answer.json()["order"]
        assert set(shown) >= DOCUMENTED
        assert not PRIVATE & set(shown)
        assert (shown["user_id"], shown["delivery_name"]) == (None, "M. d. C. R.")
        assert (shown["status"], shown["tracking_number"], shown["carrier"]) == ("shipped", "9400", "USPS")
        for secret in ("Carmen", "Blue Island", "maria@", "0147", "back door", "Pays late", "Bank St", "unit_cost"):
            assert secret not in answer.content.decode()


def test_owners_see_all_of_theirs_but_not_what_we_note() -> None:
    owner = as_customer()
    order = place(customer=owner.user, extra={"staff_notes": "Pays late", "special_notes": "Use the back door"})
    answer = owner.get(f"/api/orders/{order.number}")
    assert set(answer.json()["order"]) >= DOCUMENTED | PRIVATE
    assert "Pays late" not in answer.content.decode()
    assert "cost" not in answer.content.decode()


def test_a_guests_order_is_nobodys_once_someone_is_signed_in() -> None:
    order = place(delivery={"delivery_email": "ana@cafe.test"})
    assert as_customer(CustomerFactory(email="ana@cafe.test")).get(f"/api/orders/{order.number}").status_code == 404


@pytest.mark.parametrize(
    ("name", "shown"), [("Maria", "M."), ("  Ana   Ruiz ", "A. R."), ("", ""), ("李 小龍", "李. 小."), ("-", "-.")]
)
def test_initials(name: str, shown: str) -> None:
    assert initials(name) == shown


def test_a_customers_list_is_theirs_newest_first_with_its_lines() -> None:
    owner = as_customer()
    older = place((ProductFactory(name='12" Pan'), 12), (ProductFactory(), 1), customer=owner.user)
    newer = place(customer=owner.user)
    place()
    place(customer=CustomerFactory())
    rows = owner.get("/api/orders").json()
    assert [row["order_number"] for row in rows] == [newer.number, older.number]
    for row, order in zip(rows, (newer, older), strict=True):
        assert set(row) == DOCUMENTED | {"payment_status", "balance"}
        assert row["items"] == orjson.loads(dump(OrderLineShape(order.lines.all(), many=True).data))
        assert datetime.fromisoformat(row["created_at"]) == order.created_at
        assert (row["user_id"], row["item_count"]) == (owner.user.pk, len(row["items"]))
        assert (row["total_amount"], row["balance"]) == (float(order.total_amount), float(order.total_amount))
    assert [len(owner.get(f"/api/orders?per_page=1&page={page}").json()) for page in (1, 2, 3)] == [1, 1, 0]


def by_phone(client: Any, phone: str = PHONE, **headers: str) -> dict[str, str]:
    rows = client.get(f"/api/orders/by-phone/{phone}", **headers).json()
    return {row["order_number"]: row["delivery_name"] for row in rows}


def test_any_spelling_of_a_phone_finds_the_same(api: APIClient) -> None:
    order = place()
    for spelling in ("3125550147", "(312) 555-0147", "312.555.0147", "+1 312 555 0147", "1-312-555-0147"):
        assert by_phone(api, spelling) == {order.number: "M. L."}


@pytest.mark.parametrize("phone", ["12", "call-me", "+", "99999999999999999999", "%20"])
def test_phones_that_are_none(api: APIClient, phone: str) -> None:
    answer = api.get(f"/api/orders/by-phone/{phone}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["phone"])


def test_guests_orders_are_shown_for_180_days(api: APIClient) -> None:
    inside, outside = place(), place()
    now = timezone.now()
    Order.objects.filter(pk=inside.pk).update(created_at=now - timedelta(days=179, hours=23))
    Order.objects.filter(pk=outside.pk).update(created_at=now - timedelta(days=180, hours=1))
    assert list(by_phone(api)) == [inside.number]
    token = open_phone_session(PHONE)
    assert set(by_phone(api, HTTP_X_PHONE_SESSION=token)) == {inside.number, outside.number}


def test_the_ten_newest_are_shown(api: APIClient) -> None:
    orders = [place() for _ in range(11)]
    assert list(by_phone(api)) == [order.number for order in orders[:0:-1]]


def test_account_holders_orders_are_shown_to_no_stranger(api: APIClient) -> None:
    holder = CustomerFactory(phone=PHONE)
    place(customer=holder)
    place(customer=CustomerFactory())
    assert by_phone(api) == by_phone(as_customer()) == by_phone(as_staff(Role.ADMIN)) == {}


def test_a_phone_session_ends(api: APIClient) -> None:
    order = place(customer=CustomerFactory())
    token = open_phone_session(PHONE)
    assert by_phone(api, HTTP_X_PHONE_SESSION=token) == {order.number: "Maria Lopez"}
    for wrong in ("", "x", token[:-1]):
        assert by_phone(api, HTTP_X_PHONE_SESSION=wrong) == {}
    PhoneSession.objects.update(expires_at=timezone.now())
    assert by_phone(api, HTTP_X_PHONE_SESSION=token) == {}


def test_ones_own_orders_are_found_by_ones_phone_wherever_they_went() -> None:
    owner = as_customer(CustomerFactory(phone="+13125550166"))
    elsewhere, here = place(customer=owner.user), place(customer=owner.user, delivery={"delivery_phone": ""})
    assert set(by_phone(owner, "+13125550166")) == {elsewhere.number, here.number}
    assert by_phone(owner, PHONE) == {elsewhere.number: "Maria Lopez"}


def test_an_earlier_order_today() -> None:
    owner = as_customer()
    few = stock.count(ProductFactory().pk, 20, reason=StockReason.OPENING, actor=SYSTEM)
    cheaper, stopped, renamed = ProductFactory(), ProductFactory(), ProductFactory(name="Ladle")
    order = place((few, 12), (cheaper, 12), (stopped, 1), (renamed, 1), customer=owner.user)
    stock.count(few.pk, 20, reason=StockReason.CORRECTED, actor=SYSTEM)
    Product.objects.filter(pk=cheaper.pk).update(bulk_price="7.00")
    Product.objects.filter(pk=stopped.pk).update(in_stock=False)
    Product.objects.filter(pk=renamed.pk).update(name="Ladle, 8 oz")
    lines = owner.post(f"/api/orders/{order.number.lower()}/reorder").json()["items"]
    names = ("quantity", "unit_price", "ordered_unit_price", "price_changed", "available", "available_quantity")
    assert [tuple(line[name] for name in names) for line in lines] == [
        # Eight of the twenty are not promised to this order itself.
        (12, 8.0, 8.0, False, False, 8),
        (12, 7.0, 8.0, True, True, None),
        (1, 10.0, 10.0, False, False, 0),
        (1, 10.0, 10.0, False, True, None),
    ]
    assert lines[3]["product_name"] == "Ladle, 8 oz"
    few.refresh_from_db()
    assert (Order.objects.count(), few.stock_reserved) == (1, 12)


def test_only_customers_order_again(api: APIClient) -> None:
    order = place()
    assert api.post(f"/api/orders/{order.number}/reorder").status_code == 401
    assert as_staff().post(f"/api/orders/{order.number}/reorder").status_code in {401, 403}
