"""The stock ledger: the only code that changes how much there is and how much is promised.

Every function runs in its caller's transaction, on products that were locked in it: `HeldProducts` proves that.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import final

from django.db import connection

from catalog import locks
from catalog.enums import StockReason
from catalog.errors import OutOfStock, Shortage
from catalog.models import Product, StockMovement
from catalog.services import revision
from lld.core.actors import Actor


@dataclass(frozen=True)
class Change:
    """What happens to one product's two figures."""

    quantity: int = 0
    reserved: int = 0


@final
class HeldProducts(Mapping[int, Product]):
    """Products by id, locked until the transaction ends, so that price and stock stay what was read.

    To make one is to take the lock, which PostgreSQL gives within a transaction only: whoever has one has the lock.
    Its products' figures follow what the functions here do to them. To keep it for another transaction, or to get
    around `__init__`, is to cheat.
    """

    __slots__ = ("_products",)

    def __init__(self, ids: Iterable[int]) -> None:
        self._products = locks.lock_products(ids)

    def __getitem__(self, product_id: int) -> Product:
        return self._products[product_id]

    def __iter__(self) -> Iterator[int]:
        return iter(self._products)

    def __len__(self) -> int:
        return len(self._products)


def hold_products(ids: Iterable[int]) -> HeldProducts:
    """Lock all products that a transaction changes, once. Unknown ids are not in what comes back."""
    return HeldProducts(ids)


def find_shortages(products: Mapping[int, Product], asked: Mapping[int, int]) -> list[Shortage]:
    """Which of `asked` (product id → quantity) cannot be promised."""
    return [
        Shortage(
            product_id=product.pk,
            sku=product.sku,
            name=product.name,
            asked=quantity,
            available=product.available if product.in_stock and product.is_active else None,
        )
        for product_id, quantity in asked.items()
        if not (product := products[product_id]).can_promise(quantity)
    ]


def reserve(held: HeldProducts, asked: Mapping[int, int], *, actor: Actor, reference: str) -> dict[int, int]:
    """Promise stock: product id → how many are now reserved (0 where we do not count). OutOfStock otherwise."""
    short = find_shortages(held, asked)
    if short:
        raise OutOfStock(short)
    reserved = {
        product_id: 0 if held[product_id].stock_quantity is None else quantity
        for product_id, quantity in asked.items()
    }
    changes = {product_id: Change(reserved=quantity) for product_id, quantity in reserved.items() if quantity}
    _write(held, changes, StockReason.RESERVED, actor=actor, reference=reference)
    return reserved


def deduct(
    held: HeldProducts, asked: Mapping[int, int], reserved: Mapping[int, int], *, actor: Actor, reference: str
) -> dict[int, int]:
    """Take stock that was promised: product id → how many were taken (0 where we do not count).

    OutOfStock, by product id, when there is less than was promised, which happens after staff counted less.
    """
    taken = {
        product_id: 0 if held[product_id].stock_quantity is None else quantity
        for product_id, quantity in asked.items()
    }
    missing = [
        Shortage(product.pk, product.sku, product.name, taken[product.pk], product.stock_quantity)
        for product in map(held.__getitem__, sorted(asked))
        if product.stock_quantity is not None
        and not _can_take(product, taken[product.pk], reserved.get(product.pk, 0))
    ]
    if missing:
        raise OutOfStock(missing)
    changes = {
        product_id: Change(quantity=-taken[product_id], reserved=-reserved.get(product_id, 0)) for product_id in asked
    }
    _write(held, changes, StockReason.DEDUCTED, actor=actor, reference=reference)
    return taken


def _can_take(product: Product, taken: int, reserved: int) -> bool:
    """Whether it is there; and what was not promised to this order must not be promised to another."""
    unpromised = taken - reserved
    return (product.stock_quantity or 0) >= taken and (unpromised <= 0 or (product.available or 0) >= unpromised)


def release(held: HeldProducts, reserved: Mapping[int, int], *, actor: Actor, reference: str) -> None:
    """Give a promise back."""
    changes = {product_id: Change(reserved=-quantity) for product_id, quantity in reserved.items() if quantity}
    _write(held, changes, StockReason.RELEASED, actor=actor, reference=reference)


def restore(held: HeldProducts, taken: Mapping[int, int], *, actor: Actor, reference: str) -> None:
    """Put back what was taken. What has stopped being counted since stays uncounted."""
    changes = {
        product_id: Change(quantity=quantity)
        for product_id, quantity in taken.items()
        if quantity and held[product_id].stock_quantity is not None
    }
    _write(held, changes, StockReason.RESTORED, actor=actor, reference=reference)


def count(
    held: HeldProducts,
    product_id: int,
    quantity: int | None,
    *,
    reason: StockReason,
    actor: Actor,
    reference: str = "",
) -> Product:
    """Set the figure to what was counted; None stops counting."""
    product = held[product_id]
    before = product.stock_quantity or 0
    product.stock_quantity = quantity
    product.version += 1
    product.save(update_fields=["stock_quantity", "version", "updated_at"])
    StockMovement.objects.create(
        product=product,
        reason=reason,
        quantity_delta=(quantity or 0) - before,
        quantity_after=quantity,
        reserved_after=product.stock_reserved,
        reference=reference,
        actor=str(actor),
    )
    revision.advance_revision()
    return product


def _write(
    held: HeldProducts,
    changes: Mapping[int, Change],
    reason: StockReason,
    *,
    actor: Actor,
    reference: str,
) -> None:
    changes = {product_id: change for product_id, change in changes.items() if change != Change()}
    if not changes:
        return
    # Looked up before anything is written: what is not held is a KeyError, and stays as it is.
    products = {product_id: held[product_id] for product_id in changes}
    after = _update_figures(changes, guard=reason is StockReason.RESERVED)
    if len(after) != len(changes):
        short = [product for product_id, product in products.items() if product_id not in after]
        raise OutOfStock([Shortage(p.pk, p.sku, p.name, changes[p.pk].reserved, p.available) for p in short])
    for product_id, figures in after.items():
        products[product_id].stock_quantity, products[product_id].stock_reserved = figures
    if any(_changes_sale(*after[product_id], change) for product_id, change in changes.items()):
        revision.advance_revision()
    StockMovement.objects.bulk_create(
        StockMovement(
            product_id=product_id,
            reason=reason,
            quantity_delta=change.quantity,
            reserved_delta=change.reserved,
            quantity_after=after[product_id][0],
            reserved_after=after[product_id][1],
            reference=reference,
            actor=str(actor),
        )
        for product_id, change in sorted(changes.items())
    )


def _changes_sale(quantity: int | None, reserved: int, change: Change) -> bool:
    """Whether the first came or the last went, which the public catalogue shows."""
    if quantity is None:
        return False
    available = quantity - reserved
    return (available > 0) != (available - change.quantity + change.reserved > 0)


def _update_figures(changes: Mapping[int, Change], *, guard: bool) -> dict[int, tuple[int | None, int]]:
    """One statement for all lines. With `guard`, a row that cannot give what is asked stays as it is.

    The guard is the database's own last word: it holds even where a lock was forgotten.
    """
    ids = sorted(changes)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE catalog_product AS p
               SET stock_quantity = p.stock_quantity + c.quantity,
                   stock_reserved = p.stock_reserved + c.reserved,
                   updated_at = now()
              FROM unnest(%s::bigint[], %s::int[], %s::int[]) AS c (id, quantity, reserved)
             WHERE p.id = c.id
               AND (NOT %s OR p.stock_quantity - p.stock_reserved >= c.reserved)
         RETURNING p.id, p.stock_quantity, p.stock_reserved
            """,
            [ids, [changes[i].quantity for i in ids], [changes[i].reserved for i in ids], guard],
        )
        return {row[0]: (row[1], row[2]) for row in cursor.fetchall()}
