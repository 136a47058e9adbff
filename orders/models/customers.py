"""What is kept of a customer as their orders change."""

from typing import ClassVar

from django.db import models

from accounts.models import User
from lld.core.columns import MoneyColumn
from lld.core.money import ZERO


class CustomerStats(models.Model):
    """What lists show of a customer, kept in the transaction of every change instead of summed a request."""

    customer = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="stats")
    order_count = models.PositiveIntegerField(default=0)
    total_spent = MoneyColumn(default=ZERO)
    first_order_at = models.DateTimeField(null=True, blank=True)
    last_order_at = models.DateTimeField(null=True, blank=True)
    last_order_amount = MoneyColumn(null=True, blank=True)

    class Meta:
        verbose_name_plural = "customer statistics"
        indexes: ClassVar = [
            models.Index(fields=["last_order_at"], name="customer_stats_last_order"),
            models.Index(fields=["-total_spent"], name="customer_stats_spent"),
        ]

    def __str__(self) -> str:
        return f"{self.order_count} orders, {self.total_spent}"
