"""What calls are about, made when a call first asks for it."""

from decimal import Decimal
from functools import cached_property
from typing import Any, Literal, Self

from accounts.models import ApiKey, User
from accounts.services.keys import create_api_key, revoke_api_key
from catalog.models import Category, Product, ProductImage
from lld.core.actors import SYSTEM
from orders.enums import OrderStatus, PaymentMethod
from orders.models import Order
from orders.services import progress
from orders.services.credit import issue_credit
from orders.services.payments import record_manual_payment
from orders.services.writing_off import write_off_order
from tests.factories import CategoryFactory, CustomerFactory, ProductFactory, StaffFactory, place
from tests.pictures import shown

# Stands in answers only where the cost is shown.
COST = Decimal("6.17")


class World:
    """Rows for calls by `caller`, who is None when nobody is signed in.

    Orders and customers are the caller's, `another`'s (of a customer and a representative of their own), or a guest's
    and so `nobody`'s.
    """

    def __init__(self, caller: User | None = None, *, whose: Literal["own", "another", "nobody"] = "own") -> None:
        self.caller, self.whose = caller, whose

    @classmethod
    def of(cls, client: Any, *, whose: Literal["own", "another", "nobody"] = "own") -> Self:
        """The one of who is behind a client."""
        return cls(getattr(client, "user", None), whose=whose)

    @cached_property
    def account(self) -> User:
        """The caller's; where the caller has none, somebody's."""
        return self.caller if self.caller and self.whose == "own" else CustomerFactory()

    @cached_property
    def customer(self) -> User:
        if self.caller and not self.caller.role and self.whose == "own":
            return self.caller
        customer = CustomerFactory()
        if rep := self._rep():
            place((self.product, 2), customer=customer, payment_method=PaymentMethod.CREDIT_CARD, **rep)
        return customer

    @cached_property
    def other_rep(self) -> User:
        return StaffFactory(role="sales_rep")

    @cached_property
    def rep(self) -> User:
        return self.caller if self.caller and self.caller.role else StaffFactory()

    @cached_property
    def member(self) -> User:
        """Staff, and not the caller."""
        return StaffFactory()

    @cached_property
    def cashier(self) -> User:
        return StaffFactory(role="staff")

    @cached_property
    def category(self) -> Category:
        return CategoryFactory()

    @cached_property
    def product(self) -> Product:
        return ProductFactory(cost_per_item=COST)

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

    @cached_property
    def paid_order(self) -> Order:
        """45.00 in cash."""
        order, _ = record_manual_payment(self.place_order().pk, actor=SYSTEM, method=PaymentMethod.CASH)
        return order

    @cached_property
    def written_off_order(self) -> Order:
        """Gone, and not paid for."""
        return write_off_order(self.order_in(OrderStatus.SHIPPED).pk, actor=SYSTEM, reason="Bankrupt")

    @cached_property
    def customer_with_credit(self) -> User:
        issue_credit(self.customer, Decimal("20.00"), actor=SYSTEM)
        return self.customer

    @cached_property
    def order_on_credit(self) -> Order:
        """Of a customer who has 20.00 of store credit."""
        return place(
            (self.product, 2),
            customer=self.customer_with_credit,
            payment_method=PaymentMethod.CREDIT_CARD,
            **self._rep(),
        )

    def place_order(self, **options: Any) -> Order:
        mine = self._rep()
        if self.whose == "another":
            mine |= {"customer": CustomerFactory()}
        elif not mine and self.caller and self.whose == "own":
            mine = {"customer": self.caller}
        return place((self.product, 2), **{"payment_method": PaymentMethod.CREDIT_CARD, **mine, **options})

    def _rep(self) -> dict[str, Any]:
        if self.whose == "another":
            return {"sales_rep": self.other_rep}
        return {"sales_rep": self.caller} if self.caller and self.caller.role and self.whose == "own" else {}

    @cached_property
    def key(self) -> ApiKey:
        key, self.raw_key = create_api_key(actor=SYSTEM, name="n8n")
        return key

    @cached_property
    def revoked_key(self) -> ApiKey:
        key, _ = create_api_key(actor=SYSTEM, name="revoked")
        return revoke_api_key(key.pk, actor=SYSTEM, by=StaffFactory())
