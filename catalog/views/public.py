"""The public catalogue, and making categories and products."""

from functools import partial

from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.selectors import products as selectors
from catalog.serializers.products import (
    CatalogCategory,
    CategoryShort,
    ProductDetail,
    ProductPage,
    ProductQuery,
    Suggested,
    SuggestQuery,
)
from lld.core.access import PUBLIC
from lld.core.api import snapshots
from lld.core.api.views import ApiView

# What these answers are made of carries an ETag.
UNCHANGED = {304: OpenApiResponse(description="The caller has it.")}


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

    @extend_schema(operation_id="products_list", parameters=[ProductQuery], responses={200: ProductPage, **UNCHANGED})
    def get(self, request: Request) -> HttpResponseBase:
        """Products for sale, by name; with a search, the best first."""
        query = self.query(ProductQuery)
        window = query.pop("window")
        filters = selectors.Filters(for_sale=True, **query)
        revision = selectors.revision()
        build = partial(selectors.product_page_json, filters, window, revision)
        return snapshots.answer(request, snapshots.keep(f"products {filters} {window}", revision, build))


class SalesCatalog(ApiView):
    access = {"GET": PUBLIC}
    authentication_classes = ()

    @extend_schema(operation_id="products_sales_catalog", responses={200: CatalogCategory(many=True), **UNCHANGED})
    def get(self, request: Request) -> HttpResponseBase:
        """Everything for sale, by category and name."""
        kept = snapshots.keep("sales catalog", selectors.revision(), selectors.sales_catalog_json)
        return snapshots.answer(request, kept)


class Suggestions(ApiView):
    access = {"GET": PUBLIC}
    authentication_classes = ()

    @extend_schema(
        operation_id="products_suggest", parameters=[SuggestQuery], responses={200: Suggested, **UNCHANGED}
    )
    def get(self, request: Request) -> HttpResponseBase:
        """Products and categories for what someone has typed so far."""
        text = self.query(SuggestQuery)["q"]
        build = partial(selectors.suggestions_json, text)
        return snapshots.answer(request, snapshots.keep(f"suggest {text}", selectors.revision(), build))


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
