"""The demo catalogue: what `catalogue.csv` lists, and beyond that its variants in other colours, lines and packs."""

import csv
import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass
from decimal import Decimal
from itertools import islice
from itertools import product as combinations
from pathlib import Path
from typing import Any

from django.utils.text import slugify

from catalog.enums import BarcodeUnit, StockReason
from catalog.models import Barcode, Category, Product, StockMovement
from demo.loading import continue_ids, copy_models
from demo.world import World
from lld.core.actors import SYSTEM
from lld.core.money import rounded

REFERENCE = "demo history"
HEAVIEST_PARCEL = Decimal(150 * 16)

COLOURS = ("Black", "White", "Red", "Blue", "Green", "Yellow", "Brown", "Gray", "Orange", "Purple", "Navy", "Tan",
           "Burgundy", "Teal", "Ivory", "Silver")  # fmt: skip
# What a product without a colour comes in instead, and how its price compares.
LINES = tuple(
    (name, Decimal(factor))
    for name, factor in (
        ("Value Line", "0.85"), ("Economy", "0.88"), ("Basic", "0.90"), ("Everyday", "0.94"), ("Utility", "0.96"),
        ("Standard Duty", "0.98"), ("Classic", "1.02"), ("Select", "1.05"), ("Kitchen Pro", "1.08"),
        ("Chef Series", "1.10"), ("Commercial", "1.12"), ("Medium Duty", "1.15"), ("Heavy Duty", "1.20"),
        ("Premium", "1.25"), ("Extra Heavy Duty", "1.32"), ("Signature", "1.40"),
    )
)  # fmt: skip
PACKS = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 18, 24)
DEAREST_PACK = Decimal(1000)
_COLOUR = re.compile(rf"\b({'|'.join(COLOURS)})\b")


@dataclass(frozen=True)
class Article:
    """A product that is not saved yet, and what only the demo knows of it."""

    product: Product
    popularity: float
    barcode: str = ""


def read_catalogue(world: World, count: int | None) -> list[Article]:
    """The first `count` products; all of the CSV without a count. Variants follow when the CSV is not enough.

    ValueError when even those do not suffice.
    """
    path = Path(__file__).with_name("catalogue.csv")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    categories = {
        name: Category(pk=pk, name=name, slug=slugify(name), created_at=world.start)
        for pk, name in enumerate(sorted({row["category"] for row in rows}), start=1)
    }
    originals = [_article(world, pk, row, categories[row["category"]]) for pk, row in enumerate(rows, start=1)]
    if count is None:
        return originals
    articles = originals[:count]
    articles += islice(_variants(originals), count - len(articles))
    if len(articles) < count:
        raise ValueError(f"The demo catalogue has {len(articles)} products with all variants, not {count}.")
    return articles


def load_products(world: World, articles: list[Article]) -> None:
    """Categories, products, barcodes, and a ledger whose sums are the products' figures."""
    products = [article.product for article in articles]
    categories = {product.category_id: product.category for product in products}
    copy_models([categories[pk] for pk in sorted(categories)])
    for product in products:
        product.stock_reserved = world.reserved[product.pk]
        if product.stock_quantity is not None:
            product.stock_quantity = max(product.stock_quantity, product.stock_reserved)
    copy_models(products)
    copy_models(
        [
            Barcode(product_id=article.product.pk, code=article.barcode, unit=BarcodeUnit.EACH)
            for article in articles
            if article.barcode
        ]
    )
    copy_models([movement for product in products for movement in _movements(world, product)])
    continue_ids(Category, Product)


def _movements(world: World, product: Product) -> Iterator[StockMovement]:
    """The opening count, and in one row each what the whole history took and what open orders are promised."""
    on_hand = product.stock_quantity
    if on_hand is None:
        return
    taken, reserved = world.taken[product.pk], product.stock_reserved
    common: dict[str, Any] = {"product_id": product.pk, "actor": str(SYSTEM)}
    yield StockMovement(
        reason=StockReason.OPENING,
        quantity_delta=on_hand + taken,
        quantity_after=on_hand + taken,
        reserved_after=0,
        created_at=world.start,
        **common,
    )
    common |= {"reference": REFERENCE, "quantity_after": on_hand, "created_at": world.now}
    if taken:
        yield StockMovement(reason=StockReason.DEDUCTED, quantity_delta=-taken, reserved_after=0, **common)
    if reserved:
        yield StockMovement(reason=StockReason.RESERVED, reserved_delta=reserved, reserved_after=reserved, **common)


def _article(world: World, pk: int, row: dict[str, str], category: Category) -> Article:
    product = Product(
        pk=pk,
        sku=row["sku"],
        name=row["name"],
        slug=slugify(row["name"]),
        description=row["description"],
        category=category,
        brand=row["brand"],
        unit_size=row["unit_size"],
        unit_price=Decimal(row["unit_price"]),
        bulk_price=Decimal(row["bulk_price"]) if row["bulk_price"] else None,
        bulk_quantity=int(row["bulk_quantity"]) if row["bulk_quantity"] else None,
        cost_per_item=Decimal(row["cost_per_item"]),
        is_customizable=row["is_customizable"] == "1",
        in_stock=row["in_stock"] == "1",
        stock_quantity=int(row["stock_quantity"]) if row["stock_quantity"] else None,
        case_quantity=int(row["case_quantity"]),
        bin_location=_bin(pk),
        ship_weight_oz=Decimal(row["ship_weight_oz"]),
        ship_box_name=row["ship_box_name"],
        ship_box_length=Decimal(row["ship_box_length"]),
        ship_box_width=Decimal(row["ship_box_width"]),
        ship_box_height=Decimal(row["ship_box_height"]),
        created_at=world.start,
        updated_at=world.now,
    )
    return Article(product, int(row["popularity"]), row["barcode"])


def _variants(originals: list[Article]) -> Iterator[Article]:
    """Every original in other colours or lines, then all of them again in packs of two, three and so on."""
    names = {article.product.name for article in originals}
    pk = len(originals)
    for number, (pack, style) in enumerate(combinations(PACKS, range(len(LINES))), start=1):
        for original in originals:
            name, factor = _restyled(original.product.name, style)
            name += f", {pack}-Pack" if pack > 1 else ""
            sold = pack == 1 or original.product.unit_price * pack <= DEAREST_PACK
            if sold and name not in names:
                names.add(name)
                pk += 1
                yield _variant(original, pk, f"{original.product.sku}-{number:03}", name, pack, factor)


def _restyled(name: str, style: int) -> tuple[str, Decimal]:
    if _COLOUR.search(name):
        return _COLOUR.sub(COLOURS[style], name, count=1), Decimal(1)
    line, factor = LINES[style]
    return f"{name}, {line}", factor


def _variant(original: Article, pk: int, sku: str, name: str, pack: int, factor: Decimal) -> Article:
    source = original.product
    variant = copy(source)
    variant.pk, variant.sku, variant.name, variant.slug = pk, sku, name, slugify(name)[:220]
    variant.bin_location = _bin(pk)
    variant.unit_price = rounded(source.unit_price * pack * factor)
    if source.bulk_price is not None:
        variant.bulk_price = rounded(source.bulk_price * pack * factor)
        variant.bulk_quantity = max((source.bulk_quantity or 0) // pack, 2)
    if source.cost_per_item is not None:
        variant.cost_per_item = rounded(source.cost_per_item * pack * factor)
    if source.ship_weight_oz is not None:
        variant.ship_weight_oz = min(source.ship_weight_oz * pack, HEAVIEST_PARCEL)
    if pack > 1:
        variant.unit_size = f"{pack} x {source.unit_size}"
        variant.case_quantity = max((source.case_quantity or 1) // pack, 1)
    return Article(variant, original.popularity / 4 / pack**2)


def _bin(pk: int) -> str:
    """Aisle, bay and shelf."""
    return f"{chr(ord('A') + pk % 12)}{pk % 40 + 1:02}-{pk % 6 + 1}"
