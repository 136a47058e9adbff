"""One guest places orders at once: no more than a guest may."""

from collections import Counter
from typing import Any

import pytest
from rest_framework.test import APIClient

from orders import locks
from orders.models import Order
from tests.concurrency.storm import storm
from tests.factories import ProductFactory, order_body

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox", "limit")]


@pytest.fixture
def limit(settings: Any) -> None:
    settings.GUEST_OPEN_ORDERS = 3


def place_at_once() -> Counter[int]:
    """Twelve orders, of which neighbours share a phone, a mailbox or an address, and the first and last all three."""
    bodies = [
        order_body(
            (ProductFactory(), 1),
            payment_method="credit_card",
            delivery_phone=f"+1312555010{number % 2}",
            delivery_email=f"ana+{number}@lamilpa.test",
        )
        for number in range(12)
    ]

    def place(number: int) -> int:
        address = f"203.0.113.{number % 3 + 1}"
        return int(APIClient().post("/api/orders", bodies[number], REMOTE_ADDR=address).status_code)

    return Counter(storm(12, place))


def test_orders_placed_at_once_are_no_more_than_a_guest_may_have() -> None:
    assert place_at_once() == {201: 3, 409: 9}
    assert Order.objects.count() == 3


def test_control_without_lock_a_guest_gets_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "lock_guest", lambda marks: None)

    assert place_at_once()[201] > 3
