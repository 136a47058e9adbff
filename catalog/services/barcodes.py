"""The GTINs that the warehouse scans."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import IntegrityError, transaction

from catalog.models import Barcode, Product
from catalog.services import revision
from lld.core import audit
from lld.core.actors import Actor
from lld.core.errors import Conflict, ErrorCode


def replace_barcodes(product: Product, barcodes: Sequence[Mapping[str, Any]], *, actor: Actor) -> None:
    """Give a product these codes (`code`, `unit`) and no others, in its caller's transaction.

    The caller has locked the product. Conflict, naming the SKU, when another product has one of the codes.
    """
    before = {barcode.code: barcode.unit for barcode in product.barcodes.all()}
    after = {str(barcode["code"]): str(barcode["unit"]) for barcode in barcodes}
    if before == after:
        return
    _refuse_taken(product, after)
    # In the order of the codes, so that two who enter the same ones never wait for each other.
    rows = [Barcode(product=product, code=code, unit=unit) for code, unit in sorted(after.items())]
    try:
        with transaction.atomic():
            product.barcodes.all().delete()
            Barcode.objects.bulk_create(rows)
    except IntegrityError as error:
        # Another product took one between the look and the write.
        _refuse_taken(product, after)
        raise Conflict("Others are changing these barcodes. Try again.", code=ErrorCode.BUSY) from error
    product.version += 1
    product.save(update_fields=["version", "updated_at"])
    audit.record(
        "product.barcodes",
        actor=actor,
        target=product,
        before={"barcodes": _words(before)},
        after={"barcodes": _words(after)},
    )
    revision.advance_revision()


def _refuse_taken(product: Product, codes: Mapping[str, str]) -> None:
    taken = Barcode.objects.filter(code__in=codes).exclude(product=product).select_related("product").order_by("code")
    if (first := taken.first()) is not None:
        sentence = f"Barcode {first.code} belongs to {first.product.sku}."
        raise Conflict(sentence, code=ErrorCode.DUPLICATE)


def _words(barcodes: Mapping[str, str]) -> str:
    return ", ".join(f"{code} {unit}" for code, unit in sorted(barcodes.items()))
