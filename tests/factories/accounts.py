"""Customers and staff."""

from decimal import Decimal
from typing import Any

import factory
from django.contrib.auth.hashers import make_password

from accounts.enums import AuthProvider
from accounts.models import CustomerProfile, StaffProfile, User
from lld.core.access import Role

PASSWORD = "correct-horse-battery"


class CustomerFactory(factory.django.DjangoModelFactory[User]):
    """A verified customer who can sign in with PASSWORD. `terms` is the credit limit of approved terms."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"customer{n}")
    email = factory.Sequence(lambda n: f"customer{n}@example.test")
    phone = factory.Sequence(lambda n: f"+1312556{n:04}")
    first_name = "Maria"
    last_name = "Lopez"
    email_verified = True
    phone_verified = True
    auth_provider = AuthProvider.EMAIL
    password = factory.LazyFunction(lambda: make_password(PASSWORD))

    @factory.post_generation
    def terms(self, create: bool, limit: Any, **_: Any) -> None:
        CustomerProfile.objects.create(
            user=self,
            company_name="Taqueria La Milpa",
            approved_for_terms=limit is not None,
            credit_limit=limit or Decimal("0.00"),
        )


class StaffFactory(factory.django.DjangoModelFactory[User]):
    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"staff{n}")
    email = factory.Sequence(lambda n: f"staff{n}@lld.test")
    role = Role.STAFF
    email_verified = True
    auth_provider = AuthProvider.STAFF
    password = factory.LazyFunction(lambda: make_password(PASSWORD))

    @factory.post_generation
    def profile(self, create: bool, extracted: Any, **_: Any) -> None:
        StaffProfile.objects.create(user=self)
