"""Shapes of pictures, and of the address that names one."""

import base64
import binascii
import re
from typing import Any
from urllib.parse import urlsplit

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.models import ProductImage
from catalog.selectors.images import address_of, name_in, own_place, thumbnail_address_of
from lld.core.errors import TooLarge
from lld.core.images import MOST_BYTES

LONGEST_ADDRESS = 500
_DATA = re.compile(r"data:image/[a-z0-9.+-]{1,40};base64,", re.IGNORECASE)


@extend_schema_field(OpenApiTypes.STR)
class ImageAddressField(serializers.Field[str | bytes, Any, Any, Any]):
    """A picture's address in, `Product.image_url` out; "" for none.

    One of ours becomes its place, one elsewhere stays, and of a data URL the picture itself comes out, as bytes that
    nobody has looked at yet.
    """

    accepted = "A web address, one that an upload answered with, or a data URL with a picture of at most 20 MB."
    default_error_messages = {
        "invalid": "Not a valid string.",
        "address": "Enter a web address.",
        "long": f"An address has {LONGEST_ADDRESS} characters at most.",
        "unknown": "There is no such picture.",
        "base64": "What follows base64 is not Base64.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(help_text=self.accepted, **kwargs)

    def to_internal_value(self, data: Any) -> str | bytes:
        if not isinstance(data, str):
            self.fail("invalid")
        if (head := _DATA.match(data)) is not None:
            return self.picture(data[head.end() :])
        address = data.strip()
        if len(address) > LONGEST_ADDRESS:
            self.fail("long")
        if address and not is_web_address(address):
            self.fail("address")
        place = own_place(address)
        if place is None:
            return address
        if name_in(place) is None:
            self.fail("unknown")
        return place

    def picture(self, text: str) -> bytes:
        if len(text) > MOST_BYTES * 4 // 3 + 4:
            raise TooLarge(f"A picture may have {MOST_BYTES // 1024**2} MB at most.")
        try:
            return base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            self.fail("base64")

    def to_representation(self, value: str | bytes) -> Any:
        return value


@extend_schema_field(OpenApiTypes.STR)
class NamedImageField(ImageAddressField):
    """The same without data URLs: one request of many rows would have hundreds of pictures decoded."""

    accepted = "A web address, or one that an upload answered with."
    default_error_messages = {"upload": "Upload the picture first."}

    def picture(self, text: str) -> bytes:
        self.fail("upload")


def is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not re.search(r"[\s\0]", url)


class GalleryPicture(serializers.ModelSerializer[ProductImage]):
    """A picture of a product's gallery."""

    image_url = serializers.SerializerMethodField()
    thumbnail_url = serializers.SerializerMethodField(help_text="A JPEG of at most 320 pixels a side.")
    width = serializers.IntegerField(source="image.width", help_text="Pixels.")
    height = serializers.IntegerField(source="image.height", help_text="Pixels.")

    class Meta:
        model = ProductImage
        fields = ("id", "image_url", "thumbnail_url", "is_primary", "sort_order", "width", "height")

    def get_image_url(self, row: ProductImage) -> str:
        return address_of(row.image.name)

    def get_thumbnail_url(self, row: ProductImage) -> str:
        return thumbnail_address_of(row.image.name)
