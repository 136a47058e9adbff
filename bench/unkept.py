"""Our own lists without what is kept of them between requests: what building an answer costs."""

from django.http import HttpResponse
from rest_framework.request import Request

from catalog.selectors import products as selectors
from catalog.serializers.products import ProductQuery
from lld.core.access import PUBLIC
from lld.core.api.views import ApiView, json_text


class Products(ApiView):
    access = {"GET": PUBLIC}
    authentication_classes = ()

    def get(self, request: Request) -> HttpResponse:
        query = self.query(ProductQuery)
        window = query.pop("window")
        filters = selectors.Filters(for_sale=True, **query)
        return json_text(selectors.product_page_json(filters, window, selectors.revision()))


class SalesCatalog(ApiView):
    access = {"GET": PUBLIC}
    authentication_classes = ()

    def get(self, request: Request) -> HttpResponse:
        return json_text(selectors.sales_catalog_json())
