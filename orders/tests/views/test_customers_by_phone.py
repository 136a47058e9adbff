"""Orders of a phone number: whose are shown to whom, and how much of them."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import PhoneSession
from accounts.services.phones import open_phone_session
from lld.core.access import Role
from orders.models import Order
from tests.factories import (
    CustomerFactory,
    as_customer,
    as_staff,
    place,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]

PHONE = "+13125550147"


def test_by_phone_shows_ten_guest_orders_of_half_a_year(api: APIClient) -> None:
    orders = [place() for _ in range(12)]
    Order.objects.filter(pk=orders[-1].pk).update(created_at=timezone.now() - timedelta(days=181))
    place(customer=CustomerFactory())

    rows = api.get("/api/orders/by-phone/312-555-0147").json()

    assert len(rows) == 10
    assert {row["delivery_name"] for row in rows} == {"M. L."}
    assert orders[-1].number not in {row["order_number"] for row in rows}

    assert api.get("/api/orders/by-phone/3125550199").json() == []
    assert api.get("/api/orders/by-phone/12").status_code == 400


def test_phone_session_shows_all_orders_of_the_phone(api: APIClient) -> None:
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


def test_by_phone_names_only_the_customers_own_orders(api: APIClient) -> None:
    owner = as_customer(CustomerFactory(phone=PHONE))
    own, others, guest = place(customer=owner.user), place(customer=CustomerFactory()), place()
    rows = {row["order_number"]: row["delivery_name"] for row in owner.get(f"/api/orders/by-phone/{PHONE}").json()}
    assert rows == {own.number: "Maria Lopez", guest.number: "M. L."}
    assert others.number not in rows


def by_phone(client: Any, phone: str = PHONE, **headers: str) -> dict[str, str]:
    rows = client.get(f"/api/orders/by-phone/{phone}", **headers).json()
    return {row["order_number"]: row["delivery_name"] for row in rows}


def test_any_spelling_of_a_phone_finds_the_same_orders(api: APIClient) -> None:
    order = place()
    for spelling in ("3125550147", "(312) 555-0147", "312.555.0147", "+1 312 555 0147", "1-312-555-0147"):
        assert by_phone(api, spelling) == {order.number: "M. L."}


@pytest.mark.parametrize("phone", ["12", "call-me", "+", "99999999999999999999", "%20"])
def test_invalid_phone_is_refused(api: APIClient, phone: str) -> None:
    answer = api.get(f"/api/orders/by-phone/{phone}")
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["phone"])


def test_guest_orders_are_shown_for_180_days(api: APIClient) -> None:
    inside, outside = place(), place()
    now = timezone.now()
    Order.objects.filter(pk=inside.pk).update(created_at=now - timedelta(days=179, hours=23))
    Order.objects.filter(pk=outside.pk).update(created_at=now - timedelta(days=180, hours=1))

    assert list(by_phone(api)) == [inside.number]

    token = open_phone_session(PHONE)
    assert set(by_phone(api, HTTP_X_PHONE_SESSION=token)) == {inside.number, outside.number}


def test_ten_newest_orders_are_shown(api: APIClient) -> None:
    orders = [place() for _ in range(11)]
    assert list(by_phone(api)) == [order.number for order in orders[:0:-1]]


def test_customer_orders_are_shown_to_no_stranger(api: APIClient) -> None:
    holder = CustomerFactory(phone=PHONE)
    place(customer=holder)
    place(customer=CustomerFactory())
    assert by_phone(api) == by_phone(as_customer()) == by_phone(as_staff(Role.ADMIN)) == {}


def test_phone_session_expires(api: APIClient) -> None:
    order = place(customer=CustomerFactory())
    token = open_phone_session(PHONE)

    assert by_phone(api, HTTP_X_PHONE_SESSION=token) == {order.number: "Maria Lopez"}
    for wrong in ("", "x", token[:-1]):
        assert by_phone(api, HTTP_X_PHONE_SESSION=wrong) == {}

    PhoneSession.objects.update(expires_at=timezone.now())
    assert by_phone(api, HTTP_X_PHONE_SESSION=token) == {}


def test_own_orders_are_found_by_profile_phone() -> None:
    owner = as_customer(CustomerFactory(phone="+13125550166"))
    elsewhere, here = place(customer=owner.user), place(customer=owner.user, delivery={"delivery_phone": ""})
    assert set(by_phone(owner, "+13125550166")) == {elsewhere.number, here.number}
    assert by_phone(owner, PHONE) == {elsewhere.number: "Maria Lopez"}
