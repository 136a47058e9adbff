"""Answers of Stripe that were overtaken by newer ones while they were on their way here."""

from collections.abc import Callable

import pytest

from lld.core.errors import DomainError
from lld.core.money import ZERO
from lld.gateways import stripe
from orders.models import Order, Payment
from orders.services import adopting, intents, payments
from sandbox.testing import SandboxClient
from tests.factories import card_order

pytestmark = [pytest.mark.django_db(transaction=True)]


def overtake(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], None]) -> None:
    """`meanwhile` happens, and is heard of, between the next answer of Stripe and whoever asked for it."""
    fetch, left = stripe.fetch_intent, [meanwhile]

    def fetch_slowly(intent_id: str) -> stripe.Intent:
        answer = fetch(intent_id)
        if left:
            left.pop()()
        return answer

    monkeypatch.setattr(stripe, "fetch_intent", fetch_slowly)


def paid_and_refunded(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, *, by: str) -> Order:
    """A card is charged; while that is being recorded the money goes back in the dashboard."""
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, deliver=False)

    def refund() -> None:
        sandbox.refund_in_dashboard(intent.id, deliver=False)
        adopting.adopt_refunds(order.payments.get().pk)

    overtake(monkeypatch, refund)
    try:
        if by == "customer":
            payments.confirm_intent(order_number=order.number, intent_id=intent.id)
        else:
            payments.apply_intent(intent.id)
    except DomainError:
        pass
    return Order.objects.get(pk=order.pk)


@pytest.mark.parametrize("by", ["customer", "webhook"])
def test_money_that_went_back_meanwhile_pays_nothing(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    order = paid_and_refunded(sandbox, monkeypatch, by=by)

    assert (order.amount_paid, order.payment_status) == (ZERO, "unpaid")


@pytest.mark.parametrize("by", ["customer", "webhook"])
def test_control_recording_whatever_comes_pays_with_money_that_is_gone(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, by: str
) -> None:
    monkeypatch.setattr(payments, "_recorded", lambda intent_id: None)

    order = paid_and_refunded(sandbox, monkeypatch, by=by)

    assert (order.payment_status, order.payments.get().left) == ("paid", ZERO)


def declined_then_transferred(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> Order:
    """A card was declined; while that is being recorded the customer pays by bank, and confirms."""
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_card_chargeDeclined", deliver=False)

    def transfer() -> None:
        sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)
        payments.confirm_intent(order_number=order.number, intent_id=intent.id)

    overtake(monkeypatch, transfer)
    payments.apply_intent(intent.id)
    return Order.objects.get(pk=order.pk)


def test_old_decline_does_not_hide_a_transfer(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    assert declined_then_transferred(sandbox, monkeypatch).payment_status == "processing"


def test_control_old_decline_hides_a_transfer(sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payments, "_recorded", lambda intent_id: None)

    assert declined_then_transferred(sandbox, monkeypatch).payment_status == "failed"


def test_payment_that_never_stands_still_is_left_for_later(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    seen = iter(range(100))
    monkeypatch.setattr(payments, "_recorded", lambda intent_id: next(seen))

    with pytest.raises(DomainError):
        payments.apply_intent(intent.id)

    assert Payment.objects.get().state == "open"
