"""Reads of the catalogue."""

from collections.abc import Iterable
from functools import lru_cache

from django.db.models import Q, QuerySet

from catalog.models import HAS_STOCK, Category, Product
from lld.core.api.paging import Page, recent_count
from lld.core.json_rows import CompiledRows

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
