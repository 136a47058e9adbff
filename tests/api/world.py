"""What calls are about, made when a call first asks for it."""

from functools import cached_property
from typing import Any, Self

from accounts.models import ApiKey, User
from accounts.services.keys import create_api_key, revoke_api_key
from catalog.models import Category, Product, ProductImage
from lld.core.actors import SYSTEM
from orders.enums import OrderStatus, PaymentMethod
from orders.models import Order
from orders.services import progress
from tests.factories import CategoryFactory, CustomerFactory, ProductFactory, StaffFactory, place
from tests.pictures import shown


class World:
    """Rows for calls by `caller`, who is None when nobody is signed in. Orders are the caller's."""

    def __init__(self, caller: User | None = None) -> None:
        self.caller = caller

    @classmethod
    def of(cls, client: Any) -> Self:
        """The one of who is behind a client."""
        return cls(getattr(client, "user", None))

    @cached_property
    def account(self) -> User:
        """The caller's; where the caller has none, somebody's."""
        return self.caller or CustomerFactory()

    @cached_property
    def customer(self) -> User:
        return self.caller if self.caller and not self.caller.role else CustomerFactory()

    @cached_property
    def rep(self) -> User:
        return self.caller if self.caller and self.caller.role else StaffFactory()

    @cached_property
    def member(self) -> User:
        """Staff, and not the caller."""
        return StaffFactory()

    @cached_property
    def category(self) -> Category:
        return CategoryFactory()

    @cached_property
    def product(self) -> Product:
        return ProductFactory()

    @cached_property
    def products(self) -> list[Product]:
        return [self.product]

    @cached_property
    def pictures(self) -> list[ProductImage]:
        """The product's gallery."""
        return shown(self.product, 2)

    @cached_property
    def order(self) -> Order:
        """Pending and unpaid, 45.00 by card."""
        return self.place_order()

    def order_in(self, status: OrderStatus) -> Order:
        """One more order, which has come this far."""
        return progress.advance_order(self.place_order().pk, status, actor=SYSTEM)

    @cached_property
    def held_order(self) -> Order:
        """On terms that its customer does not have."""
        return self.place_order(payment_method=PaymentMethod.NET30)

    def place_order(self, **options: Any) -> Order:
        mine = {"sales_rep" if self.caller.role else "customer": self.caller} if self.caller else {}
        return place((self.product, 2), **{"payment_method": PaymentMethod.CREDIT_CARD, **mine, **options})

    @cached_property
    def key(self) -> ApiKey:
        key, self.raw_key = create_api_key(actor=SYSTEM, name="n8n")
        return key

    @cached_property
    def revoked_key(self) -> ApiKey:
        key, _ = create_api_key(actor=SYSTEM, name="revoked")
        return revoke_api_key(key.pk, actor=SYSTEM, by=StaffFactory())
