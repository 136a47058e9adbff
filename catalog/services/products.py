"""Categories and products, as staff make them."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from catalog.enums import StockReason
from catalog.models import Category, Product
from catalog.services import stock
from lld.core import audit
from lld.core.actors import Actor
from lld.core.errors import Conflict, ErrorCode, InvalidInput


@transaction.atomic
def create_category(*, actor: Actor, name: str, description: str = "") -> Category:
    """A new category. Conflict when the name is taken, whatever its case."""
    category = Category(name=name, slug=slugify(name) or "category", description=description)
    try:
        with transaction.atomic():
            category.save()
    except IntegrityError as error:
        raise Conflict("There is a category of this name already.", code=ErrorCode.DUPLICATE) from error
    audit.record("category.create", actor=actor, target=category, after={"name": name})
    return category


@transaction.atomic
def create_product(*, actor: Actor, category_id: int, **values: Any) -> Product:
    """A new product. InvalidInput for an unknown category or half a bulk price, Conflict for a taken SKU."""
    if not Category.objects.filter(pk=category_id).exists():
        raise InvalidInput("There is no such category.", fields={"category_id": ["There is no such category."]})
    check_bulk_price(values)
    opening = values.pop("stock_quantity", None)
    product = Product(category_id=category_id, slug=slugify(values["name"])[:220] or "product", **values)
    product.sku = product.sku.upper()
    try:
        with transaction.atomic():
            product.save()
    except IntegrityError as error:
        raise Conflict("There is a product with this SKU already.", code=ErrorCode.DUPLICATE) from error
    if opening is not None:
        product = stock.count(product.pk, opening, reason=StockReason.OPENING, actor=actor)
    audit.record(
        "product.create",
        actor=actor,
        target=product,
        after={"sku": product.sku, "unit_price": product.unit_price, "bulk_price": product.bulk_price},
    )
    return product


def check_bulk_price(values: Mapping[str, Any]) -> None:
    """InvalidInput unless bulk price and quantity come together and the bulk price is not above the list price."""
    price: Decimal | None = values.get("bulk_price")
    quantity: int | None = values.get("bulk_quantity")
    if (price is None) != (quantity is None):
        name = "bulk_price" if price is None else "bulk_quantity"
        sentence = "Bulk price and bulk quantity come together."
        raise InvalidInput(sentence, fields={name: [sentence]})
    if price is not None and price > values["unit_price"]:
        sentence = "The bulk price is above the unit price."
        raise InvalidInput(sentence, fields={"bulk_price": [sentence]})
