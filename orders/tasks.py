"""Tasks of orders."""

import structlog
from celery import shared_task
from django.utils import timezone

from lld.core import webhooks
from lld.core.errors import DomainError
from lld.core.queue import announce_found
from orders.services import intents, lapsing, links, overpaid, refund_delivery, stripe_events

log = structlog.get_logger(__name__)

# Seconds between two sweeps of unpaid orders, as lld/settings/schedule.py has it.
SWEPT_EVERY = 900


@shared_task
def process_stripe_event(event_pk: int) -> None:
    stripe_events.process_event(event_pk)


@shared_task
def sweep_stripe_events() -> None:
    for event_pk in webhooks.open_events(stripe_events.VENDOR):
        announce_found(process_stripe_event, event_pk)


@shared_task
def catch_up_with_stripe() -> None:
    """Hear of what Stripe could not tell us."""
    try:
        heard = stripe_events.catch_up(since=timezone.now() - stripe_events.REPEATED_FOR, undelivered=True)
    except DomainError as error:
        log.warning("stripe_not_caught_up", code=str(error.code))
        return
    for event_pk in heard:
        announce_found(process_stripe_event, event_pk)


@shared_task
def reconcile_payments() -> None:
    """Finish what a lost answer left open: intents and refunds, each on its own."""
    for payment_id in intents.find_due_checks():
        announce_found(check_payment, payment_id)
    for refund_id in refund_delivery.find_due_refunds():
        announce_found(carry_out_refund, refund_id)


@shared_task
def check_payment(payment_id: int) -> None:
    try:
        intents.check_payment(payment_id)
    except DomainError as error:
        # It has moved on in time, and is tried again then.
        log.warning("payment_check_failed", payment=payment_id, code=str(error.code))


@shared_task
def carry_out_refund(refund_id: int) -> None:
    refund_delivery.carry_out_refund(refund_id)


@shared_task
def expire_payment_links() -> None:
    for link_id in links.find_spent_links():
        announce_found(take_down_link, link_id)


@shared_task
def take_down_link(link_id: int) -> None:
    try:
        links.take_down_link(link_id)
    except DomainError as error:
        log.warning("payment_link_not_taken_down", link=link_id, code=str(error.code))


@shared_task
def sweep_unpaid_orders() -> None:
    """Announce last days, and cancel what nobody has paid by the end of theirs: each order on its own."""
    for order_id in lapsing.find_due_notices():
        announce_found(announce_lapse, order_id, again_in=SWEPT_EVERY)
    for order_id in lapsing.find_lapsed():
        announce_found(lapse_order, order_id, again_in=SWEPT_EVERY)


@shared_task
def sweep_overpaid_orders() -> None:
    for order_id in overpaid.find_overpaid():
        overpaid.attend_overpaid(order_id)


@shared_task
def announce_lapse(order_id: int) -> None:
    lapsing.announce_lapse(order_id)


@shared_task
def lapse_order(order_id: int) -> None:
    try:
        lapsing.lapse_order(order_id)
    except DomainError as error:
        # It stays until Stripe can say that nobody has paid.
        log.warning("order_not_lapsed", order=order_id, code=str(error.code))
