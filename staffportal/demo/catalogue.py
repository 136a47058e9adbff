"""The demo catalogue: what `catalogue.csv` lists, and beyond that its variants in other colours and packs."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import product as combinations
from pathlib import Path
from typing import Any

from django.utils.text import slugify

from catalog.enums import BarcodeUnit, StockReason
from catalog.models import Barcode, Category, Product, StockMovement
from lld.core.actors import SYSTEM
from lld.core.money import rounded
from staffportal.demo.loading import continue_ids, copy_rows
from staffportal.demo.world import World

REFERENCE = "demo history"

COLOURS = ("Black", "White", "Red", "Blue", "Green", "Yellow", "Brown", "Gray", "Orange", "Purple", "Navy", "Tan",
           "Burgundy", "Teal", "Ivory", "Silver")  # fmt: skip
PACKS = (1, 2, 3, 4, 6, 8, 10, 12, 18, 24)


@dataclass(frozen=True)
class DemoProduct:
    """A product of the demo: what the order generator needs, and the CSV's row for the rest."""

    id: int
    sku: str
    name: str
    brand: str
    unit_size: str
    unit_price: Decimal
    bulk_price: Decimal | None
    bulk_quantity: int | None
    cost: Decimal
    popularity: int
    stock: int | None
    row: dict[str, str]
    barcode: str

    def price(self, quantity: int) -> tuple[Decimal, bool]:
        if self.bulk_price is not None and self.bulk_quantity is not None and quantity >= self.bulk_quantity:
            return self.bulk_price, True
        return self.unit_price, False


def read_catalogue(count: int | None) -> list[DemoProduct]:
    """The first `count` products; all of the CSV without a count. Variants follow when the CSV is not enough."""
    path = Path(__file__).with_name("catalogue.csv")
    with path.open(encoding="utf-8", newline="") as file:
        originals = [_product(index, row) for index, row in enumerate(csv.DictReader(file), start=1)]
    wanted = len(originals) if count is None else count
    products = originals[:wanted]
    for number, (pack, colour) in enumerate(combinations(PACKS, COLOURS), start=1):
        for original in originals[: wanted - len(products)]:
            products.append(_variant(original, len(products) + 1, number, colour, pack))
    return products


def load_products(world: World, products: list[DemoProduct]) -> None:
    """Categories, products, barcodes, and a ledger whose sums are the products' figures."""
    names = sorted({product.row["category"] for product in products})
    categories = {name: number for number, name in enumerate(names, start=1)}
    copy_rows(
        Category,
        ("id", "name", "slug", "description", "created_at"),
        ((pk, name, slugify(name), "", world.start) for name, pk in categories.items()),
    )
    copy_rows(Product, _PRODUCT_COLUMNS, (_product_row(world, product, categories) for product in products))
    copy_rows(
        Barcode,
        ("product_id", "code", "unit"),
        ((product.id, product.barcode, BarcodeUnit.EACH) for product in products if product.barcode),
    )
    copy_rows(StockMovement, _MOVEMENT_COLUMNS, _movements(world, products))
    continue_ids(Category, Product)


_PRODUCT_COLUMNS = (
    "id", "sku", "name", "slug", "description", "category_id", "brand", "unit_size", "unit_price", "bulk_price",
    "bulk_quantity", "cost_per_item", "image_url", "is_active", "is_customizable", "in_stock", "stock_quantity",
    "stock_reserved", "case_quantity", "bin_location", "ship_weight_oz", "ship_box_name", "ship_box_length",
    "ship_box_width", "ship_box_height", "version", "created_at", "updated_at",
)  # fmt: skip

_MOVEMENT_COLUMNS = (
    "product_id", "reason", "quantity_delta", "reserved_delta", "quantity_after", "reserved_after", "reference",
    "actor", "created_at",
)  # fmt: skip


def _product_row(world: World, product: DemoProduct, categories: dict[str, int]) -> tuple[Any, ...]:
    row = product.row
    reserved = world.reserved[product.id]
    on_hand = None if product.stock is None else max(product.stock, reserved)
    bin_location = f"{chr(65 + product.id % 12)}{product.id % 40 + 1:02}-{product.id % 6 + 1}"
    return (
        product.id, product.sku, product.name, slugify(product.name)[:220], row["description"],
        categories[row["category"]], product.brand, product.unit_size, product.unit_price, product.bulk_price,
        product.bulk_quantity, product.cost, "", True, row["is_customizable"] == "1", row["in_stock"] == "1",
        on_hand, reserved, int(row["case_quantity"] or 0) or None, bin_location, Decimal(row["ship_weight_oz"]),
        row["ship_box_name"], Decimal(row["ship_box_length"]), Decimal(row["ship_box_width"]),
        Decimal(row["ship_box_height"]), 1, world.start, world.now,
    )  # fmt: skip


def _movements(world: World, products: list[DemoProduct]) -> Iterator[tuple[Any, ...]]:
    for product in products:
        if product.stock is None:
            continue
        taken, reserved = world.taken[product.id], world.reserved[product.id]
        on_hand = max(product.stock, reserved)
        actor = str(SYSTEM)
        yield product.id, StockReason.OPENING, on_hand + taken, 0, on_hand + taken, 0, "", actor, world.start
        if taken:
            yield product.id, StockReason.DEDUCTED, -taken, 0, on_hand, 0, REFERENCE, actor, world.now
        if reserved:
            yield product.id, StockReason.RESERVED, 0, reserved, on_hand, reserved, REFERENCE, actor, world.now


def _product(number: int, row: dict[str, str]) -> DemoProduct:
    return DemoProduct(
        id=number,
        sku=row["sku"],
        name=row["name"],
        brand=row["brand"],
        unit_size=row["unit_size"],
        unit_price=Decimal(row["unit_price"]),
        bulk_price=Decimal(row["bulk_price"]) if row["bulk_price"] else None,
        bulk_quantity=int(row["bulk_quantity"]) if row["bulk_quantity"] else None,
        cost=Decimal(row["cost_per_item"]),
        popularity=int(row["popularity"]),
        stock=int(row["stock_quantity"]) if row["stock_quantity"] else None,
        row=row,
        barcode=row["barcode"],
    )


def _variant(original: DemoProduct, pk: int, number: int, colour: str, pack: int) -> DemoProduct:
    size = f"pack of {pack}" if pack > 1 else original.unit_size
    bulk = original.bulk_price
    return replace(
        original,
        id=pk,
        sku=f"{original.sku}-{number:03}",
        name=f"{original.name}, {colour}" + (f", {pack}-Pack" if pack > 1 else ""),
        unit_size=size,
        unit_price=rounded(original.unit_price * pack),
        bulk_price=None if bulk is None else rounded(bulk * pack),
        cost=rounded(original.cost * pack),
        popularity=max(original.popularity // 4, 1),
        barcode="",
    )
