"""Products' pictures, as staff put, order and remove them."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import Image
from catalog.selectors import images as selectors
from catalog.selectors.products import products_by_id
from catalog.serializers import staff_images as shapes
from catalog.serializers.staff import StaffProduct, StaffProductChanged, StaffProductConflict
from catalog.services import images as services
from lld.core.access import STAFF
from lld.core.api.schema import IF_MATCH, UPLOAD_ERRORS
from lld.core.api.uploads import PictureForm, UploadView
from lld.core.api.views import ApiView

FORM = {"multipart/form-data": PictureForm}


class PicturedProductView(ApiView):
    """A product whose pictures are changed."""

    def current(self, object_id: int) -> dict[str, Any]:
        return dict(StaffProduct(products_by_id([object_id])[object_id], context={"by": self.actor}).data)

    def need_product(self, product_id: int) -> None:
        if product_id not in products_by_id([product_id]):
            raise Http404

    def stored_upload(self, product_id: int) -> Image:
        """The picture of the form. A product that does not exist needs none stored."""
        self.need_product(product_id)
        return services.store_upload(self.body(PictureForm)["image"])

    @property
    def author(self) -> dict[str, Any]:
        """Who changes which version, as services take it."""
        return {"actor": self.actor, "expected_version": self.expected_version()}


class ProductPicture(PicturedProductView, UploadView):
    access = {"POST": STAFF, "DELETE": STAFF}

    @extend_schema(
        operation_id="staff_products_image_set",
        parameters=[IF_MATCH],
        request=FORM,
        responses={200: shapes.PictureSet, 409: StaffProductConflict, **UPLOAD_ERRORS},
    )
    def post(self, request: Request, product_id: int) -> Response:
        """Give a product its picture, in place of the one so far."""
        author = self.author
        image = self.stored_upload(product_id)
        product = services.set_image(product_id, image, **author)
        answer = {"success": True, "image_url": product.image_address, "product": product}
        return Response(shapes.PictureSet(answer, context={"by": self.actor}).data)

    @extend_schema(
        operation_id="staff_products_image_remove",
        parameters=[IF_MATCH],
        responses={200: StaffProductChanged, 409: StaffProductConflict},
    )
    def delete(self, request: Request, product_id: int) -> Response:
        """Take a product's picture away. Others of its gallery stay there."""
        product = services.remove_image(product_id, **self.author)
        return Response(StaffProductChanged({"success": True, "product": product}, context={"by": self.actor}).data)


class ProductGallery(PicturedProductView, UploadView):
    access = {"GET": STAFF, "POST": STAFF}

    @extend_schema(operation_id="staff_products_images_list", responses=shapes.Gallery)
    def get(self, request: Request, product_id: int) -> Response:
        """A product's pictures in their order."""
        self.need_product(product_id)
        return Response(shapes.Gallery({"images": selectors.gallery_of(product_id)}).data)

    @extend_schema(
        operation_id="staff_products_images_add",
        parameters=[IF_MATCH],
        request=FORM,
        responses={
            200: shapes.PictureAdded,
            201: shapes.PictureAdded,
            409: StaffProductConflict,
            **UPLOAD_ERRORS,
        },
    )
    def post(self, request: Request, product_id: int) -> Response:
        """Add a picture at the end of the gallery. One that is in it already is answered with 200."""
        author = self.author
        image = self.stored_upload(product_id)
        row, product, added = services.add_to_gallery(product_id, image, **author)
        answer = {"success": True, "image": row, "product": product}
        return Response(shapes.PictureAdded(answer, context={"by": self.actor}).data, status=201 if added else 200)


class GalleryRow(PicturedProductView):
    access = {"DELETE": STAFF}

    @extend_schema(
        operation_id="staff_products_images_remove",
        parameters=[IF_MATCH],
        responses={200: StaffProductChanged, 409: StaffProductConflict},
    )
    def delete(self, request: Request, product_id: int, image_id: int) -> Response:
        """Take a picture out of the gallery. After the primary one, the next in order is primary."""
        product = services.remove_from_gallery(product_id, image_id, **self.author)
        return Response(StaffProductChanged({"success": True, "product": product}, context={"by": self.actor}).data)


class SetPrimary(PicturedProductView):
    access = {"POST": STAFF}

    @extend_schema(
        operation_id="staff_products_images_set_primary",
        parameters=[IF_MATCH],
        request=None,
        responses={200: StaffProductChanged, 409: StaffProductConflict},
    )
    def post(self, request: Request, product_id: int, image_id: int) -> Response:
        """Show this picture of the gallery as the product's own."""
        product = services.set_primary(product_id, image_id, **self.author)
        return Response(StaffProductChanged({"success": True, "product": product}, context={"by": self.actor}).data)


class ReorderGallery(PicturedProductView):
    access = {"POST": STAFF}

    @extend_schema(
        operation_id="staff_products_images_reorder",
        parameters=[IF_MATCH],
        request=shapes.Reorder,
        responses={200: StaffProductChanged, 409: StaffProductConflict},
    )
    def post(self, request: Request, product_id: int) -> Response:
        """Put the gallery in another order."""
        product = services.reorder_gallery(product_id, self.body(shapes.Reorder)["order"], **self.author)
        return Response(StaffProductChanged({"success": True, "product": product}, context={"by": self.actor}).data)


class UploadPicture(UploadView):
    access = {"POST": STAFF}

    @extend_schema(
        operation_id="staff_products_upload_image",
        request=FORM,
        responses={201: shapes.PictureStored, **UPLOAD_ERRORS},
    )
    def post(self, request: Request) -> Response:
        """Store a picture before there is a product to show it."""
        name = services.store_upload(self.body(PictureForm)["image"]).name
        answer = {"image_url": selectors.address_of(name), "thumbnail_url": selectors.thumbnail_address_of(name)}
        return Response(shapes.PictureStored({"success": True, **answer}).data, status=201)
