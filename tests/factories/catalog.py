"""Categories and products."""

from decimal import Decimal
from typing import Any

import factory

from catalog.enums import StockReason
from catalog.models import Category, Product
from lld.core.actors import SYSTEM
from tests import stock


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


def priced(price: str, **values: Any) -> Any:
    """A product at this price, however many are bought."""
    return ProductFactory(unit_price=Decimal(price), bulk_price=None, bulk_quantity=None, **values)


def counted(quantity: int, **values: Any) -> Product:
    """A product of which this many are in stock, as the ledger has it."""
    return stock.count(ProductFactory(**values).pk, quantity, reason=StockReason.OPENING, actor=SYSTEM)


def figures(product: Product) -> tuple[int | None, int]:
    """Pieces in stock (None when not counted) and pieces promised to orders, as they are now."""
    product.refresh_from_db()
    return product.stock_quantity, product.stock_reserved
