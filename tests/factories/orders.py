"""Orders, and the bodies that ask for them."""

from typing import Any

from accounts.models import User
from catalog.models import Product
from lld.core.actors import GUEST
from orders.enums import PaymentMethod
from orders.models import Order
from orders.services import intents, payments
from orders.services.placement import Placement, place_order
from orders.services.quoting import Item
from sandbox.testing import SandboxClient
from tests.factories.catalog import ProductFactory

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

# The body of PUT …/status that cancels whatever came in.
CANCELLING = {"status": "cancelled", "reason": "Closed"}


def place(*items: tuple[Product, int], customer: User | None = None, released: bool = True, **options: Any) -> Order:
    """An order placed by the service, as the web does it. Without items: two of a new product.

    It may go out unpaid, as if a manager had said so, unless it is held or not `released`.
    """
    lines = items or ((ProductFactory(), 2),)
    placement = Placement(
        items=[Item(quantity, product.pk) for product, quantity in lines],
        delivery={**DELIVERY, **options.pop("delivery", {})},
        customer_id=customer.pk if customer else None,
        **options,
    )
    order = place_order(placement, actor=customer.as_actor() if customer else GUEST)
    if released and not order.terms_hold:
        order.hold_released_at = order.created_at
        Order.objects.filter(pk=order.pk).update(hold_released_at=order.created_at)
    return order


def card_order(*items: tuple[Product, int], **options: Any) -> Order:
    """An order to be paid by card; without items, of 45.00."""
    return place(*items, payment_method=PaymentMethod.CREDIT_CARD, **options)


def paid_by_card(sandbox: SandboxClient, order: Order, method: str = "pm_card_visa") -> Order:
    """The order after Stripe has collected what it costs and the shop has told us."""
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, method, deliver=False)
    payments.confirm_intent(order_number=order.number, intent_id=intent.id)
    order.refresh_from_db()
    return order


def order_body(*items: tuple[Product, int], **changes: Any) -> dict[str, Any]:
    """The body of POST /api/orders."""
    return {
        "items": [{"product_id": product.pk, "quantity": quantity} for product, quantity in items],
        **DELIVERY,
        **changes,
    }
