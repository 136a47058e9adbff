"""Money that comes and goes for orders, and the links that ask for it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from lld.core.columns import MoneyColumn
from orders.enums import (
    LinkState,
    PaymentMethod,
    PaymentState,
    RefundState,
)
from orders.models.orders import Order


class Payment(models.Model):
    """Money for an order, by any way. The row exists before the vendor is asked, and outlives every answer."""

    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="payments")
    method = models.CharField(max_length=12, choices=PaymentMethod)
    state = models.CharField(max_length=10, choices=PaymentState)
    amount = MoneyColumn()
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
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.method} {self.state}"

    @property
    def stripe_key(self) -> str:
        """The idempotency key of creating it at Stripe."""
        return f"payment:{self.pk}"


class PaymentLink(models.Model):
    """A Stripe page for an order's balance, taken down by us when it expires."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="payment_links")
    amount = MoneyColumn()
    state = models.CharField(max_length=10, choices=LinkState, default=LinkState.CREATING)
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

    @property
    def stripe_key(self) -> str:
        return f"payment-link:{self.pk}"


class Refund(models.Model):
    """Money given back for one payment: at most one a payment, so it can never be doubled."""

    payment = models.OneToOneField(Payment, models.PROTECT, related_name="refund")
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="refunds")
    amount = MoneyColumn()
    state = models.CharField(max_length=10, choices=RefundState)
    refund_id = models.CharField(max_length=80, null=True, blank=True, unique=True)
    reason = models.CharField(max_length=200)
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
        return f"{self.amount} {self.state}"

    @property
    def stripe_key(self) -> str:
        return f"refund:{self.pk}"
