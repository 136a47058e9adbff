"""Pictures of products. Files are written before, and forgotten after the transaction that their rows are in."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, BinaryIO

import structlog
from django.db import transaction
from django.utils import timezone

from catalog import locks
from catalog.models import Image, Product, ProductImage
from catalog.selectors.images import gallery_of, place_of, thumbnail_place_of, unseen
from catalog.services import gallery, revision
from catalog.services.products import change_held, hold_product
from lld.core import audit
from lld.core.actors import Actor
from lld.core.errors import GatewayError, InvalidInput, NotFound
from lld.core.images import read_picture
from lld.gateways import files

log = structlog.get_logger(__name__)

KEPT_UNSEEN = timedelta(days=1)
MOST_SWEPT = 1000
JPEG = "image/jpeg"


def store_upload(upload: bytes | BinaryIO, *, field: str = "image") -> Image:
    """Check a picture and keep it in our encoding. It is swept after a day unless a product shows it.

    Never within a transaction. InvalidInput naming `field`, TooLarge, GatewayError.
    """
    picture = read_picture(upload, field=field)
    with locks.hold_files(picture.name):
        files.save(place_of(picture.name), picture.jpeg, JPEG)
        files.save(thumbnail_place_of(picture.name), picture.thumbnail, JPEG)
        values = {"width": picture.width, "height": picture.height, "size": len(picture.jpeg)}
        # Whoever stores it once more has a whole day again to show it.
        image, _ = Image.objects.update_or_create(
            name=picture.name, defaults={**values, "created_at": timezone.now()}
        )
    return image


def store_given_image(values: Mapping[str, Any]) -> dict[str, Any]:
    """`values` of a product with `image_url` as its row keeps it: a picture given there (bytes) is stored first.

    Before the transaction that writes them, never within. InvalidInput naming `image_url`, TooLarge, GatewayError.
    """
    given = values.get("image_url")
    if not isinstance(given, bytes):
        return dict(values)
    return {**values, "image_url": place_of(store_upload(given, field="image_url").name)}


@transaction.atomic
def set_image(product_id: int, image: Image, *, actor: Actor, expected_version: int | None = None) -> Product:
    """Make a picture the product's own in place of the primary one, which leaves the gallery.

    NotFound, StaleVersion; Conflict when the gallery is full.
    """
    held = hold_product(product_id, expected_version)
    product = held[product_id]
    place = _take_primary_out(product, but=image)
    product = change_held(held, product_id, {"image_url": place_of(image.name)}, actor=actor)
    if place is not None:
        product.gallery.filter(image=image).update(sort_order=place)
    return product


@transaction.atomic
def remove_image(product_id: int, *, actor: Actor, expected_version: int | None = None) -> Product:
    """Take the product's primary picture away, also one elsewhere. Other pictures of the gallery stay in it."""
    held = hold_product(product_id, expected_version)
    product = held[product_id]
    _take_primary_out(product)
    return change_held(held, product_id, {"image_url": ""}, actor=actor)


@transaction.atomic
def add_to_gallery(
    product_id: int, image: Image, *, actor: Actor, expected_version: int | None = None
) -> tuple[ProductImage, Product, bool]:
    """The picture's row at the end of the gallery, the product, and whether it is new there.

    It becomes the primary one of a product that shows none. NotFound; StaleVersion; Conflict when there is no room.
    """
    held = hold_product(product_id, expected_version)
    product = held[product_id]
    locked = _lock(image.name)
    row, added = gallery.show_image(product, locked)
    if added:
        _record(product, "image_add", actor=actor, after={"image": image.name})
    if not product.image_url:
        product = change_held(held, product_id, {"image_url": place_of(image.name)}, actor=actor)
        row.refresh_from_db(fields=["is_primary"])
    return row, product, added


@transaction.atomic
def remove_from_gallery(
    product_id: int, row_id: int, *, actor: Actor, expected_version: int | None = None
) -> Product:
    """Take a picture out of the gallery; after the primary one, the next in order is primary.

    NotFound, StaleVersion.
    """
    held = hold_product(product_id, expected_version)
    product = held[product_id]
    row = _row(product, row_id)
    row.delete()
    _record(product, "image_remove", actor=actor, before={"image": row.image.name})
    if not row.is_primary:
        return product
    following = gallery_of(product_id).first()
    place = place_of(following.image.name) if following else ""
    return change_held(held, product_id, {"image_url": place}, actor=actor)


@transaction.atomic
def set_primary(product_id: int, row_id: int, *, actor: Actor, expected_version: int | None = None) -> Product:
    """Make a picture of the gallery the one that the product shows. NotFound, StaleVersion."""
    held = hold_product(product_id, expected_version)
    product = held[product_id]
    place = place_of(_row(product, row_id).image.name)
    return change_held(held, product_id, {"image_url": place}, actor=actor)


@transaction.atomic
def reorder_gallery(
    product_id: int, order: Sequence[int], *, actor: Actor, expected_version: int | None = None
) -> Product:
    """Put the gallery in this order of its rows' ids. InvalidInput unless they are all of them, each once."""
    held = hold_product(product_id, expected_version)
    product = held[product_id]
    rows = {row.pk: row for row in gallery_of(product_id)}
    if sorted(order) != sorted(rows):
        sentence = "Name every picture of the gallery once, and no other."
        raise InvalidInput(sentence, fields={"order": [sentence]})
    before = list(rows)
    if list(order) == before:
        return product
    for place, row_id in enumerate(order):
        rows[row_id].sort_order = place
    ProductImage.objects.bulk_update(rows.values(), ["sort_order"])
    _record(product, "image_reorder", actor=actor, before={"order": str(before)}, after={"order": str(list(order))})
    return product


def sweep_images() -> int:
    """Forget pictures that nobody has shown since yesterday, with their files; how many."""
    names = unseen(timezone.now() - KEPT_UNSEEN).order_by("pk").values_list("name", flat=True)
    return sum(_forget(name) for name in names[:MOST_SWEPT])


def _forget(name: str) -> bool:
    """Whether the picture is gone. Who stores it meanwhile waits for its files; who shows it, for its row."""
    with locks.hold_files(name):
        with transaction.atomic():
            image = locks.lock_image(name)
            if image is None or not unseen(timezone.now() - KEPT_UNSEEN).filter(pk=image.pk).exists():
                return False
            image.delete()
        try:
            files.delete(thumbnail_place_of(name))
            files.delete(place_of(name))
        except GatewayError as error:
            # With its row back, the files are forgotten another day.
            log.warning("picture_not_forgotten", reason=error.sentence)
            image.save(force_insert=True)
            return False
    return True


def _take_primary_out(product: Product, *, but: Image | None = None) -> int | None:
    """Take the primary picture out of the gallery, unless it is `but`; the place that became free, if one did."""
    row = product.gallery.filter(is_primary=True).exclude(image=but).first()
    if row is None:
        return None
    row.delete()
    return row.sort_order


def _lock(name: str) -> Image:
    image = locks.lock_image(name)
    if image is None:
        raise NotFound("There is no such picture.")
    return image


def _row(product: Product, row_id: int) -> ProductImage:
    row = gallery_of(product.pk).filter(pk=row_id).first()
    if row is None:
        raise NotFound("The product has no such picture.")
    return row


def _record(
    product: Product,
    what: str,
    *,
    actor: Actor,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    """A change of the gallery is one of the product: its version rises, and the log says who did it."""
    product.version += 1
    product.save(update_fields=["version", "updated_at"])
    audit.record(f"product.{what}", actor=actor, target=product, before=before, after=after)
    revision.advance_revision()
