"""What customers and strangers are shown of orders, and what a storefront is told before anyone signs in."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import orjson
import pytest
from rest_framework.test import APIClient

from accounts import consent
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.api.json import dump
from orders.enums import OrderStatus
from orders.models import Order
from orders.serializers.orders import OrderLineShape
from orders.services import progress
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


def test_config_shows_what_a_storefront_needs(api: APIClient, settings: Any) -> None:
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


def test_stranger_sees_tracking_but_no_private_fields(api: APIClient) -> None:
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


def test_owner_sees_private_fields_but_no_notes_or_costs() -> None:
    owner = as_customer()
    order = place(customer=owner.user, extra={"staff_notes": "Pays late", "special_notes": "Use the back door"})

    answer = owner.get(f"/api/orders/{order.number}")

    assert set(answer.json()["order"]) >= DOCUMENTED | PRIVATE
    assert "Pays late" not in answer.content.decode()
    assert "cost" not in answer.content.decode()


def test_guest_order_is_not_found_by_a_customer() -> None:
    order = place(delivery={"delivery_email": "ana@cafe.test"})
    assert as_customer(CustomerFactory(email="ana@cafe.test")).get(f"/api/orders/{order.number}").status_code == 404


def test_order_list_is_own_newest_first_with_lines() -> None:
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


def test_order_is_full_for_owner_reduced_for_guest_hidden_to_others(api: APIClient) -> None:
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
def test_order_number_is_read_in_any_spelling(api: APIClient, spelling: object) -> None:
    order = place()
    Order.objects.filter(pk=order.pk).update(number="LLD-0A1B-C0D1")
    typed = spelling("LLD-0A1B-C0D1")  # type: ignore[operator]  # a lambda
    assert api.get(f"/api/orders/{typed}").status_code == 200


def test_order_number_guesses_are_limited(api: APIClient) -> None:
    statuses = [api.get(f"/api/orders/LLD-AAAA-{n:04}").status_code for n in range(62)]
    assert statuses[:60] == [404] * 60
    assert statuses[60:] == [429] * 2
    assert int(api.get("/api/orders/LLD-AAAA-9999").headers["Retry-After"]) > 0
    assert api.get(f"/api/orders/{place().number}").status_code == 200
