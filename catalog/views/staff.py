"""The shelves, as staff see and count them."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.selectors import products as catalog
from catalog.serializers import staff as shapes
from catalog.serializers.bulk import row_of
from catalog.serializers.products import (
    CategoryShort,
    ChangeCategory,
    CreateCategory,
    CreateProduct,
    ProductDetail,
)
from catalog.services import bulk, images
from catalog.services import products as services
from lld.core.access import COUNTERS, MANAGERS, STAFF
from lld.core.api.idempotency import idempotent
from lld.core.api.schema import IF_MATCH, UPLOAD_ERRORS, Done, ErrorSerializer
from lld.core.api.uploads import LARGEST_JSON
from lld.core.api.views import ApiView, json_text


class StaffCategories(ApiView):
    access = {"GET": STAFF, "POST": MANAGERS}

    @extend_schema(operation_id="staff_categories_list", responses=CategoryShort(many=True))
    def get(self, request: Request) -> Response:
        """All categories by name."""
        return Response(CategoryShort(catalog.categories(), many=True).data)

    @extend_schema(
        operation_id="staff_categories_create", request=CreateCategory, responses={201: shapes.CategoryMade}
    )
    def post(self, request: Request) -> Response:
        """Make a category."""
        category = services.create_category(actor=self.actor, **self.body(CreateCategory))
        return Response(shapes.CategoryMade({"success": True, "category": category}).data, status=201)


class StaffCategory(ApiView):
    access = {"PUT": MANAGERS}

    @extend_schema(
        operation_id="staff_categories_change",
        request=ChangeCategory,
        responses={200: shapes.CategoryMade, 404: ErrorSerializer, 409: ErrorSerializer},
    )
    def put(self, request: Request, category_id: int) -> Response:
        """Change a category's name or description; its address stays."""
        category = services.change_category(category_id, self.body(ChangeCategory), actor=self.actor)
        return Response(shapes.CategoryMade({"success": True, "category": category}).data)


class Inventory(ApiView):
    access = {"GET": STAFF}

    @extend_schema(operation_id="staff_inventory_list", parameters=[shapes.StockQuery], responses=shapes.StockPage)
    def get(self, request: Request) -> HttpResponse:
        """Everything on the shelves, sold or not, by name."""
        return json_text(catalog.stock_page_json(**self.query(shapes.StockQuery)))


class InventoryItem(ApiView):
    access = {"PUT": COUNTERS}

    def current(self, object_id: int) -> dict[str, Any]:
        return dict(shapes.StockedProduct(catalog.products_by_id([object_id])[object_id]).data)

    @extend_schema(
        operation_id="staff_inventory_change",
        parameters=[IF_MATCH],
        request=shapes.ChangeStock,
        responses={200: shapes.StockChanged, 409: shapes.StockConflict},
    )
    def put(self, request: Request, product_id: int) -> Response:
        """Count a product, switch its sale or, as admin or manager, publish a price.

        A count becomes a row of the stock ledger, a price a row of the audit log.
        """
        changes = self.body(shapes.ChangeStock)
        note = changes.pop("note")
        asked = ("stock_quantity", "expected_quantity")
        counted: dict[str, int | None] = {name: changes.pop(name) for name in asked if name in changes}
        product = services.change_product_and_count(
            product_id,
            changes,
            actor=self.actor,
            expected_version=self.expected_version(),
            counted=counted,
            note=note,
        )
        return Response(shapes.StockChanged({"success": True, "product": product}).data)


class StaffProducts(ApiView):
    access = {"GET": STAFF, "POST": MANAGERS}
    largest_body = LARGEST_JSON

    @extend_schema(
        operation_id="staff_products_list",
        parameters=[shapes.StaffProductsQuery],
        responses=shapes.StaffProductPage,
    )
    def get(self, request: Request) -> HttpResponse:
        """Every product, sold or not, by name; with its cost for admin, manager and staff."""
        return json_text(catalog.staff_page_json(self.actor, **self.query(shapes.StaffProductsQuery)))

    @extend_schema(
        operation_id="staff_products_create",
        request=shapes.StaffCreateProduct,
        responses={201: shapes.StaffProductChanged, **UPLOAD_ERRORS},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Make a product. A stock that is given opens its ledger."""
        product = services.create_product(
            actor=self.actor, **images.store_given_image(self.body(shapes.StaffCreateProduct))
        )
        return Response(
            shapes.StaffProductChanged({"success": True, "product": product}, context={"by": self.actor}).data,
            status=201,
        )


class StaffProductView(ApiView):
    access = {"PUT": MANAGERS, "DELETE": MANAGERS}
    largest_body = LARGEST_JSON

    def current(self, object_id: int) -> dict[str, Any]:
        return dict(
            shapes.StaffProduct(catalog.products_by_id([object_id])[object_id], context={"by": self.actor}).data
        )

    @extend_schema(
        operation_id="staff_products_change",
        parameters=[IF_MATCH],
        request=shapes.StaffChangeProduct,
        responses={200: shapes.StaffProductChanged, 409: shapes.StaffProductConflict, **UPLOAD_ERRORS},
    )
    def put(self, request: Request, product_id: int) -> Response:
        """Change what is given of a product. A count becomes a row of the ledger, a price a row of the audit log."""
        changes = images.store_given_image(self.body(shapes.StaffChangeProduct))
        counted = {"stock_quantity": changes.pop("stock_quantity")} if "stock_quantity" in changes else None
        product = services.change_product_and_count(
            product_id, changes, actor=self.actor, expected_version=self.expected_version(), counted=counted
        )
        return Response(
            shapes.StaffProductChanged({"success": True, "product": product}, context={"by": self.actor}).data
        )

    @extend_schema(
        operation_id="staff_products_delete",
        parameters=[IF_MATCH],
        responses={200: Done, 409: shapes.StaffProductConflict},
    )
    def delete(self, request: Request, product_id: int) -> Response:
        """Delete a product; one that was ordered or counted before is taken off sale and kept."""
        gone = services.delete_product(product_id, actor=self.actor, expected_version=self.expected_version())
        kept = "It was ordered or counted before, so it is kept, off sale."
        return Response({"success": True, "message": "The product is deleted." if gone else kept})


class BulkSave(ApiView):
    access = {"POST": MANAGERS}

    @extend_schema(
        operation_id="staff_products_bulk_save",
        request=shapes.BulkSave,
        responses={200: shapes.BulkSaved, 413: ErrorSerializer},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        """Save up to 200 products, each row on its own and in order: the answer says what became of which."""
        outcome = bulk.save_rows(self.body(shapes.BulkSave)["products"], self.save)
        return Response(shapes.BulkSaved(outcome).data)

    def save(self, row: Any) -> bulk.Saved:
        changes = row_of(shapes.BulkSaveRow, row)
        product_id, version = changes.pop("id"), changes.pop("version", None)
        counted = {"stock_quantity": changes.pop("stock_quantity")} if "stock_quantity" in changes else None
        return bulk.save_row(product_id, changes, actor=self.actor, expected_version=version, counted=counted)


class AdminCategories(ApiView):
    access = {"POST": MANAGERS}

    @extend_schema(operation_id="admin_categories_create", request=CreateCategory, responses={201: CategoryShort})
    def post(self, request: Request) -> Response:
        """Make a category."""
        category = services.create_category(actor=self.actor, **self.body(CreateCategory))
        return Response(CategoryShort(category).data, status=201)


class AdminProducts(ApiView):
    access = {"POST": MANAGERS}
    largest_body = LARGEST_JSON

    @extend_schema(
        operation_id="admin_products_create",
        request=CreateProduct,
        responses={201: ProductDetail, **UPLOAD_ERRORS},
    )
    def post(self, request: Request) -> Response:
        """Make a product. Its stock is not counted until staff enter a count."""
        product = services.create_product(actor=self.actor, **images.store_given_image(self.body(CreateProduct)))
        return Response(ProductDetail(product).data, status=201)
