"""Bad debt, and money that comes for it after all."""

from decimal import Decimal

import pytest

from lld.core.actors import SYSTEM
from lld.core.errors import Conflict, InvalidInput
from lld.core.models import OutboxMessage
from lld.core.money import ZERO
from orders.enums import OrderStatus, PaymentMethod
from orders.models import Order
from orders.services import disputes, intents, payments, progress, set_aside, writing_off
from orders.services.ledger import derive_money
from orders.tests.situations import in_status, pending
from sandbox.testing import SandboxClient
from tests.factories import card_order, paid_by_card

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def written_off(amount: str | None = None) -> Order:
    order = in_status(OrderStatus.SHIPPED)()
    return writing_off.write_off_order(
        order.pk, actor=SYSTEM, reason="Bankrupt", amount=Decimal(amount) if amount else None
    )


def test_written_off_is_not_owed_and_not_paid() -> None:
    order = written_off()

    assert (order.balance, order.written_off, order.total_amount) == (ZERO, Decimal(45), Decimal(45))
    assert (order.payment_status, order.paid_at) == ("unpaid", None)
    assert not OutboxMessage.objects.filter(key__contains="order.paid").exists()
    version = order.version
    assert not derive_money(order)
    assert order.version == version


def test_in_part_and_the_rest_is_paid() -> None:
    order = written_off("20.00")
    assert order.balance == Decimal(25)

    order, _ = payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)

    assert (order.amount_paid, order.balance, order.payment_status) == (Decimal(25), ZERO, "unpaid")


def test_money_that_comes_after_all() -> None:
    order = written_off()

    writing_off.reinstate_order(order.pk, actor=SYSTEM, reason="Paid after all")
    order, _ = payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CHECK)

    assert (order.written_off, order.payment_status) == (ZERO, "paid")
    with pytest.raises(Conflict):
        writing_off.reinstate_order(order.pk, actor=SYSTEM, reason="Again")


@pytest.mark.parametrize("amount", ["45.01", "0.00", "-1.00"])
def test_more_than_is_owed_is_refused(amount: str) -> None:
    with pytest.raises(InvalidInput):
        written_off(amount)


def test_what_has_not_gone_out_is_no_bad_debt() -> None:
    with pytest.raises(Conflict):
        writing_off.write_off_order(pending().pk, actor=SYSTEM, reason="x")


def test_what_came_after_all_is_not_owed_back(sandbox: SandboxClient) -> None:
    order = progress.advance_order(paid_by_card(sandbox, card_order()).pk, OrderStatus.SHIPPED, actor=SYSTEM)
    intent = str(order.payments.get().intent_id)
    dispute = sandbox.dispute_intent(intent, deliver=False)["id"]
    disputes.apply_dispute(dispute)
    writing_off.write_off_order(order.pk, actor=SYSTEM, reason="Lost")
    sandbox.close_dispute(dispute, "won", deliver=False)

    disputes.apply_dispute(dispute)

    order.refresh_from_db()
    assert (order.balance, order.written_off, order.payment_status) == (ZERO, ZERO, "paid")


def test_bad_debt_is_not_taken_back_to_be_shipped_again() -> None:
    order = written_off()

    with pytest.raises(Conflict, match="reinstate"):
        progress.unship_order(order.pk, actor=SYSTEM, reason="x")


def test_late_money_for_bad_debt_is_kept_for_a_person(sandbox: SandboxClient) -> None:
    order = progress.advance_order(card_order().pk, OrderStatus.SHIPPED, actor=SYSTEM)
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, deliver=False)
    writing_off.write_off_order(order.pk, actor=SYSTEM, reason="Bankrupt")

    payments.apply_intent(intent.id)

    payment = order.payments.get()
    assert (payment.state, payment.given_back) == ("unapplied", ZERO)
    writing_off.reinstate_order(order.pk, actor=SYSTEM, reason="Paid")
    assert set_aside.apply_payment(payment.pk, actor=SYSTEM).payment_status == "paid"
