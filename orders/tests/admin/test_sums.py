"""Lists by which a day is closed."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.clock import business_today
from orders.enums import PaymentMethod
from orders.models import Order
from orders.services import giving_back, payments
from tests.factories import as_console, place

pytestmark = pytest.mark.django_db

PAYMENTS, LEDGER, ORDERS = (f"admin:orders_{model}_changelist" for model in ("payment", "ledgerentry", "order"))


def paid(method: PaymentMethod, received: str, at: datetime | None = None) -> Order:
    """An order of 45.00, paid so much at that moment."""
    order = place(payment_method="check")
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=method, received=Decimal(received), at=at)
    order.refresh_from_db()
    return order


def sums(page: str, **asked: str) -> list[tuple[str, int, Decimal]] | None:
    answer: Any = as_console(Role.STAFF).get(reverse(page), asked)
    assert answer.status_code == 200
    return answer.context_data.get("sums")


def test_payments_of_a_day_are_summed_by_way() -> None:
    paid(PaymentMethod.CASH, "20.00")
    paid(PaymentMethod.CASH, "10.00")
    paid(PaymentMethod.CHECK, "45.00")
    paid(PaymentMethod.CASH, "5.00", at=datetime(2026, 7, 1, 12, tzinfo=UTC))
    today = business_today().isoformat()

    assert sums(PAYMENTS, settled_at_from=today, settled_at_to=today) == [
        ("Succeeded, Cash", 2, Decimal(30)),
        ("Succeeded, Check", 1, Decimal(45)),
        ("All", 3, Decimal(75)),
    ]
    assert sums(PAYMENTS, method__exact="check")[-1] == ("All", 1, Decimal(45))
    assert sums(PAYMENTS) is None


def test_day_is_a_business_day_with_its_last_minute() -> None:
    paid(PaymentMethod.CASH, "5.00", at=datetime(2026, 7, 2, 4, 59, tzinfo=UTC))
    paid(PaymentMethod.CASH, "7.00", at=datetime(2026, 7, 2, 5, tzinfo=UTC))

    for day, amount in (("2026-07-01", 5), ("2026-07-02", 7)):
        assert sums(PAYMENTS, settled_at_from=day, settled_at_to=day)[-1] == ("All", 1, Decimal(amount))


def test_nonsense_for_a_day_filters_nothing() -> None:
    paid(PaymentMethod.CASH, "5.00")
    assert sums(PAYMENTS, settled_at_from="2026-13-45", method__exact="cash")[-1] == ("All", 1, Decimal(5))


def test_ledger_of_a_day_is_summed_by_kind() -> None:
    order = paid(PaymentMethod.CASH, "45.00")
    giving_back.adjust_order(order.pk, Decimal("-3.00"), actor=SYSTEM, reason="Dented")
    today = business_today().isoformat()

    assert sums(LEDGER, happened_at_from=today, happened_at_to=today) == [
        ("Adjustment", 1, Decimal(-3)),
        ("Goods, delivery and tax", 1, Decimal(45)),
        ("Payment", 1, Decimal(-45)),
        ("All", 3, Decimal(-3)),
    ]


@pytest.mark.parametrize("role", [Role.SALES_REP, Role.WAREHOUSE])
def test_ledger_is_for_the_office(role: Role) -> None:
    assert as_console(role).get(reverse(LEDGER)).status_code == 403


def test_orders_are_found_by_who_owes_and_sorted_by_balance() -> None:
    owing, part, overpaid = (
        place(payment_method="check"),
        paid(PaymentMethod.CASH, "20.00"),
        paid(PaymentMethod.CASH, "45.00"),
    )
    giving_back.adjust_order(overpaid.pk, Decimal("-3.00"), actor=SYSTEM, reason="Dented")
    Order.objects.filter(pk=owing.pk).update(due_on="2026-01-01")
    client = as_console(Role.STAFF)
    balance = str([*client.get(reverse(ORDERS)).context["cl"].list_display].index("balance"))

    def found(**asked: str) -> list[Order]:
        return list(client.get(reverse(ORDERS), asked).context["cl"].result_list)

    assert found(owed="to_us", o=balance) == [part, owing]
    assert found(owed="to_us", o=f"-{balance}") == [owing, part]
    assert found(owed="overdue") == [owing]
    assert found(owed="by_us") == [overpaid]
