"""The figures that are kept of every customer."""

import random

import pytest

from orders.models import Order
from orders.services import stats
from tests.factories import CustomerFactory, ProductFactory, as_staff, place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("sandbox")]


@pytest.mark.parametrize("seed", range(3))
def test_stats_match_the_orders_after_any_history(seed: int) -> None:
    """After any mix of placing, cancelling and deleting."""
    dice = random.Random(seed)
    customer = CustomerFactory()
    staff = as_staff()
    orders: list[Order] = []

    for _ in range(8):
        move = dice.choice(["place", "place", "cancel", "delete"])
        if move == "place" or not orders:
            orders.append(place((ProductFactory(), dice.randint(1, 20)), customer=customer, payment_method="check"))
        elif move == "cancel":
            staff.put(f"/api/staff/orders/{dice.choice(orders).pk}/status", {"status": "cancelled"})
        else:
            staff.delete(f"/api/staff/orders/{orders.pop(dice.randrange(len(orders))).pk}")

        customer.refresh_from_db()
        kept = {name: getattr(customer.stats, name) for name in stats.compute_stats(customer.pk)}
        assert kept == stats.compute_stats(customer.pk)
