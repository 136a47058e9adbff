"""An earlier order at today's prices."""

from dataclasses import dataclass
from decimal import Decimal

from catalog.pricing import price_for
from catalog.selectors import products as catalog
from orders.models import Order


@dataclass(frozen=True)
class ReorderLine:
    """`unit_price` is today's at this quantity; `available_quantity` None means that we do not count it."""

    product_id: int
    product_name: str
    product_sku: str
    quantity: int
    unit_price: Decimal
    bulk_price: Decimal | None
    bulk_quantity: int | None
    ordered_unit_price: Decimal
    price_changed: bool
    available: bool
    available_quantity: int | None


def reorder_lines(order: Order) -> list[ReorderLine]:
    """Every line of the order; those that cannot be had now are flagged, not dropped."""
    lines = list(order.lines.all())
    products = catalog.products_by_id(line.product_id for line in lines)
    result = []
    for line in lines:
        product = products[line.product_id]
        price = price_for(product, line.quantity)
        result.append(
            ReorderLine(
                product_id=product.pk,
                product_name=product.name,
                product_sku=product.sku,
                quantity=line.quantity,
                unit_price=price.unit_price,
                bulk_price=product.bulk_price,
                bulk_quantity=product.bulk_quantity,
                ordered_unit_price=line.unit_price,
                price_changed=price.unit_price != line.unit_price,
                available=product.can_promise(line.quantity),
                available_quantity=product.available if product.in_stock and product.is_active else 0,
            )
        )
    return result
