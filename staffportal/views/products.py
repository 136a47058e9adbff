"""The shelves, as staff see and count them."""

from typing import Any

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog import selectors as catalog
from catalog.serializers import CategoryShort, CreateCategory
from catalog.services import products as services
from lld.core.access import STAFF
from lld.core.api.schema import IF_MATCH
from lld.core.api.views import ApiView, json_text
from staffportal.serializers import products as shapes


class StaffCategories(ApiView):
    access = {"GET": STAFF, "POST": STAFF}

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


class Inventory(ApiView):
    access = {"GET": STAFF}

    @extend_schema(operation_id="staff_inventory_list", parameters=[shapes.StockQuery], responses=shapes.StockPage)
    def get(self, request: Request) -> HttpResponse:
        """Everything on the shelves, sold or not, by name."""
        return json_text(catalog.stock_page(**self.query(shapes.StockQuery)))


class InventoryItem(ApiView):
    access = {"PUT": STAFF}

    def current(self, object_id: int) -> dict[str, Any]:
        return dict(shapes.StockedProduct(catalog.products_by_id([object_id])[object_id]).data)

    @extend_schema(
        operation_id="staff_inventory_change",
        parameters=[IF_MATCH],
        request=shapes.ChangeStock,
        responses={200: shapes.StockChanged, 409: shapes.StockConflict},
    )
    def put(self, request: Request, product_id: int) -> Response:
        """Count a product, switch its sale, or publish a price.

        A count becomes a row of the stock ledger, a price a row of the audit log.
        """
        changes = self.body(shapes.ChangeStock)
        note = changes.pop("note")
        counted = {"stock_quantity": changes.pop("stock_quantity")} if "stock_quantity" in changes else None
        product = services.change_stock_and_price(
            product_id,
            changes,
            actor=self.actor,
            expected_version=self.expected_version(),
            counted=counted,
            note=note,
        )
        return Response(shapes.StockChanged({"success": True, "product": product}).data)
