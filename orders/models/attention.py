"""What a person must look at."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import User
from lld.core.columns import MoneyColumn
from orders.enums import (
    AttentionKind,
)
from orders.models.orders import Order
from orders.models.payments import Payment, Refund


class AttentionEntry(models.Model):
    """Something about an order that a person must look at."""

    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="attention")
    kind = models.CharField(max_length=20, choices=AttentionKind)
    detail = models.CharField(max_length=500)
    amount = MoneyColumn(null=True, blank=True)
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="attention")
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="attention")
    assigned_to = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    key = models.CharField(max_length=120, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name_plural = "attention entries"
        indexes: ClassVar = [
            models.Index(fields=["-created_at"], condition=Q(resolved_at=None), name="attention_open"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.detail}"
