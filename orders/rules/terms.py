"""Whether a customer's terms carry an order that goes out unpaid."""

from decimal import Decimal

from django.db.models import Q, Sum

from accounts.models import User
from lld.core.clock import business_today
from lld.core.money import ZERO
from orders.enums import HoldReason
from orders.models import Order


def find_hold_reasons(customer: User | None, total: Decimal, *, besides: Order | None = None) -> list[HoldReason]:
    """Why an order of `total` on terms must wait; empty when it need not. Lock the customer before placing one.

    `besides` is the order itself, when it exists already. Bad debt counts as overdue: that it was given up does
    not make anyone's terms good again.
    """
    if not total:
        # Nothing will be owed, so nobody's terms are touched.
        return []
    profile = getattr(customer, "profile", None)
    if customer is None or profile is None or not profile.approved_for_terms:
        return [HoldReason.NOT_APPROVED]
    others = Order.objects.owing().filter(customer=customer)
    if besides is not None:
        others = others.exclude(pk=besides.pk)
    figures = others.aggregate(owed=Sum("balance"), overdue=Sum("balance", filter=Q(due_on__lt=business_today())))
    reasons = []
    if (figures["owed"] or ZERO) + total > profile.credit_limit:
        reasons.append(HoldReason.OVER_LIMIT)
    if figures["overdue"] or Order.objects.counted().filter(customer=customer, written_off__gt=0).exists():
        reasons.append(HoldReason.OVERDUE)
    return reasons
