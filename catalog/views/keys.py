"""The versioned API of automations, by key."""

from functools import partial
from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.models import Product
from catalog.selectors import products as selectors
from catalog.serializers import bulk as bulk_shapes
from catalog.serializers import keys as shapes
from catalog.serializers.products import CategoryShort, ChangeProduct
from catalog.services import bulk, images
from catalog.services import products as services
from lld.core.access import Scope, api_key
from lld.core.api.schema import IF_MATCH, UPLOAD_ERRORS, ErrorSerializer
from lld.core.api.uploads import LARGEST_JSON, PictureForm, UploadView
from lld.core.api.views import ApiView, json_text
from lld.core.errors import InvalidInput

READERS, WRITERS = api_key(Scope.CATALOG_READ), api_key(Scope.CATALOG_WRITE)


class KeyCategories(ApiView):
    access = {"GET": READERS}

    @extend_schema(operation_id="v1_categories_list", responses=shapes.Categories)
    def get(self, request: Request) -> Response:
        """All categories by name."""
        return Response({"categories": CategoryShort(selectors.categories(), many=True).data})


class KeyProducts(ApiView):
    access = {"GET": READERS}

    @extend_schema(
        operation_id="v1_products_list", parameters=[shapes.KeyProductQuery], responses=shapes.KeyProductPage
    )
    def get(self, request: Request) -> HttpResponse:
        """Products for sale, by name."""
        return json_text(selectors.key_page_json(**self.query(shapes.KeyProductQuery)))


class NamedProductView(ApiView):
    """A product for sale by SKU or id."""

    def named(self, identifier: str) -> Product:
        return selectors.product_named(identifier, **self.query(shapes.IdentifierQuery))

    def current(self, object_id: int) -> dict[str, Any]:
        return dict(shapes.KeyProduct(selectors.products_by_id([object_id])[object_id]).data)

    def change(self, identifier: str, changes: dict[str, Any]) -> Response:
        product = services.change_product(
            self.named(identifier).pk, changes, actor=self.actor, expected_version=self.expected_version()
        )
        return Response(shapes.KeyProductChanged({"success": True, "product": product}).data)


class KeyProduct(NamedProductView):
    access = {"GET": READERS, "PUT": WRITERS}
    largest_body = LARGEST_JSON

    @extend_schema(
        operation_id="v1_products_get", parameters=[shapes.IdentifierQuery], responses=shapes.KeyProductAnswer
    )
    def get(self, request: Request, identifier: str) -> Response:
        """One product, by its SKU or else its id."""
        return Response(shapes.KeyProductAnswer({"product": self.named(identifier)}).data)

    @extend_schema(
        operation_id="v1_products_change",
        parameters=[shapes.IdentifierQuery, IF_MATCH],
        request=ChangeProduct,
        responses={
            200: shapes.KeyProductChanged,
            404: ErrorSerializer,
            409: shapes.KeyProductConflict,
            **UPLOAD_ERRORS,
        },
    )
    def put(self, request: Request, identifier: str) -> Response:
        """Change what is given of a product."""
        return self.change(identifier, images.store_given_image(self.body(ChangeProduct)))


class KeyInventory(NamedProductView):
    access = {"PATCH": WRITERS}

    @extend_schema(
        operation_id="v1_products_set_in_stock",
        parameters=[shapes.IdentifierQuery, IF_MATCH],
        request=shapes.SetInStock,
        responses={200: shapes.KeyProductChanged, 404: ErrorSerializer, 409: shapes.KeyProductConflict},
    )
    def patch(self, request: Request, identifier: str) -> Response:
        """Switch a product's sale on or off, whatever the count."""
        return self.change(identifier, self.body(shapes.SetInStock))


class KeyPrice(NamedProductView):
    access = {"PATCH": WRITERS}

    @extend_schema(
        operation_id="v1_products_set_price",
        parameters=[shapes.IdentifierQuery, IF_MATCH],
        request=shapes.SetPrice,
        responses={200: shapes.KeyProductChanged, 404: ErrorSerializer, 409: shapes.KeyProductConflict},
    )
    def patch(self, request: Request, identifier: str) -> Response:
        """Publish a price. Who did, and from what to what, is in the audit log."""
        return self.change(identifier, self.body(shapes.SetPrice))


class KeyBulkUpdate(ApiView):
    access = {"POST": WRITERS}

    @extend_schema(
        operation_id="v1_products_bulk_update",
        request=bulk_shapes.BulkUpdate,
        responses={200: bulk_shapes.BulkUpdated, 413: ErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        """Change up to 200 products for sale, each row on its own: the answer says what became of which."""
        rows = self.body(bulk_shapes.BulkUpdate)["products"]
        outcome = bulk.save_rows(rows, partial(self.save, taken=set()), skip_unchanged=True)
        answer = {
            "success": not outcome.errors,
            "updated_count": len(outcome.saved),
            "skipped_count": len(outcome.skipped),
            "error_count": len(outcome.errors),
            "updated": outcome.saved,
            "skipped": outcome.skipped,
            "errors": outcome.errors,
        }
        return Response(bulk_shapes.BulkUpdated(answer).data)

    def save(self, row: Any, *, taken: set[int]) -> bulk.Saved:
        """`taken` are the products of the rows before that were fine, and then this one's, too."""
        changes = bulk_shapes.row_of(bulk_shapes.BulkUpdateRow, row)
        product = _product_of(changes.pop("id", None), changes.pop("sku", None))
        if product.pk in taken:
            raise bulk.Skipped(product, "A row before this one names the same product.")
        version = changes.pop("version", None)
        saved = bulk.save_row(product.pk, changes, actor=self.actor, expected_version=version)
        taken.add(product.pk)
        return saved


def _product_of(product_id: int | None, sku: str | None) -> Product:
    if product_id is None:
        return selectors.product_named(sku or "", by="sku")
    product = selectors.product_named(str(product_id), by="id")
    if sku and sku.upper() != product.sku.upper():
        sentence = f"Product {product_id} has another SKU."
        raise InvalidInput(sentence, fields={"sku": [sentence]})
    return product


class KeyImage(UploadView, NamedProductView):
    access = {"POST": WRITERS}

    @extend_schema(
        operation_id="v1_products_set_image",
        parameters=[shapes.IdentifierQuery, IF_MATCH],
        request={"multipart/form-data": PictureForm},
        responses={
            200: shapes.KeyPictureSet,
            404: ErrorSerializer,
            409: shapes.KeyProductConflict,
            **UPLOAD_ERRORS,
        },
    )
    def post(self, request: Request, identifier: str) -> Response:
        """Give a product its picture, in place of the one so far."""
        product_id = self.named(identifier).pk
        image = images.store_upload(self.body(PictureForm)["image"])
        product = images.set_image(product_id, image, actor=self.actor, expected_version=self.expected_version())
        answer = {"success": True, "image_url": product.image_address, "product": product}
        return Response(shapes.KeyPictureSet(answer).data)
