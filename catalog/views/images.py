"""Pictures, as anyone sees them, and as automations put them."""

from typing import ClassVar

from django.http import HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from catalog.models import IMAGES, THUMBNAILS
from catalog.selectors import images as selectors
from catalog.selectors.products import public_products
from lld.core.access import PUBLIC
from lld.core.api.schema import VENDOR_ERRORS, ErrorSerializer
from lld.core.api.uploads import has_picture, picture
from lld.core.api.views import ApiView
from lld.core.errors import NotFound
from lld.gateways import files
from lld.gateways.bulkhead import FILE_READS

# A file never changes: its name is a hash of what is in it.
FOR_EVER = "public, max-age=31536000, immutable"
# A product's picture may; who has it asks again, and mostly hears that it has not.
FOR_MINUTES = "public, max-age=300"
# A page shows dozens of pictures at once, and each is read in milliseconds.
WAIT_SECONDS = 0.5
JPEG = {(200, "image/jpeg"): OpenApiTypes.BINARY, 304: OpenApiResponse(description="The caller has it.")}


class StoredPictureView(ApiView):
    """Answers with files of one public folder; others in the same store have no address."""

    folder: ClassVar[str]
    authentication_classes = ()

    def answer(self, request: Request, name: str) -> HttpResponseBase:
        if selectors.NAME.fullmatch(name) is None:
            raise NotFound("There is no such picture.")
        return stored(request, f"{self.folder}{name}{selectors.SUFFIX}", FOR_EVER)


class MediaImage(StoredPictureView):
    folder = IMAGES
    access = {"GET": PUBLIC}

    @extend_schema(operation_id="media_images_get", responses={**JPEG, **VENDOR_ERRORS})
    def get(self, request: Request, name: str) -> HttpResponseBase:
        """A product's picture, where no bucket shows it."""
        return self.answer(request, name)


class MediaThumbnail(StoredPictureView):
    folder = THUMBNAILS
    access = {"GET": PUBLIC}

    @extend_schema(operation_id="media_thumbnails_get", responses={**JPEG, **VENDOR_ERRORS})
    def get(self, request: Request, name: str) -> HttpResponseBase:
        """A product's small picture, where no bucket shows it."""
        return self.answer(request, name)


class Thumbnail(ApiView):
    access = {"GET": PUBLIC}
    authentication_classes = ()

    @extend_schema(
        operation_id="products_thumbnail",
        responses={
            **JPEG,
            302: OpenApiResponse(description="The picture is elsewhere, or in a public bucket."),
            404: ErrorSerializer,
            **VENDOR_ERRORS,
        },
    )
    def get(self, request: Request, product_id: int) -> HttpResponseBase:
        """The small JPEG of a product for sale; 404 when it has no picture."""
        product = get_object_or_404(public_products().only("image_url"), pk=product_id)
        name = selectors.name_in(product.image_url)
        if name is not None and not selectors.bucket_is_public():
            return stored(request, selectors.thumbnail_place_of(name), FOR_MINUTES)
        if not product.image_url:
            raise NotFound("The product has no picture.")
        return HttpResponseRedirect(product.thumbnail_address, headers={"Cache-Control": FOR_MINUTES})


def stored(request: Request, place: str, cache_control: str) -> HttpResponseBase:
    """A file of ours, or 304 to who has it: its name is its ETag. NotFound; Overloaded; GatewayError."""
    etag = f'"{place}"'
    known = has_picture(request, etag, cache_control)
    if known is not None:
        return known
    with FILE_READS.place(wait_seconds=WAIT_SECONDS):
        content = files.read(place)
    if content is None:
        raise NotFound("There is no such picture.")
    return picture(content, etag, cache_control)
