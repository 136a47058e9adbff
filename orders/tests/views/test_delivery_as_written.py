"""Where an order goes, as people write it, at every door that takes it: the storefront, staff, and a change."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import SmsConsent, User
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import OutboxMessage
from orders.enums import OrderStatus
from orders.models import Order
from orders.services import progress
from tests.factories import DELIVERY, ProductFactory, as_customer, as_staff, order_body, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]

WRITTEN = {
    "delivery_address": "200 N. Clark St.\r\nSuite 4B",
    "delivery_city": "Chicago,",
    "delivery_state": "Illinois",
    "delivery_zip": "606101234",
    "delivery_phone": "(312) 555-0147 ext. 12",
}
KEPT = {
    "delivery_address": "200 N. Clark St., Suite 4B",
    "delivery_city": "Chicago",
    "delivery_state": "IL",
    "delivery_zip": "60610-1234",
    "delivery_phone": "+13125550147",
    "delivery_phone_extension": "12",
}


def kept(order: Order) -> dict[str, Any]:
    return {name: getattr(order, name) for name in KEPT}


def test_guest_and_staff_are_read_alike() -> None:
    body = order_body((ProductFactory(), 1), **WRITTEN)

    placed = APIClient().post("/api/orders", body)
    entered = as_staff(Role.STAFF).post("/api/staff/orders", {**body, "payment_status": "unpaid"})

    for answer in (placed, entered):
        assert answer.status_code == 201, answer.json()
        shown = answer.json()["order"]
        assert {name: shown[name] for name in KEPT} == KEPT
    assert [kept(order) for order in Order.objects.all()] == [KEPT, KEPT]


def test_changed_address_is_read_alike_and_shown_to_the_warehouse() -> None:
    order = place((ProductFactory(), 1), payment_method="credit_card")
    progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)

    answer = as_staff(Role.STAFF).put(f"/api/staff/orders/{order.pk}/address", {**DELIVERY, **WRITTEN})

    assert answer.status_code == 200, answer.json()
    order.refresh_from_db()
    assert kept(order) == KEPT
    [shown] = as_staff(Role.WAREHOUSE).get("/api/shipping/orders").json()["orders"]
    assert {name: shown[name] for name in KEPT} == KEPT
    slip = as_staff(Role.WAREHOUSE).get(f"/api/shipping/orders/{order.number}/packing-slip").json()
    assert '"delivery_phone_extension": "12"' in str(slip).replace("'", '"')


@pytest.mark.parametrize(
    ("changes", "extension"),
    [
        ({"delivery_phone": "312 555 0147"}, "12"),
        ({"delivery_phone": "773 555 0122"}, ""),
        ({"delivery_phone": "773 555 0122 x4"}, "4"),
        ({"delivery_phone": "773 555 0122", "delivery_phone_extension": "5"}, "5"),
        ({"delivery_phone": "312 555 0147 x9", "delivery_phone_extension": ""}, "9"),
        ({"delivery_phone": "312 555 0147", "delivery_phone_extension": ""}, ""),
        ({"delivery_phone": ""}, ""),
        ({}, "12"),
    ],
)
def test_extension_goes_with_its_number(changes: dict[str, str], extension: str) -> None:
    order = place((ProductFactory(), 1), delivery={**DELIVERY, **KEPT})
    address = {name: value for name, value in DELIVERY.items() if name not in {"delivery_phone", "delivery_email"}}

    answer = as_staff(Role.STAFF).put(f"/api/staff/orders/{order.pk}/address", {**address, **changes})

    assert answer.status_code == 200, answer.json()
    order.refresh_from_db()
    assert order.delivery_phone_extension == extension


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("delivery_phone", "0"),
        ("delivery_phone", "000-000-0000"),
        ("delivery_phone_extension", "twelve"),
        ("delivery_state", "Ontario"),
        ("delivery_zip", "6061O"),
    ],
)
def test_refusal_names_the_field(field: str, value: str) -> None:
    answer = APIClient().post("/api/orders", order_body((ProductFactory(), 1), **{field: value}))
    assert (answer.status_code, set(answer.json()["fields"])) == (400, {field})


@pytest.mark.parametrize(
    ("city", "state", "zip_code"), [("APO", "AE", "09128"), ("f.p.o.", "Armed Forces Pacific", "96278-2050")]
)
def test_orders_go_to_the_armed_forces(city: str, state: str, zip_code: str) -> None:
    goes = {"delivery_address": "PSC 1234 Box 5678", "delivery_city": city, "delivery_state": state}
    answer = APIClient().post("/api/orders", order_body((ProductFactory(), 1), **goes, delivery_zip=zip_code))
    assert answer.status_code == 201, answer.json()
    assert answer.json()["order"]["delivery_state"] in {"AE", "AP"}


def test_nothing_is_texted_to_an_extension() -> None:
    SmsConsent.objects.create(phone="+13125550147", consented=True, text_version="2026-11", source="checkout")

    for extension in ("12", ""):
        told = {**DELIVERY, **KEPT, "delivery_phone_extension": extension}
        order = place((ProductFactory(), 1), delivery=told, payment_method="credit_card")
        progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM)
        assert OutboxMessage.objects.filter(channel="sms").exists() is (extension == "")


def test_colleagues_behind_a_switchboard_are_two_customers() -> None:
    body = order_body((ProductFactory(), 1), upsert_customer=True, delivery_email="", payment_status="unpaid")
    staff = as_staff(Role.STAFF)

    for phone in ("312 555 0147 x1", "312 555 0147 x2", "312 555 0147 ext 1"):
        assert staff.post("/api/staff/orders", {**body, "delivery_phone": phone}).status_code == 201

    assert sorted(User.objects.filter(role="").values_list("phone_extension", flat=True)) == ["1", "2"]


def test_addresses_of_a_profile_are_read_alike() -> None:
    client = as_customer()
    path = f"/api/users/{client.user.pk}"
    changes = {
        "phone": "312 555 0147 x12",
        "phone2": "773-555-0122 #7",
        "shipping_address": "1 Main St\nChi Ill. 606101234",
    }

    user = client.put(path, changes).json()["user"]

    names = ("phone", "phone_extension", "phone2", "phone2_extension", "shipping_address")
    assert [user[name] for name in names] == [
        "+13125550147", "12", "+17735550122", "7", "1 Main St, Chi, IL 60610-1234",
    ]  # fmt: skip
    assert client.put(path, {"phone": "", "phone2": "773 555 0123"}).json()["user"]["phone_extension"] == ""
