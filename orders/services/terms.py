"""Buying on terms: who may, up to what, and what keeps an order waiting."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Sum

from accounts.enums import PaymentTerms
from accounts.models import User
from lld.core.money import ZERO
from orders import rules
from orders.enums import HoldReason, PaymentMethod
from orders.models import Order

# What `reassess_hold` writes.
HELD = ("terms_hold", "hold_reasons", "hold_released_at", "hold_released_by")
_DAYS = {PaymentTerms.NET15: 15, PaymentTerms.NET30: 30, PaymentTerms.NET60: 60}


@dataclass(frozen=True)
class Outlook:
    """How an order on terms would fare; `balance` is what the customer owes already."""

    approved: bool
    hold_reasons: list[HoldReason]
    credit_limit: Decimal | None
    balance: Decimal | None

    @property
    def would_hold(self) -> bool:
        return bool(self.hold_reasons)


def sum_balance(customer: User) -> Decimal:
    """What the customer owes on orders that were not cancelled."""
    return Order.objects.owing().filter(customer=customer).aggregate(owed=Sum("balance"))["owed"] or ZERO


def assess_terms(customer: User | None, total: Decimal) -> Outlook:
    """What placing an order of `total` on terms would come to, as of now."""
    profile = getattr(customer, "profile", None)
    return Outlook(
        approved=bool(profile and profile.approved_for_terms),
        hold_reasons=rules.find_hold_reasons(customer, total),
        credit_limit=profile.credit_limit if profile else None,
        balance=sum_balance(customer) if customer else None,
    )


def reassess_hold(order: Order, balance: Decimal, customer: User | None) -> None:
    """Look at a locked order's terms again that is about to owe `balance`; its `HELD` columns are not saved.

    A release was for what was owed then; terms are met, or not, by what is owed from now on. Lock the customer first.
    """
    if balance > max(order.balance, ZERO):
        order.hold_released_at = order.hold_released_by = None
    elif not order.terms_hold:
        return
    if order.payment_method == PaymentMethod.NET30 and balance > 0:
        left = [reason for reason in order.hold_reasons if reason == HoldReason.MONEY_LEFT]
        found = rules.find_hold_reasons(customer, balance, besides=order)
        order.hold_reasons = [*left, *(str(reason) for reason in found)]
        order.terms_hold = bool(order.hold_reasons)


def compute_due_date(start: date, customer: User | None) -> date:
    """When a balance becomes overdue: the terms' days after shipping, or after placement while not shipped."""
    profile = getattr(customer, "profile", None)
    terms = PaymentTerms(profile.payment_terms) if profile else PaymentTerms.NET30
    return start + timedelta(days=_DAYS[terms])
