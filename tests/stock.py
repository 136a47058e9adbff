"""What tests do to the stock, each step in a transaction of its own, with the names of `catalog.services.stock`."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from catalog.models import Product
from catalog.services import stock


@transaction.atomic
def reserve(asked: Mapping[int, int], **how: Any) -> dict[int, int]:
    return stock.reserve(stock.hold_products(asked), asked, **how)


@transaction.atomic
def deduct(asked: Mapping[int, int], reserved: Mapping[int, int], **how: Any) -> dict[int, int]:
    return stock.deduct(stock.hold_products(asked), asked, reserved, **how)


@transaction.atomic
def release(reserved: Mapping[int, int], **how: Any) -> None:
    stock.release(stock.hold_products(reserved), reserved, **how)


@transaction.atomic
def restore(taken: Mapping[int, int], **how: Any) -> None:
    stock.restore(stock.hold_products(taken), taken, **how)


@transaction.atomic
def count(product_id: int, quantity: int | None, **how: Any) -> Product:
    return stock.count(stock.hold_products([product_id]), product_id, quantity, **how)
