"""Payments that nobody makes: looked at for as long as somebody could."""

from decimal import Decimal
from typing import Any

import pytest

from lld.core.actors import SYSTEM
from lld.gateways import stripe
from orders.models import Payment
from orders.services import intents, links, payments
from sandbox.testing import SandboxClient
from tests.clock import later
from tests.factories import CustomerFactory, card_order

pytestmark = pytest.mark.django_db(transaction=True)


def test_check_leaves_a_transfer_without_an_order_to_its_bank(sandbox: SandboxClient) -> None:
    """Paid by bank at checkout, and no order came: it is under way all the same, and Stripe does not end it."""
    intent = intents.open_intent(amount=Decimal("45.00"))
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)

    with later(days=4):
        intents.check_payment(Payment.objects.get().pk)

    assert Payment.objects.get().next_check_at is not None


def test_check_gives_up_what_failed_on_a_page_that_nobody_has_any_more(sandbox: SandboxClient) -> None:
    """Checkout's intents are not ours to take down, so that each would be looked at for ever."""
    link = links.create_link(card_order().number, actor=SYSTEM)
    session = sandbox.pay_link(str(link.link_id), "pm_usBankAccount_accountClosed", deliver=False)
    payments.apply_intent(session["payment_intent"])
    sandbox.settle_intent(session["payment_intent"], "failed", deliver=False)
    intents.check_payment(Payment.objects.get().pk)
    assert Payment.objects.get().next_check_at is not None

    with later(days=4):
        intents.check_payment(Payment.objects.get().pk)

    payment = Payment.objects.get()
    assert (payment.state, payment.next_check_at) == ("failed", None)


def at_stripe(sandbox: SandboxClient, intent: stripe.Intent) -> dict[str, Any]:
    return next(made for made in sandbox.objects("payment_intent")[0] if made["id"] == intent.id)


@pytest.mark.parametrize("own", ["maria@lamilpa.test", ""])
def test_receipt_of_an_order_goes_to_its_own_address_whoever_opens_the_payment(
    sandbox: SandboxClient, own: str
) -> None:
    customer = CustomerFactory(email="owner@lamilpa.test")
    order = card_order(customer=customer, delivery={"delivery_email": own})

    intent = intents.open_intent(
        amount=order.balance, order_number=order.number, customer_name="Eve", customer_email="eve@evil.test"
    )

    made = at_stripe(sandbox, intent)
    assert made["receipt_email"] == (own or "owner@lamilpa.test")
    assert made["metadata"]["payer"] == "Maria Lopez"
    payment = order.payments.get()
    assert (payment.payer_name, payment.payer_email) == ("Maria Lopez", made["receipt_email"])


def test_receipt_of_a_checkout_without_an_order_goes_where_the_payer_says(sandbox: SandboxClient) -> None:
    intent = intents.open_intent(amount=Decimal("45.00"), customer_name="Ana", customer_email="ana@cafe.test")

    assert at_stripe(sandbox, intent)["receipt_email"] == "ana@cafe.test"


@pytest.mark.parametrize(("method", "status"), [("pm_card_visa", "paid"), ("pm_usBankAccount", "processing")])
def test_intent_that_is_paid_at_the_instant_of_its_end_counts(
    sandbox: SandboxClient, monkeypatch: pytest.MonkeyPatch, method: str, status: str
) -> None:
    order = card_order()
    intents.open_intent(amount=order.balance, order_number=order.number)

    def pay_first(intent_id: str) -> stripe.Intent:
        sandbox.pay_intent(intent_id, method, deliver=False)
        return cancel_intent(intent_id)

    cancel_intent = stripe.cancel_intent
    monkeypatch.setattr(stripe, "cancel_intent", pay_first)

    intents.end_intent(order.payments.get().pk)

    order.refresh_from_db()
    assert order.payment_status == status
