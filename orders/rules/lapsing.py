"""What is promised to strangers: how many, how long, and whether it lapses."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from lld.core.access import TAKING_MONEY
from lld.core.actors import Actor, is_one_of
from lld.core.errors import Conflict, DomainError, ErrorCode, Forbidden
from orders.enums import OrderSource, OrderStatus, PaymentMethod, PaymentState, PaymentStatus
from orders.errors import TooManyOpenOrders
from orders.models import Order, Payment

# What the program announces before it cancels, and how long a check may be in the post.
LAST_DAY = timedelta(days=1)
CHECKS_ARRIVE_IN = timedelta(days=14)
# Nothing is under way, and nobody is looking at a check.
NOTHING_COMES = frozenset({PaymentStatus.UNPAID, PaymentStatus.FAILED})


def why_not_order_as_guest(open_orders: int) -> DomainError | None:
    """TooManyOpenOrders for a guest who has as many unpaid ones as a guest may."""
    return TooManyOpenOrders() if open_orders >= settings.GUEST_OPEN_ORDERS else None


def is_unanswered(order: Order) -> bool:
    """Whether nothing came for it yet, and nobody has vouched for it."""
    vouched = order.hold_released_at is not None or order.kept_at is not None
    came = order.amount_paid or order.credit_applied or order.payment_status == PaymentStatus.PAID
    return order.status == OrderStatus.PENDING and order.deleted_at is None and not came and not vouched


def lapses(order: Order) -> bool:
    """Whether it is a promise to a stranger, which the program takes back unless money comes.

    An order from the web of a guest, also of one who has made an account since, or one on hold.
    `selectors.promises_to_strangers` says the same to the database.
    """
    strange = order.customer_id is None or order.guest_marks is not None or order.terms_hold
    if order.source != OrderSource.WEB or not strange or not is_unanswered(order):
        return False
    return order.payment_status in NOTHING_COMES and not _has_set_aside(order)


def lapses_at(order: Order) -> datetime | None:
    """When the program cancels it at the earliest: a day after it has announced that. None for never."""
    if not lapses(order):
        return None
    term = unpaid_term(by_check=order.payment_method == PaymentMethod.CHECK)
    return max(order.created_at + term, (order.lapse_notice_at or timezone.now()) + LAST_DAY)


def has_void_notice(order: Order) -> bool:
    """Whether its last day was announced, and something came or a person spoke: should it lapse yet, then anew."""
    return order.status == OrderStatus.PENDING and order.lapse_notice_at is not None and not lapses(order)


def unpaid_term(*, by_check: bool) -> timedelta:
    """How long an order that lapses waits for money."""
    return CHECKS_ARRIVE_IN if by_check else timedelta(hours=settings.UNPAID_ORDER_HOURS)


def why_not_keep(order: Order, by: Actor) -> DomainError | None:
    """Forbidden to who takes no money; Conflict for what does not lapse."""
    if not is_one_of(by, TAKING_MONEY):
        return Forbidden("Your role does not decide how long we wait for money.")
    return None if lapses(order) else Conflict("The order does not lapse.", code=ErrorCode.CONFLICT)


def _has_set_aside(order: Order) -> bool:
    """Whether money waits for a person to say what it is for."""
    back = F("given_back") + F("charged_back")
    return Payment.objects.filter(order=order, state=PaymentState.UNAPPLIED, amount__gt=back).exists()
