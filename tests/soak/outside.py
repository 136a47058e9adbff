"""What happens outside: banks decide, somebody is at Stripe's dashboard, webhooks come late, time goes by."""

from datetime import timedelta
from random import Random
from typing import Any

from django.utils import timezone

from lld.core import outbox
from lld.core.errors import DomainError
from lld.core.models import OutboxMessage
from lld.gateways import stripe
from orders.enums import PaymentState, RefundState
from orders.services import intents, links, refund_delivery, stripe_events
from tests.soak.world import NotNow, Play, one_of


def _one_intent(play: Play, dice: Random, *states: PaymentState) -> str:
    """An intent of these states, as we know them; Stripe may know better."""
    found = [payment.intent_id for payment in play.payments if payment.intent_id and payment.state in states]
    return str(one_of(found, dice))


def settle_transfer(play: Play, dice: Random) -> None:
    intent = _one_intent(play, dice, PaymentState.PROCESSING, PaymentState.OPEN)
    play.world.sandbox.settle_intent(intent, dice.choice(["succeeded", "succeeded", "failed"]), deliver=False)


def return_transfer(play: Play, dice: Random) -> None:
    """Or the cardholder's bank takes it back, at once and for good."""
    intent = _one_intent(play, dice, PaymentState.SUCCEEDED, PaymentState.UNAPPLIED)
    play.world.sandbox.dispute_intent(intent, reason="insufficient_funds", status="lost", deliver=False)


def dispute(play: Play, dice: Random) -> None:
    intent = _one_intent(play, dice, PaymentState.SUCCEEDED, PaymentState.UNAPPLIED, PaymentState.OPEN)
    amount = None if dice.random() < 0.7 else dice.randint(1, 1000)
    play.world.sandbox.dispute_intent(intent, amount, deliver=False)


def _one_dispute(play: Play, dice: Random) -> str:
    # As Stripe has it: our row may not be there yet.
    mine = {payment.intent_id for payment in play.payments}
    if not mine:
        raise NotNow
    disputes = play.world.sandbox.objects("dispute")[0]
    return str(one_of([dispute["id"] for dispute in disputes if dispute["payment_intent"] in mine], dice))


def contest(play: Play, dice: Random) -> None:
    play.world.sandbox.contest_dispute(_one_dispute(play, dice), deliver=False)


def decide_dispute(play: Play, dice: Random) -> None:
    play.world.sandbox.close_dispute(_one_dispute(play, dice), dice.choice(["won", "lost"]), deliver=False)


def refund_in_dashboard(play: Play, dice: Random) -> None:
    intent = _one_intent(play, dice, PaymentState.SUCCEEDED, PaymentState.UNAPPLIED, PaymentState.OPEN)
    amount = None if dice.random() < 0.4 else dice.randint(1, 2500)
    play.world.sandbox.refund_in_dashboard(intent, amount, deliver=False)


def settle_refund(play: Play, dice: Random) -> None:
    accepted = {RefundState.PENDING, RefundState.SUCCEEDED}
    found = [refund.refund_id for refund in play.refunds if refund.refund_id and refund.state in accepted]
    refund_id = str(one_of(found, dice))
    play.world.sandbox.settle_refund(refund_id, dice.choice(["succeeded", "failed"]), deliver=False)


def hear(play: Play, dice: Random) -> None:
    """Webhooks come, in any order, some of them twice; some do not come."""
    play.listen()
    if not play.untold:
        raise NotNow
    dice.shuffle(play.untold)
    for _ in range(dice.randint(1, min(4, len(play.untold)))):
        event = play.untold[-1] if dice.random() < 0.1 else play.untold.pop()
        hear_event(event)
        if not play.untold:
            return


def hear_event(event: Any) -> None:
    if event["type"] not in stripe_events.KINDS:
        return
    event_pk = stripe_events.store_event(stripe._event(event))
    if event_pk is not None:
        stripe_events.process_event(event_pk)


def work(play: Play, dice: Random) -> None:
    """The worker's sweeps, as far as they are due for this sequence."""
    now = timezone.now()
    for key in OutboxMessage.objects.filter(state="pending", due_at__lte=now).values_list("key", flat=True):
        if any(order.number in key for order in play.orders):
            outbox.deliver(key)
    due = set(intents.find_due_checks())
    for payment in play.payments:
        if payment.pk in due:
            _try(intents.check_payment, payment.pk)
    for refund in play.refunds:
        refund_delivery.carry_out_refund(refund.pk)
    for order in play.orders:
        for link_id in links.find_spent_links(order_id=order.pk):
            _try(links.take_down_link, link_id)


def _try(task: Any, pk: int) -> None:
    """As the task does it: the next sweep tries again."""
    try:
        task(pk)
    except DomainError:
        return


def wait(play: Play, dice: Random) -> None:
    if timezone.now() - play.world.began > timedelta(days=8):
        raise NotNow
    play.world.wait(dice.choice([timedelta(minutes=6), timedelta(hours=1), timedelta(hours=21), timedelta(days=4)]))
