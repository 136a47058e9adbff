"""What an order would cost: the one computation behind the quote and the placement."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings

from catalog.models import Product
from catalog.pricing import Price, price_for
from catalog.selectors import products as catalog
from lld.core.errors import InvalidInput
from lld.core.money import ZERO, rounded

# More is a slip of the pen; and sums of orders must fit their columns.
LARGEST = Decimal("9999999.99")


@dataclass(frozen=True)
class Item:
    """A product by id or by SKU, and how many."""

    quantity: int
    product_id: int | None = None
    sku: str = ""


@dataclass(frozen=True)
class QuoteLine:
    product: Product
    quantity: int
    price: Price
    line_total: Decimal


@dataclass(frozen=True)
class Totals:
    """total = subtotal − discount + delivery fee + tax; `free_delivery_gap` is what is missing to free delivery."""

    subtotal: Decimal
    discount: Decimal
    delivery_fee: Decimal
    tax: Decimal
    total: Decimal
    free_delivery_gap: Decimal


@dataclass(frozen=True)
class Quote:
    lines: Sequence[QuoteLine]
    totals: Totals


def resolve_items(items: Sequence[Item], *, known: Container[int] = ()) -> dict[int, int]:
    """Product id → quantity, in the order of first mention; repeats of a product add up.

    InvalidInput names every item whose product does not exist, or is not sold any more and not among the `known`.
    """
    by_sku = catalog.resolve_skus(item.sku for item in items if item.product_id is None)
    ids = [item.product_id or by_sku.get(item.sku.upper()) for item in items]
    found = catalog.products_by_id(pk for pk in ids if pk is not None)
    unknown = {
        f"items[{index}]": ["There is no such product."]
        for index, pk in enumerate(ids)
        if pk is None or pk not in found or not (found[pk].is_active or pk in known)
    }
    if unknown:
        raise InvalidInput("An item names a product that does not exist.", fields=unknown)
    asked: dict[int, int] = {}
    for pk, item in zip(ids, items, strict=True):
        if pk is not None:
            asked[pk] = asked.get(pk, 0) + item.quantity
    return asked


def quote_products(
    products: Mapping[int, Product],
    asked: Mapping[int, int],
    *,
    discount: Decimal = ZERO,
    delivery_fee: Decimal | None = None,
) -> Quote:
    """Price `asked` (product id → quantity). Without `delivery_fee` the house rule decides it.

    InvalidInput when a product is not there any more.
    """
    if not asked.keys() <= products.keys():
        sentence = "A product was taken out of the catalogue just now."
        raise InvalidInput(sentence, fields={"items": [sentence]})
    lines = []
    for product_id, quantity in asked.items():
        price = price_for(products[product_id], quantity)
        lines.append(QuoteLine(products[product_id], quantity, price, price.total(quantity)))
    subtotal = sum((line.line_total for line in lines), ZERO)
    return Quote(lines, add_up_totals(subtotal, discount=discount, delivery_fee=delivery_fee))


def compute_delivery_fee(goods: Decimal) -> Decimal:
    """The house rule, by what the goods cost after discount."""
    fee: Decimal = settings.DELIVERY_FEE if goods < settings.DELIVERY_FREE_FROM else ZERO
    return fee


def add_up_totals(subtotal: Decimal, *, discount: Decimal, delivery_fee: Decimal | None) -> Totals:
    """InvalidInput for a discount above the subtotal, and above LARGEST."""
    if discount > subtotal:
        raise InvalidInput(
            "The discount is larger than the order.", fields={"discount_amount": ["Larger than the subtotal."]}
        )
    goods = subtotal - discount
    gap = max(settings.DELIVERY_FREE_FROM - goods, ZERO)
    fee = delivery_fee if delivery_fee is not None else compute_delivery_fee(goods)
    tax = rounded(goods * settings.SALES_TAX_RATE)
    if max(subtotal, goods + fee + tax) > LARGEST:
        sentence = f"One order comes to at most {LARGEST}."
        raise InvalidInput(sentence, fields={"items": [sentence]})
    return Totals(subtotal, discount, fee, tax, goods + fee + tax, gap)


def quote_items(items: Sequence[Item]) -> Quote:
    """A quote without locks: prices may change until the order is placed."""
    asked = resolve_items(items)
    return quote_products(catalog.products_by_id(asked), asked)
