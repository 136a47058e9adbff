"""Payments that their payer's bank takes back, or asks about."""

from django.db import models

from lld.core.columns import MoneyColumn
from lld.core.money import ZERO
from orders.enums import DisputeState
from orders.models.payments import Payment


class Dispute(models.Model):
    """A dispute at Stripe, as it stands there. A bank's return of a transfer is one, too, and lost at once."""

    payment = models.ForeignKey(Payment, models.PROTECT, related_name="disputes")
    dispute_id = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=10, choices=DisputeState)
    amount = MoneyColumn()
    taken = MoneyColumn(default=ZERO, help_text="What the bank has taken from us, less what it gave back.")
    reason = models.CharField(max_length=80, blank=True)
    answer_by = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.amount}, {self.get_state_display().lower()}"
