"""Keeping a product's gallery in step with the picture that its `image_url` names."""

from django.db.models import Max

from catalog import locks
from catalog.models import Image, Product, ProductImage
from catalog.selectors.images import name_in
from lld.core.errors import Conflict, InvalidInput

MOST_PICTURES = 20


def follow_image_url(product: Product) -> None:
    """Make the picture that `image_url` names the gallery's primary one, in the transaction that changes it.

    The caller has locked the product. What was primary before stays in the gallery, unless that is full and a new
    picture needs its place. InvalidInput when there is no such picture (any more); Conflict when the gallery is full
    of others.
    """
    name = name_in(product.image_url)
    former = product.gallery.filter(is_primary=True).exclude(image__name=name or "").first()
    if former is not None:
        former.is_primary = False
        former.save(update_fields=["is_primary"])
    if name is None:
        return
    image = locks.lock_image(name)
    if image is None:
        sentence = "There is no such picture."
        raise InvalidInput(sentence, fields={"image_url": [sentence]})
    row, _ = show_image(product, image, instead_of=former)
    if not row.is_primary:
        row.is_primary = True
        row.save(update_fields=["is_primary"])


def show_image(
    product: Product, image: Image, *, instead_of: ProductImage | None = None
) -> tuple[ProductImage, bool]:
    """The picture's row in the gallery, at its end if it is new, and whether it is new.

    When the gallery is full, it takes the place of `instead_of`. Conflict without one.
    """
    known = product.gallery.filter(image=image).first()
    if known is not None:
        return known, False
    if product.gallery.count() < MOST_PICTURES:
        last = product.gallery.aggregate(last=Max("sort_order"))["last"]
        place = 0 if last is None else last + 1
    elif instead_of is not None:
        instead_of.delete()
        place = instead_of.sort_order
    else:
        raise Conflict(f"A product may have {MOST_PICTURES} pictures at most.")
    return ProductImage.objects.create(product=product, image=image, sort_order=place), True
