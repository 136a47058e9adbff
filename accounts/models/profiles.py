"""What is known of customers and of staff beyond their account."""

from decimal import Decimal
from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.enums import Language, PaymentTerms
from accounts.models.searching import PROFILE_INDEXES
from accounts.models.users import User
from lld.core.columns import MoneyColumn


class CustomerProfile(models.Model):
    """What we know of a customer beyond how to reach them, and the terms they buy on."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="profile")
    company_name = models.CharField(max_length=200, blank=True)
    phone2 = models.CharField(max_length=20, blank=True)
    phone2_extension = models.CharField(max_length=10, blank=True, default="", db_default="")
    shipping_address = models.CharField(max_length=500, blank=True)
    billing_address = models.CharField(max_length=500, blank=True)
    business_type = models.CharField(max_length=80, blank=True)
    business_ein = models.CharField(max_length=20, blank=True)
    resale_certificate = models.CharField(max_length=80, blank=True)
    state_of_operation = models.CharField(max_length=2, blank=True)
    preferred_language = models.CharField(max_length=2, choices=Language, default=Language.ENGLISH)
    approved_for_terms = models.BooleanField(default=False)
    payment_terms = models.CharField(max_length=10, choices=PaymentTerms, default=PaymentTerms.NET30)
    credit_limit = MoneyColumn(default=Decimal("0.00"))
    stripe_customer_id = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(credit_limit__gte=0), name="customer_credit_limit_not_negative"),
        ]
        indexes: ClassVar = [*PROFILE_INDEXES]

    def __str__(self) -> str:
        return self.company_name or str(self.user)


class StaffProfile(models.Model):
    """What only staff have."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="staff_profile")
    commission_rate = models.DecimalField(
        max_digits=5, decimal_places=4, default=Decimal("0.05"), help_text="Share of subtotal less discount."
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(commission_rate__gte=0, commission_rate__lte=1), name="staff_commission_is_a_share"
            ),
        ]

    def __str__(self) -> str:
        return str(self.user)
