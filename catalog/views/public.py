"""The public catalogue, and making categories and products."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.selectors import products as selectors
from catalog.serializers.products import (
    CategoryShort,
    CreateCategory,
    CreateProduct,
    ProductDetail,
    ProductPage,
    ProductQuery,
)
from catalog.services import products as services
from lld.core.access import MANAGERS, PUBLIC
from lld.core.api.views import ApiView, json_text


class CategoryList(ApiView):
    access = {"GET": PUBLIC}
    authentication_classes = ()

    @extend_schema(operation_id="categories_list", responses=CategoryShort(many=True))
    def get(self, request: Request) -> Response:
        """All categories by name."""
        return Response(CategoryShort(selectors.categories(), many=True).data)


class ProductList(ApiView):
    access = {"GET": PUBLIC}
    authentication_classes = ()

    @extend_schema(operation_id="products_list", parameters=[ProductQuery], responses=ProductPage)
    def get(self, request: Request) -> HttpResponse:
        """Products for sale, by name."""
        query = self.query(ProductQuery)
        return json_text(
            selectors.product_page(
                window=query["window"],
                category_id=query.get("category_id"),
                category=query["category"],
                search=query["search"],
            )
        )


class ProductById(ApiView):
    access = {"GET": PUBLIC}
    authentication_classes = ()

    @extend_schema(operation_id="products_get", responses=ProductDetail)
    def get(self, request: Request, product_id: int) -> Response:
        """One product for sale."""
        product = get_object_or_404(selectors.public_products().select_related("category"), pk=product_id)
        return Response(ProductDetail(product).data)


class ProductBySku(ApiView):
    access = {"GET": PUBLIC}
    authentication_classes = ()

    @extend_schema(operation_id="products_get_by_sku", responses=ProductDetail)
    def get(self, request: Request, sku: str) -> Response:
        """One product for sale, by its SKU whatever the case."""
        product = get_object_or_404(selectors.public_products().select_related("category"), sku__iexact=sku)
        return Response(ProductDetail(product).data)


class AdminCategories(ApiView):
    access = {"POST": MANAGERS}

    @extend_schema(operation_id="admin_categories_create", request=CreateCategory, responses={201: CategoryShort})
    def post(self, request: Request) -> Response:
        """Make a category."""
        category = services.create_category(actor=self.actor, **self.body(CreateCategory))
        return Response(CategoryShort(category).data, status=201)


class AdminProducts(ApiView):
    access = {"POST": MANAGERS}

    @extend_schema(operation_id="admin_products_create", request=CreateProduct, responses={201: ProductDetail})
    def post(self, request: Request) -> Response:
        """Make a product. Its stock is not counted until staff enter a count."""
        product = services.create_product(actor=self.actor, **self.body(CreateProduct))
        return Response(ProductDetail(product).data, status=201)
