"""What a quantity costs, and what it would take to pay less."""

from decimal import Decimal

import pytest

from catalog.models import Product
from catalog.pricing import PriceBreak, price_for


def product(**values: object) -> Product:
    return Product(unit_price=Decimal("10.00"), **values)


@pytest.mark.parametrize("quantity", [1, 11, 12, 1_000_000])
def test_price_for_without_bulk_price_is_the_unit_price(quantity: int) -> None:
    price = price_for(product(), quantity)
    assert (price.unit_price, price.is_bulk, price.next_break) == (Decimal("10.00"), False, None)


@pytest.mark.parametrize(
    ("quantity", "unit_price", "is_bulk", "why"),
    [
        (1, "10.00", False, "List price."),
        (11, "10.00", False, "List price."),
        (12, "7.33", True, "Bulk price from 12."),
        (13, "7.33", True, "Bulk price from 12."),
    ],
)
def test_bulk_price_is_for_all_from_its_quantity_on(quantity: int, unit_price: str, is_bulk: bool, why: str) -> None:
    price = price_for(product(bulk_price=Decimal("7.33"), bulk_quantity=12), quantity)
    assert (price.unit_price, price.is_bulk, price.why) == (Decimal(unit_price), is_bulk, why)
    assert price.next_break == (None if is_bulk else PriceBreak(12, Decimal("7.33")))
    assert price.total(quantity) == Decimal(unit_price) * quantity
