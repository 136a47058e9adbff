"""Store credit: a balance a customer, and the ledger that explains it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.models import User
from lld.core.columns import MoneyColumn
from lld.core.money import ZERO
from orders.enums import (
    CreditReason,
)
from orders.models.orders import Order


class CreditAccount(models.Model):
    """A customer's store credit. The ledger's rows add up to the balance."""

    customer = models.OneToOneField(User, models.PROTECT, primary_key=True, related_name="credit_account")
    balance = MoneyColumn(default=ZERO)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(balance__gte=0), name="credit_not_negative")]

    def __str__(self) -> str:
        return f"{self.balance}"


class CreditEntry(models.Model):
    """One line of the store credit ledger."""

    account = models.ForeignKey(CreditAccount, models.PROTECT, related_name="entries")
    order = models.ForeignKey(Order, models.PROTECT, null=True, blank=True, related_name="credit_entries")
    amount = MoneyColumn(help_text="Negative when spent.")
    balance_after = MoneyColumn()
    reason = models.CharField(max_length=12, choices=CreditReason)
    note = models.CharField(max_length=500, blank=True)
    actor = models.CharField(max_length=180)
    key = models.CharField(max_length=120, unique=True, help_text="The same credit is never given twice.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "credit entries"
        indexes: ClassVar = [models.Index(fields=["account", "-created_at"], name="credit_entry_newest")]

    def __str__(self) -> str:
        return f"{self.amount:+}"
