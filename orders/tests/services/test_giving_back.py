"""Goodwill and refunds in part, of orders in any status."""

from decimal import Decimal
from typing import Any

import pytest

from lld.core.actors import SYSTEM, Actor
from lld.core.errors import Conflict, Forbidden, InvalidInput
from lld.core.money import ZERO
from orders.enums import OrderStatus, PaymentMethod, RefundDestination
from orders.errors import OnHold, PaymentRequired
from orders.models import CreditAccount, Order, Payment, Refund
from orders.services import credit, editing, giving_back, payments, progress, refund_delivery
from orders.services.giving_back import Returned
from sandbox.testing import SandboxClient
from tests.factories import CustomerFactory, StaffFactory, card_order, counted, figures, paid_by_card, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def in_cash(**options: Any) -> Order:
    """45.00, paid in cash."""
    order = place(payment_method="check", **options)
    return payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)[0]


def give_back(order: Order, amount: str | None = None, **options: Any) -> tuple[Order, list[Refund]]:
    order, requested = giving_back.refund_order(
        order.pk, actor=SYSTEM, reason="Dented", amount=Decimal(amount) if amount else None, **options
    )
    for refund in requested:
        refund_delivery.carry_out_refund(refund.pk)
    order.refresh_from_db()
    return order, list(Refund.objects.filter(pk__in=[refund.pk for refund in requested]))


def test_card_refund_in_part_goes_back_once_and_is_not_owed_again(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order())

    order, [refund] = give_back(order, "10.00")

    assert (refund.state, refund.amount) == ("succeeded", Decimal("10.00"))
    assert [entry["amount"] for entry in sandbox.ledger("stripe", "refund")] == [1000]
    assert (order.balance, order.amount_refunded, order.total_amount) == (ZERO, Decimal(10), Decimal(35))
    assert order.payment_status == "partially_refunded"


def test_two_refunds_of_one_payment(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order())

    give_back(order, "10.00")
    order, _ = give_back(order, "35.00")

    assert [entry["amount"] for entry in sandbox.ledger("stripe", "refund")] == [1000, 3500]
    assert (order.balance, order.payment_status) == (ZERO, "refunded")
    with pytest.raises(Conflict):
        give_back(order, "0.01")


@pytest.mark.parametrize("amount", ["45.01", "0.00", "-1.00"])
def test_more_than_was_paid_is_refused(amount: str) -> None:
    order = in_cash()

    with pytest.raises(InvalidInput) as refusal:
        give_back(order, amount)

    assert refusal.value.extra["refundable"] == Decimal("45.00")
    assert not Refund.objects.exists()


def test_cancelling_asks_only_for_what_is_left(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order())
    give_back(order, "10.00")

    progress.cancel_order(order.pk, actor=SYSTEM)
    outcome = refund_delivery.carry_out_refunds(order.pk)

    assert outcome is not None
    assert outcome.amount == Decimal("35.00")
    assert [entry["amount"] for entry in sandbox.ledger("stripe", "refund")] == [1000, 3500]


def test_refund_to_store_credit_keeps_the_money_here(sandbox: SandboxClient) -> None:
    customer = CustomerFactory()
    order = paid_by_card(sandbox, card_order(customer=customer))

    order, [refund] = give_back(order, "10.00", to=RefundDestination.CREDIT)

    assert (refund.state, refund.destination) == ("succeeded", "credit")
    assert CreditAccount.objects.get(customer=customer).balance == Decimal("10.00")
    assert (order.amount_refunded, order.balance) == (Decimal("10.00"), ZERO)
    assert sandbox.ledger("stripe", "refund") == []


def test_guest_has_no_store_credit() -> None:
    order = in_cash()
    with pytest.raises(InvalidInput):
        give_back(order, "10.00", to=RefundDestination.CREDIT)
    assert not Refund.objects.exists()
    assert Payment.objects.get().given_back == ZERO


def test_lines_go_back_at_what_they_cost_and_on_the_shelf() -> None:
    product = counted(10)
    order = place((product, 4), payment_method="check", discount=Decimal("4.00"))
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    progress.advance_order(order.pk, OrderStatus.DELIVERED, actor=SYSTEM)
    line = order.lines.get()
    share = (order.subtotal - 4) / order.subtotal

    _, [refund] = give_back(order, lines=[Returned(line.pk, 3)], restock=True)

    assert refund.amount == (line.unit_price * 3 * share).quantize(Decimal("0.01"))
    assert figures(product)[0] == 9
    with pytest.raises(InvalidInput):
        give_back(order, lines=[Returned(line.pk, 2)])


def test_store_credit_goes_back_as_store_credit() -> None:
    customer = CustomerFactory()
    credit.issue_credit(customer, Decimal("20.00"), actor=SYSTEM)
    order = place(payment_method="check", customer=customer)
    credit.apply_credit(order.pk, Decimal("20.00"), actor=SYSTEM)
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)

    order, [refund] = give_back(order, "45.00")

    refund_delivery.hand_out_refund(refund.pk, how=PaymentMethod.CASH, actor=SYSTEM)
    order.refresh_from_db()
    assert refund.amount == Decimal("25.00")
    assert CreditAccount.objects.get(customer=customer).balance == Decimal("20.00")
    assert (order.balance, order.credit_applied) == (ZERO, ZERO)


def test_adjustment_of_an_unpaid_order_lowers_what_is_owed() -> None:
    order = giving_back.adjust_order(place(payment_method="check").pk, Decimal("-5.00"), actor=SYSTEM, reason="Late")
    assert (order.balance, order.total_amount) == (Decimal("40.00"), Decimal("40.00"))


def test_adjustment_of_a_paid_order_is_owed_back_and_refunded_without_another() -> None:
    order = in_cash()

    order = giving_back.adjust_order(order.pk, Decimal("-5.00"), actor=SYSTEM, reason="Late")
    assert order.balance == Decimal("-5.00")

    order, [refund] = give_back(order, "5.00")
    assert refund.state == "manual"
    assert order.total_amount == Decimal("40.00")


@pytest.mark.parametrize("role", ["sales_rep", "warehouse"])
def test_who_moves_no_money_gives_none_back(role: str) -> None:
    order, actor = in_cash(), Actor("staff", 1, "sam", role)
    with pytest.raises(Forbidden):
        giving_back.refund_order(order.pk, actor=actor, reason="x", amount=Decimal(1))
    with pytest.raises(Forbidden):
        giving_back.adjust_order(order.pk, Decimal(-1), actor=actor, reason="x")


@pytest.mark.parametrize("parts", [(1, 2), (2, 1)])
def test_line_named_twice_goes_back_once(parts: tuple[int, int]) -> None:
    product = counted(10)
    order = place((product, 4), payment_method="check")
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    progress.advance_order(order.pk, OrderStatus.DELIVERED, actor=SYSTEM)
    line = order.lines.get()

    give_back(order, lines=[Returned(line.pk, part) for part in parts], restock=True)

    line.refresh_from_db()
    assert (figures(product)[0], line.stock_taken, line.returned_quantity) == (9, 1, 3)


def test_held_order_that_owed_nothing_for_a_while_is_held_again() -> None:
    order = place(payment_method="net30")
    assert order.terms_hold

    giving_back.adjust_order(order.pk, -order.total_amount, actor=SYSTEM, reason="x")
    order = giving_back.adjust_order(order.pk, order.total_amount, actor=SYSTEM, reason="x")

    assert order.terms_hold
    with pytest.raises(Conflict):
        progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM)


@pytest.mark.parametrize("amount", ["9999999990.00", "9999999999.99"])
def test_order_costs_no_more_than_a_column_holds(amount: str) -> None:
    with pytest.raises(InvalidInput):
        giving_back.adjust_order(place().pk, Decimal(amount), actor=SYSTEM, reason="x")


def test_credit_is_no_more_than_a_column_holds() -> None:
    customer = CustomerFactory()
    credit.issue_credit(customer, Decimal("9999999999.99"), actor=SYSTEM)
    with pytest.raises(Conflict):
        credit.issue_credit(customer, Decimal("0.01"), actor=SYSTEM)


STAFF = Actor("staff", 1, "ana", "staff")


def test_staff_lower_an_order_by_their_share_of_its_subtotal_in_all() -> None:
    """20 % of 20.00, with the discount that it was entered with and what was adjusted since."""
    order = place(payment_method="check", discount=Decimal("1.00"))
    giving_back.adjust_order(order.pk, Decimal("-2.00"), actor=STAFF, reason="Late")

    with pytest.raises(Forbidden) as refusal:
        giving_back.adjust_order(order.pk, Decimal("-1.01"), actor=STAFF, reason="Late again")

    assert refusal.value.sentence == "Your role may lower what this order costs by up to 4.00 in all."
    giving_back.adjust_order(order.pk, Decimal("-1.00"), actor=STAFF, reason="Late again")
    giving_back.adjust_order(order.pk, Decimal("1.00"), actor=STAFF, reason="Not that late")
    giving_back.adjust_order(order.pk, Decimal("-1.00"), actor=STAFF, reason="It was")


@pytest.mark.parametrize("role", ["admin", "manager"])
def test_managers_lower_an_order_as_they_see_fit(role: str) -> None:
    order = place(payment_method="check")
    actor = Actor("staff", 1, "ana", role)
    assert giving_back.adjust_order(order.pk, -order.balance, actor=actor, reason="Gift").balance == ZERO


def test_more_to_pay_needs_another_release_and_terms_that_are_met() -> None:
    released = place(payment_method="check", released=False)
    editing.release_hold(released.pk, actor=SYSTEM, by=StaffFactory(role="manager"), reason="Known")
    on_terms = place(customer=CustomerFactory(terms=Decimal("100.00")))
    assert not on_terms.terms_hold

    for order in (released, on_terms):
        giving_back.adjust_order(order.pk, Decimal(100), actor=SYSTEM, reason="Express")

    with pytest.raises(PaymentRequired):
        progress.advance_order(released.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
    with pytest.raises(OnHold):
        progress.advance_order(on_terms.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
