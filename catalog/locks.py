"""Row locks of the catalogue, taken after those of customers and orders (docs/architecture.md)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.db import connection

from catalog.models import Category, Image, Product


def lock_products(ids: Iterable[int]) -> dict[int, Product]:
    """Products by id, locked in the order of their keys so that two orders never wait for each other."""
    rows = Product.objects.select_for_update().filter(pk__in=set(ids)).order_by("pk")
    return {product.pk: product for product in rows}


def lock_category(category_id: int) -> Category | None:
    return Category.objects.select_for_update(no_key=True).filter(pk=category_id).first()


def lock_image(name: str) -> Image | None:
    """After its product: who shows a picture and who forgets it wait for each other."""
    return Image.objects.select_for_update(no_key=True).filter(name=name).first()


@contextmanager
def hold_files(name: str) -> Iterator[None]:
    """Alone with the files of a picture, outside of any transaction: storing and forgetting them takes the network.

    The lock is the connection's and ends with it.
    """
    key = int(name[:15], 16)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [key])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
