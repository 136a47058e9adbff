"""Promises to strangers lapse: unpaid orders of guests, and those on hold, are announced and then cancelled.

What lapses, and when, is derived (`rules.lapses`, `rules.lapses_at`); kept is only when the last day was announced.
"""

from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from lld.core.actors import SYSTEM
from orders import locks, rules, selectors
from orders.enums import LinkState, PaymentMethod
from orders.models import Order, Payment, PaymentLink
from orders.services import intents, links, notifications, progress, saving

# Notices of one sweep: after long silence mails leave over hours, and cancellations follow them no faster.
MOST_NOTICES = 500
REASON = "Not paid in time"


def find_due_notices() -> list[int]:
    """Orders whose last day is to be announced, the oldest first."""
    waiting = selectors.promises_to_strangers().filter(_waited(ahead=rules.LAST_DAY), lapse_notice_at=None)
    return list(waiting.order_by("created_at").values_list("pk", flat=True)[:MOST_NOTICES])


def find_lapsed() -> list[int]:
    """Orders whose last day is over, the oldest first. All of them: one that cannot be cancelled delays no other."""
    announced = Q(lapse_notice_at__lte=timezone.now() - rules.LAST_DAY)
    over = selectors.promises_to_strangers().filter(_waited(), announced)
    return list(over.order_by("created_at").values_list("pk", flat=True))


@transaction.atomic
def announce_lapse(order_id: int) -> None:
    """Tell the customer that the last day has begun, unless it was told, or the order does not lapse any more."""
    order = locks.lock_order_even_deleted(order_id)
    at = rules.lapses_at(order)
    if at is None or order.lapse_notice_at is not None or at > timezone.now() + rules.LAST_DAY:
        return
    order.lapse_notice_at = timezone.now()
    saving.save_order(order, "lapse_notice_at")
    notifications.notify_order_lapses(order, at)


def lapse_order(order_id: int) -> None:
    """Cancel an order whose last day is over. GatewayError, and nothing is cancelled, when Stripe cannot be asked.

    What could still pay it is ended at Stripe first: who has paid keeps the order, also when no webhook told us.
    """
    if not _is_over(Order.objects.get(pk=order_id)):
        return
    _end_demands(order_id)
    with transaction.atomic():
        order = locks.lock_order_even_deleted(order_id)
        # Money that has come meanwhile, or a word of staff, had the lock before us.
        if _is_over(order):
            order = progress.cancel_order(order_id, actor=SYSTEM, reason=REASON, notify=False)
            notifications.notify_order_lapsed(order)


def _waited(*, ahead: timedelta = timedelta(0)) -> Q:
    """Whether an order has waited for its time, or will have so much later: `rules.unpaid_term` for the database."""
    by_check, then = Q(payment_method=PaymentMethod.CHECK), timezone.now() + ahead
    return (by_check & Q(created_at__lte=then - rules.unpaid_term(by_check=True))) | (
        ~by_check & Q(created_at__lte=then - rules.unpaid_term(by_check=False))
    )


def _is_over(order: Order) -> bool:
    """Whether its time is over, and its last day, which begins when the notice has left us."""
    at = rules.lapses_at(order)
    if at is None or order.lapse_notice_at is None or at > timezone.now():
        return False
    waits, left_at = notifications.find_notice(order)
    return not waits and (left_at or order.lapse_notice_at) <= timezone.now() - rules.LAST_DAY


def _end_demands(order_id: int) -> None:
    """Close what asks for an order's money at Stripe, and write down what was paid by it."""
    standing = PaymentLink.objects.filter(order=order_id, state__in=[LinkState.CREATING, LinkState.ACTIVE])
    for link_id in standing.order_by("pk").values_list("pk", flat=True):
        links.take_down_link(link_id)
    followed = Payment.objects.filter(order=order_id, intent_id__isnull=False, next_check_at__isnull=False)
    for payment_id in followed.order_by("pk").values_list("pk", flat=True):
        intents.end_intent(payment_id)
