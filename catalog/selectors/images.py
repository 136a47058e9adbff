"""Where pictures of ours are, and reads of galleries."""

import re
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Concat

from catalog.models import IMAGES, THUMBNAILS, Image, Product, ProductImage, public_address

NAME = re.compile(r"[0-9a-f]{32}")
SUFFIX = ".jpg"
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_PLACE = re.compile(rf"{IMAGES}({NAME.pattern}){re.escape(SUFFIX)}")


def place_of(name: str) -> str:
    """Where the file of the picture with this name is: what `Product.image_url` keeps of it."""
    return f"{IMAGES}{name}{SUFFIX}"


def thumbnail_place_of(name: str) -> str:
    return f"{THUMBNAILS}{name}{SUFFIX}"


def address_of(name: str) -> str:
    """Where the world sees the picture with this name."""
    return public_address(place_of(name))


def thumbnail_address_of(name: str) -> str:
    return public_address(thumbnail_place_of(name))


def name_in(place: str) -> str | None:
    """The name of the picture at a place; None for an address elsewhere, or none."""
    found = _PLACE.fullmatch(place)
    return found[1] if found else None


def bucket_is_public() -> bool:
    """Whether browsers fetch our files from the bucket, past the web server."""
    return _served_under() != settings.MEDIA_URL


def own_place(address: str) -> str | None:
    """The part of an address behind that of our files, by http or https; None for an address elsewhere.

    The web server's own address counts beside the bucket's: it serves the same files. Behind it is nothing else that
    could be a product's picture: its thumbnail would lead to itself.
    """
    scheme = _SCHEME.match(address)
    if scheme is None:
        return None
    for base in (settings.MEDIA_URL, _served_under(), f"{settings.PUBLIC_URL}/"):
        host_and_path = _SCHEME.sub("", base, count=1)
        if address.lower().startswith(host_and_path.lower(), scheme.end()):
            return address[scheme.end() + len(host_and_path) :]
    return None


def _served_under() -> str:
    return f"{settings.PUBLIC_URL}/media/"


def gallery_of(product_id: int) -> QuerySet[ProductImage]:
    """A product's pictures in their order."""
    return ProductImage.objects.filter(product=product_id).select_related("image").order_by("sort_order", "id")


def unseen(before: datetime) -> QuerySet[Image]:
    """Pictures that were last stored before a moment, and that no product shows."""
    place = Concat(Value(IMAGES), OuterRef("name"), Value(SUFFIX))
    return Image.objects.filter(
        ~Exists(ProductImage.objects.filter(image=OuterRef("pk"))),
        ~Exists(Product.objects.filter(image_url=place)),
        created_at__lt=before,
    )
