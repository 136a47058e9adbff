"""Orders in the situations that tests begin with."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from accounts.models import User
from catalog.models import Product
from lld.core.actors import SYSTEM
from orders.enums import OrderStatus
from orders.models import Order
from orders.services import progress
from tests.factories import CustomerFactory, ProductFactory, place


def order_in(status: str, product: Product | None = None) -> Order:
    """Two of a product, to be paid by card, and moved on to this status."""
    order = place((product or ProductFactory(), 2), payment_method="credit_card")
    if status == "cancelled":
        return progress.cancel_order(order.pk, actor=SYSTEM)
    if status != "pending":
        return progress.advance_order(order.pk, OrderStatus(status), actor=SYSTEM)
    return order


def strange(*items: tuple[Product, int], **options: Any) -> Order:
    """A guest's order that nobody has vouched for, of 45.00 by card unless said otherwise."""
    return place(*items, **{"payment_method": "credit_card", "released": False, **options})


def pending() -> Order:
    """An order that a check is to pay."""
    return place(payment_method="check")


def in_status(status: OrderStatus) -> Callable[[], Order]:
    """What makes such orders in this status."""
    return lambda: progress.advance_order(pending().pk, status, actor=SYSTEM)


def cancelled() -> Order:
    return progress.cancel_order(pending().pk, actor=SYSTEM)


def on_terms(customer: User | None) -> Order:
    """An order of 45.00 on terms."""
    return place((ProductFactory(), 2), customer=customer)


def approved_order(**options: Any) -> Order:
    """An order on terms that may go out."""
    return place(customer=CustomerFactory(terms=Decimal("5000.00")), **options)
