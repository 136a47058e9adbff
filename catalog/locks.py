"""Row locks of the catalogue, taken after those of customers and orders (docs/architecture.md)."""

from collections.abc import Iterable

from catalog.models import Category, Product


def lock_products(ids: Iterable[int]) -> dict[int, Product]:
    """Products by id, locked in the order of their keys so that two orders never wait for each other."""
    rows = Product.objects.select_for_update().filter(pk__in=set(ids)).order_by("pk")
    return {product.pk: product for product in rows}


def lock_category(category_id: int) -> Category | None:
    return Category.objects.select_for_update(no_key=True).filter(pk=category_id).first()
