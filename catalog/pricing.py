"""What a quantity of a product costs."""

from dataclasses import dataclass
from decimal import Decimal

from catalog.models import Product
from lld.core.money import rounded


@dataclass(frozen=True)
class PriceBreak:
    """From `quantity` on, one costs `unit_price`."""

    quantity: int
    unit_price: Decimal


@dataclass(frozen=True)
class Price:
    """The price of one at a quantity, and why; `next_break` is the next cheaper one, if any."""

    unit_price: Decimal
    is_bulk: bool
    why: str
    next_break: PriceBreak | None

    def total(self, quantity: int) -> Decimal:
        return rounded(self.unit_price * quantity)


def price_for(product: Product, quantity: int) -> Price:
    """The bulk price from the bulk quantity on, the list price below it."""
    if product.bulk_price is None or product.bulk_quantity is None:
        return Price(product.unit_price, is_bulk=False, why="List price.", next_break=None)
    if quantity >= product.bulk_quantity:
        why = f"Bulk price from {product.bulk_quantity}."
        return Price(product.bulk_price, is_bulk=True, why=why, next_break=None)
    upcoming = PriceBreak(product.bulk_quantity, product.bulk_price)
    return Price(product.unit_price, is_bulk=False, why="List price.", next_break=upcoming)
