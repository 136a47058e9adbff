"""Orders that owe their customer."""

from decimal import Decimal

import pytest

from lld.core.actors import SYSTEM
from lld.core.errors import Conflict
from orders.enums import PaymentMethod
from orders.models import AttentionEntry, Order
from orders.services import attention, giving_back, overpaid, payments, progress
from orders.tasks import sweep_overpaid_orders
from tests.clock import later
from tests.factories import StaffFactory, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


@pytest.fixture
def order() -> Order:
    """45.00 that were paid in cash; then it costs 5.00 less."""
    order = place(payment_method="check")
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    return giving_back.adjust_order(order.pk, actor=SYSTEM, amount=Decimal(-5), reason="Dented")


def sweep() -> list[tuple[Decimal | None, bool]]:
    """Sums of the matters by now, and whether each is over."""
    sweep_overpaid_orders()
    matters = AttentionEntry.objects.filter(kind="overpaid").order_by("pk")
    return [(matter.amount, matter.resolved_at is not None) for matter in matters]


def test_surplus_is_put_before_a_person_after_a_day_once(order: Order) -> None:
    assert sweep() == []
    with later(hours=25):
        assert sweep() == [(Decimal("5.00"), False)]
        assert overpaid.find_overpaid() == []
        assert sweep() == [(Decimal("5.00"), False)]


def test_matter_stands_while_the_surplus_does_and_is_over_with_it(order: Order) -> None:
    with later(hours=25):
        sweep()
        matter = AttentionEntry.objects.get(kind="overpaid")
        with pytest.raises(Conflict, match="paid still"):
            attention.resolve_attention(matter.pk, actor=SYSTEM, by=StaffFactory())
        giving_back.adjust_order(order.pk, actor=SYSTEM, amount=Decimal(5), reason="Not dented")

        assert sweep() == [(Decimal("5.00"), True)]


def test_other_surplus_is_another_matter(order: Order) -> None:
    with later(hours=25):
        sweep()
        giving_back.adjust_order(order.pk, actor=SYSTEM, amount=Decimal(-2), reason="More dents")

        assert sweep() == [(Decimal("5.00"), True), (Decimal("7.00"), False)]


def test_what_goes_back_already_needs_nobody(order: Order) -> None:
    giving_back.refund_order(order.pk, actor=SYSTEM, amount=Decimal(5), reason="Dented")
    with later(hours=25):
        assert sweep() == []


def test_cancelled_order_owes_by_its_refunds(order: Order) -> None:
    with later(hours=25):
        sweep()
        progress.cancel_order(order.pk, actor=SYSTEM, reason="Closed")

        assert sweep() == [(Decimal("5.00"), True)]
