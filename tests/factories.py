"""Rows for tests, made the way the product makes them where a service exists."""

from decimal import Decimal
from typing import Any

import factory
from django.contrib.auth.hashers import make_password
from rest_framework.test import APIClient

from accounts.enums import AuthProvider
from accounts.models import CustomerProfile, StaffProfile, User
from accounts.services.keys import create_api_key
from accounts.services.sign_in import issue_staff_token
from catalog.models import Category, Product
from lld.core.access import Role, Scope
from lld.core.actors import GUEST, SYSTEM
from orders.models import Order
from orders.services.placement import Placement, place_order
from orders.services.quoting import Item

PASSWORD = "correct-horse-battery"

DELIVERY = {
    "delivery_name": "Maria Lopez",
    "delivery_company": "Taqueria La Milpa",
    "delivery_address": "1845 S Blue Island Ave",
    "delivery_city": "Chicago",
    "delivery_state": "IL",
    "delivery_zip": "60608",
    "delivery_phone": "+13125550147",
    "delivery_email": "maria@lamilpa.test",
}


class CategoryFactory(factory.django.DjangoModelFactory[Category]):
    class Meta:
        model = Category

    name = factory.Sequence(lambda n: f"Category {n}")
    slug = factory.Sequence(lambda n: f"category-{n}")


class ProductFactory(factory.django.DjangoModelFactory[Product]):
    """List price 10.00, bulk price 8.00 from 12, cost 6.00, stock not counted."""

    class Meta:
        model = Product

    sku = factory.Sequence(lambda n: f"SKU-{n:05}")
    name = factory.Sequence(lambda n: f"Sheet pan {n}")
    slug = factory.Sequence(lambda n: f"sheet-pan-{n}")
    category = factory.SubFactory(CategoryFactory)
    brand = "Vollrath"
    unit_size = "each"
    unit_price = Decimal("10.00")
    bulk_price = Decimal("8.00")
    bulk_quantity = 12
    cost_per_item = Decimal("6.00")


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


def as_staff(role: Role = Role.ADMIN, *, user: User | None = None) -> APIClient:
    """A client with the Bearer token of a member of staff, who is `client.user`."""
    member = user or StaffFactory(role=role)
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {issue_staff_token(member)}")
    client.user = member
    return client


def as_customer(user: User | None = None) -> APIClient:
    """A client with a customer's session and CSRF token, who is `client.user`."""
    customer = user or CustomerFactory()
    client = APIClient(enforce_csrf_checks=True)
    answer = client.post("/api/login", {"username": customer.username, "password": PASSWORD})
    assert answer.status_code == 200, answer.content
    client.credentials(HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value)
    client.user = customer
    return client


def as_key(*scopes: Scope) -> APIClient:
    """A client with an API key of exactly these scopes."""
    _, raw = create_api_key(actor=SYSTEM, name="test", scopes=scopes)
    client = APIClient(enforce_csrf_checks=True)
    client.credentials(HTTP_X_API_KEY=raw)
    return client


def place(*items: tuple[Product, int], customer: User | None = None, **options: Any) -> Order:
    """An order placed by the service, as the web does it. Without items: two of a new product."""
    lines = items or ((ProductFactory(), 2),)
    placement = Placement(
        items=[Item(quantity, product.pk) for product, quantity in lines],
        delivery={**DELIVERY, **options.pop("delivery", {})},
        customer_id=customer.pk if customer else None,
        **options,
    )
    return place_order(placement, actor=customer.as_actor() if customer else GUEST)


def order_body(*items: tuple[Product, int], **changes: Any) -> dict[str, Any]:
    """The body of POST /api/orders."""
    return {
        "items": [{"product_id": product.pk, "quantity": quantity} for product, quantity in items],
        **DELIVERY,
        **changes,
    }
