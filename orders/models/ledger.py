"""The money of an order, entry by entry."""

from typing import ClassVar

from django.db import models
from django.utils import timezone

from lld.core.columns import MoneyColumn
from orders.enums import EntryKind
from orders.models.orders import Order
from orders.models.payments import Payment, Refund


class LedgerEntry(models.Model):
    """One change of what an order owes. Only ever added: the database refuses to change or delete one.

    An order's columns are the sums of its entries, and the database refuses to commit one whose are not.
    """

    order = models.ForeignKey(Order, models.PROTECT, related_name="ledger")
    kind = models.CharField(max_length=10, choices=EntryKind)
    amount = MoneyColumn(help_text="What it adds to the balance: negative for money that came in.")
    payment = models.ForeignKey(Payment, models.PROTECT, null=True, blank=True, related_name="entries")
    refund = models.ForeignKey(Refund, models.PROTECT, null=True, blank=True, related_name="entries")
    note = models.CharField(max_length=500, blank=True)
    actor = models.CharField(max_length=180)
    key = models.CharField(max_length=120, unique=True, help_text="The same change is never posted twice.")
    happened_at = models.DateTimeField(default=timezone.now, help_text="Business date; staff may back-date it.")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "ledger entries"
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["order", "id"], name="ledger_entry_of_order"),
            models.Index(fields=["happened_at"], name="ledger_entry_happened"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount:+}"
