"""Staff wait for the money of an order that would lapse."""

from typing import Any

import pytest

from lld.core.access import Role
from lld.core.models import AuditEntry
from orders.models import Order
from orders.tests.situations import strange
from tests.factories import as_staff, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def keep(order: Order, role: Role = Role.STAFF, **body: Any) -> Any:
    return as_staff(role).post(f"/api/staff/orders/{order.pk}/keep", body or {"reason": "They called"})


def test_detail_tells_when_an_order_lapses_until_it_is_kept() -> None:
    order = strange()
    detail = as_staff(Role.WAREHOUSE).get(f"/api/staff/orders/{order.pk}").json()["order"]
    assert detail["lapses_at"] is not None
    assert detail["kept_at"] is None

    answer = keep(order).json()

    assert answer["order"]["lapses_at"] is None
    assert answer["order"]["kept_at"] is not None
    assert answer["order"]["version"] == order.version + 1
    entry = AuditEntry.objects.get(action="order.keep")
    assert (entry.reason, entry.object_id, entry.actor_kind) == ("They called", str(order.pk), "staff")
    assert answer["order"]["history"][0]["action"] == "order.keep"


@pytest.mark.parametrize("role", [Role.ADMIN, Role.MANAGER, Role.STAFF])
def test_whoever_takes_money_keeps_orders(role: Role) -> None:
    assert keep(strange(), role).status_code == 200


def test_order_that_does_not_lapse_is_not_kept() -> None:
    order = strange()

    assert keep(order).status_code == 200
    assert keep(order).status_code == 409
    assert keep(place(payment_method="credit_card")).json()["error"] == "The order does not lapse."


@pytest.mark.parametrize("reason", ["", " ", None, "x" * 501])
def test_keeping_needs_a_reason(reason: Any) -> None:
    order = strange()
    answer = keep(order, reason=reason)
    assert (answer.status_code, list(answer.json()["fields"])) == (400, ["reason"])
    order.refresh_from_db()
    assert order.kept_at is None
