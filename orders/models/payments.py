"""Money that comes and goes for orders, and the links that ask for it."""

from decimal import Decimal
from typing import ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import F, Q

from lld.core.columns import MoneyColumn
from lld.core.money import ZERO
from orders.enums import (
    LinkState,
    PaymentMethod,
    PaymentState,
    RefundDestination,
    RefundState,
)
from orders.models.orders import Order


def new_stripe_key() -> str:
    """An idempotency key, and how Stripe's own lists name the row: of chance, so that neither a restored database nor
    another one on the same account repeats it."""
    return f"lld_{uuid4().hex}"


class Payment(models.Model):
    """Money for an order, by any way. The row exists before the vendor is asked, and outlives every answer."""

    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="payments")
    method = models.CharField(max_length=12, choices=PaymentMethod)
    state = models.CharField(max_length=10, choices=PaymentState)
    amount = MoneyColumn()
    given_back = MoneyColumn(default=ZERO, help_text="What refunds were requested of, whatever became of them.")
    charged_back = MoneyColumn(default=ZERO, help_text="What the payer's bank has taken back.")
    stripe_key = models.CharField(max_length=80, unique=True, default=new_stripe_key, editable=False)
    intent_id = models.CharField(
        max_length=80, null=True, blank=True, unique=True, help_text="Stripe's PaymentIntent."
    )
    payer_name = models.CharField(max_length=200, blank=True)
    payer_email = models.EmailField(blank=True)
    note = models.CharField(max_length=500, blank=True)
    recorded_by = models.CharField(max_length=180, blank=True)
    failure = models.CharField(max_length=500, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True, help_text="When to ask Stripe again.")
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="payment_positive"),
            models.CheckConstraint(
                condition=Q(given_back__gte=0, given_back__lte=F("amount")), name="payment_not_given_back_twice"
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=Q(state__in=[PaymentState.CREATING, PaymentState.OPEN]),
                name="payment_one_open_intent",
            ),
            models.CheckConstraint(
                condition=Q(order__isnull=False)
                | Q(state__in=["creating", "open", "failed", "cancelled", "unapplied"]),
                name="payment_settled_has_order",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["next_check_at"], condition=~Q(next_check_at=None), name="payment_unsettled"),
            models.Index(fields=["settled_at"], name="payment_settled"),
        ]

    def __str__(self) -> str:
        return f"{self.amount} by {self.get_method_display().lower()}, {self.shown_state.lower()}"

    @property
    def shown_state(self) -> str:
        """For people: a check that came back has not just succeeded."""
        bounced = self.intent_id is None and self.charged_back
        return "Bounced" if bounced else str(self.get_state_display())

    @property
    def left(self) -> Decimal:
        """What can still be given back."""
        left: Decimal = self.amount - self.given_back - self.charged_back
        return max(left, ZERO)


class PaymentLink(models.Model):
    """A Stripe page for an order's balance, taken down by us when it expires."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="payment_links")
    amount = MoneyColumn()
    state = models.CharField(max_length=10, choices=LinkState, default=LinkState.CREATING)
    stripe_key = models.CharField(max_length=80, unique=True, default=new_stripe_key, editable=False)
    link_id = models.CharField(max_length=80, null=True, blank=True, unique=True)
    url = models.CharField(max_length=500, blank=True)
    expires_at = models.DateTimeField()
    created_by = models.CharField(max_length=180)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["expires_at"],
                condition=Q(state__in=[LinkState.CREATING, LinkState.ACTIVE]),
                name="payment_link_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} until {self.expires_at:%Y-%m-%d}"


class Refund(models.Model):
    """Money given back of one payment. `key` is what it is for: the same is never given back twice."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="refunds")
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="refunds")
    key = models.CharField(max_length=120, unique=True)
    amount = MoneyColumn()
    destination = models.CharField(max_length=10, choices=RefundDestination)
    stripe_key = models.CharField(max_length=80, unique=True, default=new_stripe_key, editable=False)
    state = models.CharField(max_length=10, choices=RefundState)
    refund_id = models.CharField(max_length=80, null=True, blank=True, unique=True)
    reason = models.CharField(max_length=200)
    requested_by = models.CharField(max_length=180, blank=True)
    handed_out_by = models.CharField(max_length=180, blank=True)
    note = models.CharField(max_length=500, blank=True, help_text="How it was handed out.")
    round = models.PositiveSmallIntegerField(default=1, help_text="Goes up when staff send one that failed again.")
    error = models.CharField(max_length=500, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_try_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(amount__gt=0), name="refund_positive")]
        indexes: ClassVar = [
            models.Index(fields=["next_try_at"], condition=~Q(next_try_at=None), name="refund_unsettled"),
        ]

    def __str__(self) -> str:
        return f"{self.amount}, {self.get_state_display().lower()}"
