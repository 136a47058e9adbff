"""Reads of products and categories."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db import connection
from django.db.models import BigIntegerField, BooleanField, F, Func, OuterRef, QuerySet, Value

from catalog import rules
from catalog.models import HAS_STOCK, Barcode, Category, Product, image_address, thumbnail_address
from catalog.selectors import search as searching
from catalog.selectors.search import Shelf
from lld.core.actors import Actor
from lld.core.errors import NotFound
from lld.core.folding import dictionary_order
from lld.core.json_rows import Columns, CompiledRows, Rows, rows_as_json
from lld.core.paging import Page, recent_count, recently
from lld.core.revisions import Revised

LONGEST_ID = 19
MOST_SUGGESTED = 8
# Stands for the ids of products in a query that is compiled once.
_ANY_IDS = [0]
MOST_SUGGESTED_CATEGORIES = 3


class _IsAny(Func):
    """Whether a column's value is in an array, in words that PostgreSQL can look up in an index."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY ("
    output_field = BooleanField()


def _barcodes() -> Rows:
    return Rows(Barcode.objects.filter(product=OuterRef("pk")).order_by("code").values("code", "unit"))


def _has_stock() -> Any:
    return HAS_STOCK


_PICTURES = (("image_url", image_address), ("thumbnail_url", thumbnail_address))
# What anyone sees: whether a customer could have one, and no cost.
_CATALOG_NAMES = ("id", "name", "sku", "unit_price", "bulk_price", "bulk_quantity", "brand", "unit_size")
CATALOG_COLUMNS = Columns(*_CATALOG_NAMES, ("in_stock", _has_stock))
LIST_COLUMNS = Columns(*_CATALOG_NAMES, "slug", ("in_stock", _has_stock), ("thumbnail_url", thumbnail_address))
KEY_COLUMNS = Columns(
    "id", "sku", "name", "slug", "description", "category_id", "unit_price", "bulk_price", "bulk_quantity",
    "unit_size", "case_quantity", "brand", "in_stock", "stock_quantity", "version",
    *_PICTURES, ("barcodes", _barcodes),
)  # fmt: skip
STOCK_COLUMNS = Columns(
    "id", "name", "sku", "brand", "unit_size", "category_id", "in_stock", "unit_price", "bulk_price",
    "bulk_quantity", "stock_quantity", "stock_reserved", "case_quantity", "bin_location", "is_active", "version",
    ("thumbnail_url", thumbnail_address), ("barcodes", _barcodes),
)  # fmt: skip
STAFF_COLUMNS = Columns(
    "id", "name", "slug", "description", "category_id", "sku", "unit_price", "bulk_price", "bulk_quantity",
    "unit_size", "case_quantity", "brand", "in_stock", "stock_quantity", "stock_reserved", "bin_location",
    "cost_per_item", "ship_weight_oz", "ship_box_name", "ship_box_length", "ship_box_width", "ship_box_height",
    "is_customizable", "is_active", "version",
    *_PICTURES, ("barcodes", _barcodes),
)  # fmt: skip
COSTLESS_COLUMNS = STAFF_COLUMNS.without(*rules.COSTS)
STOCK_FIELDS, KEY_FIELDS, STAFF_FIELDS = STOCK_COLUMNS.names, KEY_COLUMNS.names, STAFF_COLUMNS.names


@dataclass(frozen=True)
class Filters:
    """Which products. `category` is a name whatever its case; `in_stock` the switch that staff set, not the count."""

    for_sale: bool
    category_id: int | None = None
    category: str = ""
    in_stock: bool | None = None
    search: str = ""

    def products(self) -> QuerySet[Product]:
        """Without the search."""
        products = public_products() if self.for_sale else Product.objects.all()
        if self.category_id is not None:
            products = products.filter(category_id=self.category_id)
        if self.category:
            products = products.filter(category__name__iexact=self.category)
        return products if self.in_stock is None else products.filter(in_stock=self.in_stock)


def categories() -> QuerySet[Category]:
    return Category.objects.order_by(dictionary_order("name"), "name")


def public_products() -> QuerySet[Product]:
    """What a customer may see."""
    return Product.objects.filter(is_active=True)


def revision() -> Revised:
    """How often, and when, what the public catalogue shows has changed."""
    # Asked with every public list: compiling the query would cost more than running it.
    with connection.cursor() as cursor:
        cursor.execute("SELECT number, changed_at FROM catalog_revision WHERE id = 1")
        row = cursor.fetchone()
    return Revised(row[0], int(row[1].timestamp())) if row else Revised(0, 0)


def product_page_json(filters: Filters, window: Page, revised: Revised) -> str:
    """JSON text of `{products, total, pages, current_page, per_page}`: by name, or the best first of a search."""
    return _page("current_page", LIST_COLUMNS, filters, window, revised)


def staff_page_json(by: Actor, *, window: Page, search: str, category_id: int | None) -> str:
    """The same of everything, sold or not, with costs for who may see them."""
    filters = Filters(for_sale=False, category_id=category_id, search=search)
    columns = STAFF_COLUMNS if rules.sees_costs(by) else COSTLESS_COLUMNS
    return _page("current_page", columns, filters, window, revision())


def stock_page_json(*, window: Page, search: str, category: str, in_stock: bool | None) -> str:
    """JSON text of `{products, total, page, per_page, pages}`: everything on the shelves, for staff.

    `category` is a name or an id.
    """
    category_id = (
        int(category) if category.isascii() and category.isdecimal() and len(category) < LONGEST_ID else None
    )
    name = "" if category_id is not None else category.lower()
    filters = Filters(for_sale=False, category_id=category_id, category=name, in_stock=in_stock, search=search)
    return _page("page", STOCK_COLUMNS, filters, window, revision())


def key_page_json(*, window: Page, search: str, category_id: int | None, in_stock: bool | None) -> str:
    """The same of what is for sale, for automations."""
    filters = Filters(for_sale=True, category_id=category_id, in_stock=in_stock, search=search)
    return _page("page", KEY_COLUMNS, filters, window, revision())


def sales_catalog_json() -> str:
    """JSON text of the categories that have products for sale, by name, each with all of them."""
    products = public_products().filter(category=OuterRef("pk")).order_by(dictionary_order("name"), "id")
    filled = categories().filter(pk__in=public_products().values("category"))
    return rows_as_json(filled.values("id", "name", products_out=Rows(CATALOG_COLUMNS.of(products))))


def suggestions_json(text: str) -> str:
    """JSON text of `{products, categories}` for what someone has typed so far."""
    ids = searching.begun(for_sale(), text, MOST_SUGGESTED)
    named = categories().filter(name__icontains=text)[:MOST_SUGGESTED_CATEGORIES]
    shown = rows_as_json(named.values("id", "name", "slug"))
    return f'{{"products":{rows_in_order_json(LIST_COLUMNS, ids)},"categories":{shown}}}'


def found(filters: Filters, revised: Revised) -> list[int]:
    """Ids of what a search finds, best first, as of a few seconds ago."""
    parts = ("found", filters, revised)
    return recently(lambda: searching.ranked(_shelf(replace(filters, search="")), filters.search), *parts)


def for_sale() -> Shelf:
    return _shelf(Filters(for_sale=True))


def everything() -> Shelf:
    return _shelf(Filters(for_sale=False))


@lru_cache(maxsize=256)
def _shelf(filters: Filters) -> Shelf:
    return Shelf.of(filters.products())


def rows_in_order_json(columns: Columns, ids: list[int]) -> str:
    """JSON text of an array of these products, in this order."""
    # As text: psycopg takes longer over a list of numbers than PostgreSQL.
    return _compiled_in_order(columns).of(_ANY_IDS, f"{{{','.join(map(str, ids))}}}") if ids else "[]"


@lru_cache(maxsize=16)
def _compiled_in_order(columns: Columns) -> CompiledRows:
    ids = Value(_ANY_IDS, output_field=ArrayField(BigIntegerField()))
    products = Product.objects.filter(_IsAny(F("pk"), ids))
    return CompiledRows(columns.of(products.order_by(Func(ids, F("pk"), function="array_position"))))


def _page(number: str, columns: Columns, filters: Filters, window: Page, revised: Revised) -> str:
    if filters.search:
        ids = found(filters, revised)
        total, rows = len(ids), rows_in_order_json(columns, ids[window.offset : window.offset + window.size])
    else:
        total = recent_count(filters.products, "products", filters, revised)
        rows = _compiled(columns, filters).page(window.size, window.offset)
    return (
        f'{{"products":{rows},"total":{total},"pages":{window.pages(total)},'
        f'"{number}":{window.number},"per_page":{window.size}}}'
    )


@lru_cache(maxsize=256)
def _compiled(columns: Columns, filters: Filters) -> CompiledRows:
    return CompiledRows(columns.of(filters.products().order_by(dictionary_order("name"), "id")))


def products_by_id(ids: Iterable[int]) -> dict[int, Product]:
    return Product.objects.in_bulk(set(ids))


def resolve_skus(skus: Iterable[str]) -> dict[str, int]:
    """SKU in upper case → product id, for the SKUs that exist."""
    wanted = {sku.upper() for sku in skus}
    return {sku.upper(): pk for sku, pk in Product.objects.filter(sku__in=wanted).values_list("sku", "pk")}


def product_named(identifier: str, *, by: str = "") -> Product:
    """A product for sale by its SKU, whatever the case, else by its id; `by` (`id` or `sku`) forces one. NotFound."""
    products = public_products()
    named = products.filter(sku__iexact=identifier).first() if by != "id" else None
    if (
        named is None
        and by != "sku"
        and identifier.isascii()
        and identifier.isdecimal()
        and len(identifier) < LONGEST_ID
    ):
        named = products.filter(pk=int(identifier)).first()
    if named is None:
        raise NotFound("There is no such product.")
    return named
