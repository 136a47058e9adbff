"""Checks that customers sent as pictures."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from lld.core.columns import MoneyColumn
from orders.enums import CheckState
from orders.models.orders import Order
from orders.models.payments import Payment


class Check(models.Model):
    """A paper check for an order, looked at by staff. Its pictures are private files, named by chance."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="checks")
    state = models.CharField(max_length=10, choices=CheckState, default=CheckState.REVIEW)
    front = models.CharField(max_length=120)
    back = models.CharField(max_length=120, blank=True)
    number = models.CharField(max_length=40, blank=True)
    written_on = models.DateField(null=True, blank=True)
    amount = MoneyColumn(null=True, blank=True)
    payment = models.OneToOneField(Payment, models.PROTECT, null=True, blank=True, related_name="check_sent")
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was rejected.")
    uploaded_by = models.CharField(max_length=180)
    created_at = models.DateTimeField(auto_now_add=True)
    decided_by = models.CharField(max_length=180, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["order"], condition=Q(state=CheckState.REVIEW), name="check_one_in_review"
            ),
            models.CheckConstraint(
                condition=Q(payment=None) | Q(state=CheckState.APPROVED), name="check_paid_is_approved"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["created_at"], condition=Q(state=CheckState.REVIEW), name="check_in_review"),
            models.Index(fields=["number"], condition=~Q(number=""), name="check_number"),
        ]

    def __str__(self) -> str:
        return f"Check {self.number}, {self.get_state_display().lower()}".replace(" ,", ",")
