"""What customers do: order, pay, come back."""

import io
from decimal import Decimal
from random import Random

from lld.core.actors import GUEST, SYSTEM
from orders.enums import LinkState, PaymentMethod
from orders.services import checks, credit, intents, payments
from orders.services.placement import Placement, place_order
from orders.services.quoting import Item
from tests.factories import DELIVERY
from tests.pictures import picture
from tests.soak.world import NotNow, Play, one_of

METHODS = [PaymentMethod.NET30, PaymentMethod.CREDIT_CARD, PaymentMethod.ACH, PaymentMethod.CHECK]
CARDS = ["pm_card_visa"] * 4 + ["pm_card_pendingRefund", "pm_card_refundFail"]
DECLINED = ["pm_card_chargeDeclined", "pm_card_chargeDeclinedInsufficientFunds"]
BANKS = ["pm_usBankAccount_success", "pm_usBankAccount_insufficientFunds"]
PICTURE = picture(size=(8, 8))


def place(play: Play, dice: Random) -> None:
    if len(play.orders) >= 2:
        raise NotNow
    products = dice.sample(play.world.products, dice.randint(1, 3))
    placement = Placement(
        items=[Item(dice.choice([1, 2, 13]), product.pk) for product in products],
        delivery={**DELIVERY, "delivery_name": play.name, "delivery_email": ""},
        payment_method=dice.choice(METHODS),
        customer_id=play.customer.pk if play.customer else None,
        delivery_fee=Decimal(dice.choice([0, 0, 15])),
    )
    place_order(placement, actor=play.customer.as_actor() if play.customer else GUEST)


def open_intent(play: Play, dice: Random) -> None:
    order = play.order(dice)
    intent = intents.open_intent(amount=order.balance, order_number=order.number, customer_email=play.email)
    play.intents.append(intent.id)


def open_intent_at_checkout(play: Play, dice: Random) -> None:
    """Before there is an order; with the sum of the one that is there, so that it may be confirmed for it."""
    order = play.order(dice)
    amount = order.total_amount if dice.random() < 0.8 else order.total_amount + 1
    intent = intents.open_intent(amount=amount, customer_email=play.email)
    play.intents.append(intent.id)


def pay(play: Play, dice: Random, method: str) -> None:
    # Mostly the newest page that they have open.
    intent = play.intents[-1] if play.intents and dice.random() < 0.8 else one_of(play.intents, dice)
    play.world.sandbox.pay_intent(intent, method, deliver=False)


def pay_by_card(play: Play, dice: Random) -> None:
    pay(play, dice, dice.choice(CARDS))


def pay_by_bank(play: Play, dice: Random) -> None:
    pay(play, dice, dice.choice(BANKS))


def pay_in_vain(play: Play, dice: Random) -> None:
    pay(play, dice, dice.choice(DECLINED))


def confirm(play: Play, dice: Random) -> None:
    """The shop's page tells us that it was paid."""
    payments.confirm_intent(order_number=play.order(dice).number, intent_id=one_of(play.intents, dice))


def open_page(play: Play, dice: Random) -> None:
    link = one_of([link for link in play.links if link.link_id], dice)
    session = play.world.sandbox.open_link(str(link.link_id))
    if "id" in session:
        play.pages.append(session["id"])


def pay_on_page(play: Play, dice: Random) -> None:
    method = dice.choice([*CARDS, *DECLINED, *BANKS])
    if play.pages and dice.random() < 0.5:
        play.world.sandbox.pay_session(dice.choice(play.pages), method, deliver=False)
        return
    link = one_of([link for link in play.links if link.state == LinkState.ACTIVE], dice)
    play.world.sandbox.pay_link(str(link.link_id), method, deliver=False)


def send_check(play: Play, dice: Random) -> None:
    checks.upload_check(play.order(dice).number, front=io.BytesIO(PICTURE), back=None, actor=GUEST)


def get_credit(play: Play, dice: Random) -> None:
    if play.customer is None:
        raise NotNow
    credit.issue_credit(play.customer, Decimal(dice.choice(["5.00", "12.34", "300.00", "-3.00"])), actor=SYSTEM)
