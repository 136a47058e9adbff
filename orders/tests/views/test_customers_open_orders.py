"""How many unpaid orders a guest may have, at the door where guests order."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from lld.core.access import Role
from lld.core.actors import SYSTEM
from orders.enums import PaymentMethod
from orders.models import Order
from orders.services import checks, editing, intents, payments, progress
from orders.services.accounts import link_guest_orders
from tests.factories import DELIVERY, ProductFactory, as_customer, as_staff, order_body
from tests.pictures import picture
from tests.servers import sandbox_client

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox", "limit")]


@pytest.fixture
def limit(settings: Any) -> None:
    settings.GUEST_OPEN_ORDERS = 3


def order(
    number: int = 0, *, address: str = "", phone: str = "", email: str = "", client: APIClient | None = None
) -> Any:
    """The answer to a guest's order, from whom nothing is known again but what is given."""
    who = {
        "delivery_phone": phone or f"+131255501{number:02}",
        "delivery_email": email or f"guest{number}@example.test",
        "payment_method": "credit_card",
    }
    body = order_body((ProductFactory(), 1), **who)
    return (client or APIClient()).post("/api/orders", body, REMOTE_ADDR=address or f"203.0.113.{number + 1}")


def statuses(**known: str) -> list[int]:
    """Of four orders, which share what is known."""
    return [order(number, **known).status_code for number in range(4)]


@pytest.mark.parametrize(
    "known", [{"address": "198.51.100.7"}, {"phone": "+13125550147"}, {"email": "ana@lamilpa.test"}]
)
def test_fourth_unpaid_order_of_a_guest_is_refused(known: dict[str, str]) -> None:
    assert statuses(**known) == [201, 201, 201, 409]
    assert Order.objects.count() == 3

    refused = order(9, **known).json()
    assert refused["code"] == "too_many_open_orders"


def test_guests_who_share_nothing_do_not_count_for_each_other() -> None:
    assert statuses() == [201] * 4


def test_guest_is_found_in_other_spellings() -> None:
    orders = [
        order(1, phone="(312) 555-0147"),
        order(2, phone="+1 312.555.0147", email="Ana+1@lamilpa.test"),
        order(3, email="ana+2@LAMILPA.test", address="2001:db8:0:1::1"),
    ]
    assert [answer.status_code for answer in orders] == [201] * 3

    # Each of the three shares something with the fourth.
    fourth = order(4, phone="312-555-0147", email="ana@lamilpa.test", address="2001:db8:0:1:ffff::2")

    assert fourth.status_code == 409


def settled(number: str, way: str) -> None:
    pk = Order.objects.get(number=number).pk
    if way == "paid":
        payments.record_manual_payment(pk, actor=SYSTEM, method=PaymentMethod.CASH)
    elif way == "kept":
        editing.keep_order(pk, actor=SYSTEM, reason="known")
    else:
        progress.cancel_order(pk, actor=SYSTEM)


@pytest.mark.parametrize("way", ["paid", "kept", "cancelled"])
def test_order_that_is_settled_makes_room_for_another(way: str) -> None:
    numbers = [order(address="198.51.100.7").json()["order"]["order_number"] for _ in range(3)]
    assert order(address="198.51.100.7").status_code == 409

    settled(numbers[0], way)

    assert order(address="198.51.100.7").status_code == 201
    assert order(address="198.51.100.7").status_code == 409


def transferring(number: str) -> None:
    owing = Order.objects.get(number=number)
    intent = intents.open_intent(amount=owing.balance, order_number=number)
    sandbox_client.pay_intent(intent.id, "pm_usBankAccount", deliver=False)
    payments.confirm_intent(order_number=number, intent_id=intent.id)


def checked(number: str) -> None:
    checks.upload_check(number, front=io.BytesIO(picture()), back=None, actor=SYSTEM)


@pytest.mark.parametrize(("begin", "status"), [(transferring, "processing"), (checked, "check_review")])
def test_hope_of_money_makes_no_room_for_another(
    begin: Callable[[str], None], status: str, tmp_path: Path, settings: Any
) -> None:
    """Transfers that fail a week later cost nothing to begin."""
    settings.MEDIA_ROOT = str(tmp_path)
    for number in range(3):
        begin(order(number, address="198.51.100.7").json()["order"]["order_number"])
    assert set(Order.objects.values_list("payment_status", flat=True)) == {status}

    assert order(7, address="198.51.100.7").status_code == 409


def test_orders_that_an_account_was_made_for_still_count() -> None:
    """Or each of them would make room for another."""
    for number in range(3):
        body = order(number, address="198.51.100.7").json()["order"]
        delivery = {name: value for name, value in DELIVERY.items() if name != "delivery_email"}
        # The phone of each account is its own.
        delivery["delivery_phone"] = f"+131255501{number:02}"
        account = {"email": f"guest{number}@example.test", "password": "correct-horse-battery"}
        answer = APIClient().post(
            "/api/orders/create-account", {**delivery, **account, "order_number": body["order_number"]}
        )
        assert answer.status_code == 201, answer.content
        user = User.objects.get(email=account["email"])
        User.objects.filter(pk=user.pk).update(email_verified=True, password_unproven=False)
        Order.objects.filter(number=body["order_number"]).update(delivery_email=user.email)
        link_guest_orders(user.pk)
    assert not Order.objects.filter(customer=None).exists()

    assert order(7, address="198.51.100.7").status_code == 409


def test_who_is_signed_in_or_ordered_for_by_staff_is_no_guest() -> None:
    assert statuses(address="198.51.100.7") == [201, 201, 201, 409]
    customer = as_customer()

    signed_in = customer.post(
        "/api/orders", order_body((ProductFactory(), 1), **DELIVERY), REMOTE_ADDR="198.51.100.7"
    )
    entered = as_staff(Role.STAFF).post(
        "/api/staff/orders", order_body((ProductFactory(), 1)), REMOTE_ADDR="198.51.100.7"
    )

    assert (signed_in.status_code, entered.status_code) == (201, 201)


def test_refused_guest_may_repeat_the_same_request_once_there_is_room() -> None:
    first = order(address="198.51.100.7").json()["order"]["order_number"]
    for number in (1, 2):
        order(number, address="198.51.100.7")
    body = order_body((ProductFactory(), 1), payment_method="credit_card")
    repeat = {"HTTP_IDEMPOTENCY_KEY": "cart-9", "REMOTE_ADDR": "198.51.100.7"}
    assert APIClient().post("/api/orders", body, **repeat).status_code == 409

    settled(first, "paid")

    assert APIClient().post("/api/orders", body, **repeat).status_code == 201
