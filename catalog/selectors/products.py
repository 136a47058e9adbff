"""Reads of the catalogue."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet

from catalog.models import HAS_STOCK, Category, Product
from lld.core.api.paging import Page, recent_count
from lld.core.errors import NotFound
from lld.core.json_rows import CompiledRows

LONGEST_ID = 19
LIST_FIELDS = ("id", "name", "sku", "brand", "unit_price", "bulk_price", "bulk_quantity", "unit_size")


def categories() -> QuerySet[Category]:
    return Category.objects.order_by("name")


def public_products() -> QuerySet[Product]:
    """What a customer may see."""
    return Product.objects.filter(is_active=True)


def matching(
    products: QuerySet[Product], *, category_id: int | None, category: str, search: str
) -> QuerySet[Product]:
    """Narrowed by category (id, or name whatever its case) and by words that name, SKU or brand contain."""
    if category_id is not None:
        products = products.filter(category_id=category_id)
    if category:
        products = products.filter(category__name__iexact=category)
    for word in search.split()[:8]:
        found = Q(name__icontains=word) | Q(sku__icontains=word) | Q(brand__icontains=word)
        products = products.filter(found)
    return products


def product_page(*, window: Page, category_id: int | None, category: str, search: str) -> str:
    """The JSON text of `{products, total, pages, current_page, per_page}`."""
    filters = (category_id, category.lower(), search.lower())
    total = recent_count(lambda: _public_list(*filters), "products", *filters)
    rows = _compiled_list(*filters).page(window.size, window.offset)
    return (
        f'{{"products":{rows},"total":{total},"pages":{window.pages(total)},'
        f'"current_page":{window.number},"per_page":{window.size}}}'
    )


def _public_list(category_id: int | None, category: str, search: str) -> QuerySet[Product]:
    return matching(public_products(), category_id=category_id, category=category, search=search)


@lru_cache(maxsize=256)
def _compiled_list(category_id: int | None, category: str, search: str) -> CompiledRows:
    products = _public_list(category_id, category, search).order_by("name", "id")
    return CompiledRows(products.values(*LIST_FIELDS, in_stock_out=HAS_STOCK))


def products_by_id(ids: Iterable[int]) -> dict[int, Product]:
    return Product.objects.in_bulk(set(ids))


def resolve_skus(skus: Iterable[str]) -> dict[str, int]:
    """SKU in upper case → product id, for the SKUs that exist."""
    wanted = {sku.upper() for sku in skus}
    return {sku.upper(): pk for sku, pk in Product.objects.filter(sku__in=wanted).values_list("sku", "pk")}


STOCK_FIELDS = (
    "id", "name", "sku", "brand", "unit_size", "category_id", "in_stock", "unit_price", "bulk_price", "bulk_quantity",
    "stock_quantity", "stock_reserved", "bin_location", "is_active", "version",
)  # fmt: skip
KEY_FIELDS = (
    "id", "sku", "name", "description", "category_id", "unit_price", "bulk_price", "bulk_quantity", "unit_size",
    "case_quantity", "brand", "in_stock", "stock_quantity", "image_url", "version",
)  # fmt: skip


STAFF_FIELDS = (
    "id", "name", "description", "category_id", "sku", "unit_price", "bulk_price", "bulk_quantity", "unit_size",
    "case_quantity", "brand", "in_stock", "stock_quantity", "stock_reserved", "bin_location", "image_url",
    "cost_per_item", "ship_weight_oz", "ship_box_name", "ship_box_length", "ship_box_width", "ship_box_height",
    "is_customizable", "is_active", "version",
)  # fmt: skip


def staff_page(*, window: Page, search: str, category_id: int | None) -> str:
    """JSON text of `{products, total, pages, current_page, per_page}`: everything, sold or not, with costs."""
    filters = (False, category_id, "", search.lower(), None)
    total = recent_count(lambda: _stock_list(*filters), "stock", *filters)
    rows = _compiled_stock_list(STAFF_FIELDS, *filters).page(window.size, window.offset)
    return (
        f'{{"products":{rows},"total":{total},"pages":{window.pages(total)},'
        f'"current_page":{window.number},"per_page":{window.size}}}'
    )


def stock_page(*, window: Page, search: str, category: str, in_stock: bool | None) -> str:
    """JSON text of `{products, total, page, per_page, pages}`: everything on the shelves, for staff, by name.

    `category` is a name or an id; `in_stock` is the switch that staff set, not the count.
    """
    category_id = (
        int(category) if category.isascii() and category.isdecimal() and len(category) < LONGEST_ID else None
    )
    name = "" if category_id is not None else category.lower()
    return _counted_page(window, STOCK_FIELDS, False, category_id, name, search.lower(), in_stock)


def key_page(*, window: Page, search: str, category_id: int | None, in_stock: bool | None) -> str:
    """The same of what is for sale, for automations."""
    return _counted_page(window, KEY_FIELDS, True, category_id, "", search.lower(), in_stock)


def _counted_page(window: Page, fields: tuple[str, ...], *filters: Any) -> str:
    total = recent_count(lambda: _stock_list(*filters), "stock", *filters)
    rows = _compiled_stock_list(fields, *filters).page(window.size, window.offset)
    return (
        f'{{"products":{rows},"total":{total},"page":{window.number},'
        f'"per_page":{window.size},"pages":{window.pages(total)}}}'
    )


def _stock_list(
    for_sale: bool, category_id: int | None, category: str, search: str, in_stock: bool | None
) -> QuerySet[Product]:
    products = public_products() if for_sale else Product.objects.all()
    products = matching(products, category_id=category_id, category=category, search=search)
    return products if in_stock is None else products.filter(in_stock=in_stock)


@lru_cache(maxsize=256)
def _compiled_stock_list(fields: tuple[str, ...], *filters: Any) -> CompiledRows:
    return CompiledRows(_stock_list(*filters).order_by("name", "id").values(*fields))


def product_named(identifier: str, *, by: str = "") -> Product:
    """A product for sale by its SKU, whatever the case, else by its id; `by` (`id` or `sku`) forces one. NotFound."""
    products = public_products()
    found = products.filter(sku__iexact=identifier).first() if by != "id" else None
    if (
        found is None
        and by != "sku"
        and identifier.isascii()
        and identifier.isdecimal()
        and len(identifier) < LONGEST_ID
    ):
        found = products.filter(pk=int(identifier)).first()
    if found is None:
        raise NotFound("There is no such product.")
    return found
