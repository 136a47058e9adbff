"""Orders and their lines."""

from decimal import Decimal
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from catalog.models import Product
from lld.core.columns import MoneyColumn
from lld.core.money import ZERO
from orders.enums import (
    OrderSource,
    OrderStatus,
    PaymentMethod,
    PaymentStatus,
)
from orders.models.searching import LINE_INDEXES, ORDER_INDEXES


class OrderQuerySet(models.QuerySet["Order"]):
    def existing(self) -> "OrderQuerySet":
        """Without what staff deleted."""
        return self.filter(deleted_at=None)

    def counted(self) -> "OrderQuerySet":
        """What statistics and credit count: neither deleted nor cancelled."""
        return self.existing().exclude(status=OrderStatus.CANCELLED)

    def owing(self) -> "OrderQuerySet":
        """On terms, or in any way open: neither cancelled nor settled."""
        return self.counted().filter(balance__gt=0)


class Order(models.Model):
    """One order. `balance` is what is still owed; below zero, what we owe the customer.

    total_amount = subtotal − discount_amount + delivery_fee + tax_amount + adjustment_amount
    balance = total_amount − credit_applied − amount_paid + amount_refunded + going_back + charged_back − written_off,
    and nothing once cancelled; a trigger keeps it so. All from `total_amount` on are the sums of its ledger, but
    `going_back`, which is that of its refunds under way; `services.ledger` alone writes them.
    """

    number = models.CharField(max_length=20, unique=True)
    customer = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="orders")
    status = models.CharField(max_length=10, choices=OrderStatus, default=OrderStatus.PENDING)
    source = models.CharField(max_length=12, choices=OrderSource, default=OrderSource.WEB)
    sales_rep = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    entered_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    delivery_name = models.CharField(max_length=200)
    delivery_first_name = models.CharField(max_length=100, blank=True)
    delivery_last_name = models.CharField(max_length=100, blank=True)
    delivery_company = models.CharField(max_length=200, blank=True)
    delivery_address = models.CharField(max_length=300)
    delivery_city = models.CharField(max_length=100)
    delivery_state = models.CharField(max_length=2)
    delivery_zip = models.CharField(max_length=10)
    delivery_phone = models.CharField(max_length=20, blank=True)
    delivery_phone_extension = models.CharField(max_length=10, blank=True, default="", db_default="")
    delivery_email = models.EmailField(blank=True)
    address_version = models.PositiveIntegerField(
        default=1, db_default=1, help_text="Goes up when where it goes is changed; a label is for one of them."
    )
    billing_address = models.CharField(max_length=500, blank=True)
    special_notes = models.TextField(max_length=2000, blank=True)
    staff_notes = models.TextField(max_length=5000, blank=True)
    assigned_to = models.CharField(max_length=150, blank=True)

    item_count = models.PositiveIntegerField(help_text="Number of lines.")
    subtotal = MoneyColumn()
    discount_amount = MoneyColumn(default=ZERO)
    delivery_fee = MoneyColumn(default=ZERO)
    tax_amount = MoneyColumn(default=ZERO)
    adjustment_amount = MoneyColumn(default=ZERO, help_text="Below zero where the price was lowered afterwards.")
    total_amount = MoneyColumn()
    credit_applied = MoneyColumn(default=ZERO)
    amount_paid = MoneyColumn(default=ZERO)
    amount_refunded = MoneyColumn(default=ZERO)
    charged_back = MoneyColumn(default=ZERO, help_text="Taken back by the payer's bank.")
    written_off = MoneyColumn(default=ZERO)
    going_back = MoneyColumn(
        default=ZERO, db_default=ZERO, help_text="Requested refunds that are not in amount_refunded yet."
    )
    balance = MoneyColumn(default=ZERO, editable=False)
    payment_method = models.CharField(max_length=12, choices=PaymentMethod, default=PaymentMethod.NET30)
    payment_status = models.CharField(max_length=20, choices=PaymentStatus, default=PaymentStatus.UNPAID)
    paid_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(help_text="When the balance is overdue.")

    terms_hold = models.BooleanField(default=False)
    hold_reasons = ArrayField(models.CharField(max_length=20), default=list, blank=True)
    hold_released_at = models.DateTimeField(null=True, blank=True, help_text="Since then it may go out unpaid.")
    hold_released_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")

    kept_at = models.DateTimeField(null=True, blank=True, help_text="Since then it does not lapse.")
    lapse_notice_at = models.DateTimeField(null=True, blank=True, help_text="When its last day was announced.")
    guest_marks = ArrayField(
        models.CharField(max_length=270),
        null=True,
        blank=True,
        editable=False,
        help_text="What a guest is known by, until the order is paid, settled or vouched for.",
    )

    tracking_number = models.CharField(max_length=300, blank=True)
    carrier = models.CharField(max_length=60, blank=True)
    commission_rate = models.DecimalField(max_digits=5, decimal_places=4, null=True, blank=True)

    created_at = models.DateTimeField(default=timezone.now, help_text="Business date; staff may back-date it.")
    entered_at = models.DateTimeField(auto_now_add=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    picked_at = models.DateTimeField(null=True, blank=True)
    packed_at = models.DateTimeField(null=True, blank=True)
    shipped_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    searched = models.TextField(
        default="", editable=False, help_text="Number, name, company and e-mail, plain; kept by a trigger."
    )

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(
                    total_amount=F("subtotal")
                    - F("discount_amount")
                    + F("delivery_fee")
                    + F("tax_amount")
                    + F("adjustment_amount")
                ),
                name="order_total_adds_up",
            ),
            models.CheckConstraint(
                condition=Q(
                    subtotal__gte=0,
                    discount_amount__gte=0,
                    delivery_fee__gte=0,
                    tax_amount__gte=0,
                    total_amount__gte=0,
                ),
                name="order_amounts_not_negative",
            ),
            models.CheckConstraint(condition=Q(discount_amount__lte=F("subtotal")), name="order_discount_limit"),
            models.CheckConstraint(
                condition=Q(
                    credit_applied__gte=0,
                    amount_paid__gte=0,
                    amount_refunded__gte=0,
                    charged_back__gte=0,
                    written_off__gte=0,
                ),
                name="order_money_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(amount_refunded__lte=F("amount_paid")), name="order_never_over_refunded"
            ),
            models.CheckConstraint(
                condition=Q(terms_hold=False) | ~Q(status__in=[OrderStatus.SHIPPED, OrderStatus.DELIVERED]),
                name="order_on_hold_stays_here",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at=None) | Q(status=OrderStatus.CANCELLED), name="order_deleted_is_cancelled"
            ),
        ]
        indexes: ClassVar = [
            models.Index(F("created_at").desc(), F("id").desc(), name="order_newest"),
            models.Index(F("status"), F("created_at").desc(), F("id").desc(), name="order_status_newest"),
            models.Index(F("customer"), F("created_at").desc(), F("id").desc(), name="order_customer_newest"),
            models.Index(F("sales_rep"), F("created_at").desc(), F("id").desc(), name="order_rep_newest"),
            models.Index(F("delivery_phone"), F("created_at").desc(), name="order_phone_newest"),
            models.Index(
                fields=["customer", "due_on"],
                condition=Q(balance__gt=0) & ~Q(status=OrderStatus.CANCELLED),
                name="order_owing",
            ),
            models.Index(fields=["id"], condition=Q(balance__lt=0), name="order_overpaid"),
            models.Index(fields=["customer"], condition=Q(written_off__gt=0), name="order_bad_debt"),
            models.Index(
                fields=["created_at", "id"],
                condition=Q(status__in=[OrderStatus.PENDING, OrderStatus.CONFIRMED, OrderStatus.PACKED]),
                name="order_warehouse",
            ),
            models.Index(
                fields=["created_at"],
                condition=Q(
                    status=OrderStatus.PENDING,
                    source=OrderSource.WEB,
                    balance__gt=0,
                    kept_at=None,
                    hold_released_at=None,
                    deleted_at=None,
                ),
                name="order_may_lapse",
            ),
            GinIndex(fields=["guest_marks"], condition=Q(guest_marks__isnull=False), name="order_guest_marks"),
            *ORDER_INDEXES,
        ]

    def __str__(self) -> str:
        return self.number

    def compute_balance(self) -> Decimal:
        """As the database will have it, from sums that are not saved yet."""
        if self.status == OrderStatus.CANCELLED:
            return ZERO
        left_again = self.amount_refunded + self.going_back + self.charged_back
        owed: Decimal = self.total_amount - self.credit_applied - self.amount_paid + left_again - self.written_off
        return owed


class OrderLine(models.Model):
    """A product as it was sold: names and prices are copies, and stay when the catalogue changes."""

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    product = models.ForeignKey(Product, models.PROTECT, related_name="order_lines")
    product_name = models.CharField(max_length=200)
    product_sku = models.CharField(max_length=40)
    product_brand = models.CharField(max_length=80, blank=True)
    product_unit_size = models.CharField(max_length=60, blank=True)
    quantity = models.PositiveIntegerField()
    unit_price = MoneyColumn()
    is_bulk_price = models.BooleanField(default=False)
    line_total = MoneyColumn()
    unit_cost = MoneyColumn(null=True, blank=True, help_text="Cost of one, frozen at placement.")
    stock_reserved = models.PositiveIntegerField(default=0)
    stock_taken = models.PositiveIntegerField(default=0)
    returned_quantity = models.PositiveIntegerField(default=0, help_text="What staff gave the money back for.")

    class Meta:
        ordering: ClassVar = ["position"]
        indexes: ClassVar = [*LINE_INDEXES]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["order", "product"], name="order_line_once_a_product"),
            models.CheckConstraint(condition=Q(quantity__gte=1), name="order_line_quantity"),
            models.CheckConstraint(
                condition=Q(returned_quantity__lte=F("quantity")), name="order_line_returned_once"
            ),
            models.CheckConstraint(
                condition=Q(line_total=F("unit_price") * F("quantity"), unit_price__gte=0), name="order_line_adds_up"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} × {self.product_sku}"
