"""Many products in one request, each row on its own: what is wrong with one leaves the others alone."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from catalog.models import Product
from catalog.services.products import change_held, hold_product
from lld.core import idempotency
from lld.core.actors import Actor
from lld.core.refusals import crash_body, refusal

# Of an error's body, what a row's error says too.
_SAID = ("error", "code", "fields", "version")


@dataclass(frozen=True)
class Saved:
    product: Product
    changed: bool


class Skipped(Exception):
    """A row that is left out, and is no error."""

    def __init__(self, product: Product, reason: str) -> None:
        super().__init__(reason)
        self.product, self.reason = product, reason


@dataclass(frozen=True)
class Outcome:
    """What became of the rows, by their index from 0, as answers show it.

    `saved`: index, id, sku, version · `skipped`: index, id, sku, reason · `errors`: index, id and sku as the row
    has them, and error, code and perhaps fields and version of the error that the row alone would have got.
    """

    saved: list[dict[str, Any]] = field(default_factory=list)
    skipped: list[dict[str, Any]] = field(default_factory=list)
    errors: list[dict[str, Any]] = field(default_factory=list)


def save_rows(rows: Iterable[Any], save: Callable[[Any], Saved], *, skip_unchanged: bool = False) -> Outcome:
    """Call `save` with each row in turn, whatever becomes of the others. It opens and ends its own transaction."""
    outcome = Outcome()
    for index, row in enumerate(rows):
        try:
            saved = save(row)
            if skip_unchanged and not saved.changed:
                raise Skipped(saved.product, "Nothing in it differs.")
            product = saved.product
            outcome.saved.append({"index": index, **_named(product), "version": product.version})
        except Skipped as skipped:
            outcome.skipped.append({"index": index, **_named(skipped.product), "reason": skipped.reason})
        except Exception as error:
            outcome.errors.append({"index": index, **_given(row), **_told(error)})
    return outcome


@transaction.atomic
def save_row(
    product_id: int,
    changes: Mapping[str, Any],
    *,
    actor: Actor,
    expected_version: int | None = None,
    counted: Mapping[str, int | None] | None = None,
) -> Saved:
    """`change_product_and_count`, and whether it changed anything.

    Seals the request's key, though other rows may follow: a repeat must not count the shelf of this one again.
    """
    held = hold_product(product_id, expected_version)
    before = held[product_id].version
    product = change_held(held, product_id, changes, actor=actor, counted=counted)
    idempotency.seal()
    return Saved(product, changed=product.version != before)


def _named(product: Product) -> dict[str, Any]:
    return {"id": product.pk, "sku": product.sku}


def _given(row: Any) -> dict[str, Any]:
    """Which product a row speaks of, as far as it says so in the right types."""
    given = row if isinstance(row, Mapping) else {}
    number, sku = given.get("id"), given.get("sku")
    return {"id": number if type(number) is int else None, "sku": sku if isinstance(sku, str) else None}


def _told(error: Exception) -> dict[str, Any]:
    told = refusal(error)
    body = told[1] if told else crash_body(error)
    return {name: body[name] for name in _SAID if name in body}
