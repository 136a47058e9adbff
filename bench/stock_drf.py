"""The lists as an ordinary DRF project has them: ModelSerializer, pagination, prefetch."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers, viewsets
from rest_framework.pagination import PageNumberPagination
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.renderers import JSONRenderer

from accounts.authentication import SessionAuthentication
from catalog.models import Category, Product
from orders.models import Order, OrderLine
from orders.selectors import LINE_FIELDS
from orders.serializers.staff import StaffOrderRow

PRODUCT_FIELDS = (
    "id", "name", "sku", "brand", "unit_price", "bulk_price", "bulk_quantity", "unit_size", "in_stock", "slug",
    "thumbnail_url",
)  # fmt: skip
CATALOG_FIELDS = (
    "id", "name", "sku", "unit_price", "bulk_price", "bulk_quantity", "brand", "unit_size", "in_stock",
)  # fmt: skip
OWN_ORDER_FIELDS = (
    "id", "order_number", "user_id", "status", "created_at", "total_amount", "balance", "payment_status",
    "delivery_name", "item_count", "tracking_number", "carrier", "items",
)  # fmt: skip


class Pages(PageNumberPagination):
    page_size_query_param = "per_page"
    max_page_size = 200


class ProductSerializer(serializers.ModelSerializer[Product]):
    thumbnail_url = serializers.CharField(source="thumbnail_address")

    class Meta:
        model = Product
        fields = PRODUCT_FIELDS


class CatalogProductSerializer(serializers.ModelSerializer[Product]):
    class Meta:
        model = Product
        fields = CATALOG_FIELDS


class CatalogCategorySerializer(serializers.ModelSerializer[Category]):
    products = CatalogProductSerializer(many=True)

    class Meta:
        model = Category
        fields = ("id", "name", "products")


class Products(viewsets.ReadOnlyModelViewSet[Product]):
    queryset = Product.objects.filter(is_active=True).order_by("name", "id")
    serializer_class = ProductSerializer
    pagination_class = Pages
    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer,)


class SalesCatalog(viewsets.ReadOnlyModelViewSet[Category]):
    queryset = (
        Category.objects.filter(products__is_active=True)
        .distinct()
        .order_by("name")
        .prefetch_related(Prefetch("products", Product.objects.filter(is_active=True).order_by("name", "id")))
    )
    serializer_class = CatalogCategorySerializer
    authentication_classes = ()
    permission_classes = (AllowAny,)
    renderer_classes = (JSONRenderer,)


class LineSerializer(serializers.ModelSerializer[OrderLine]):
    product_id = serializers.IntegerField()

    class Meta:
        model = OrderLine
        fields = LINE_FIELDS


class OwnOrderSerializer(serializers.ModelSerializer[Order]):
    order_number = serializers.CharField(source="number")
    user_id = serializers.IntegerField(source="customer_id")
    items = LineSerializer(source="lines", many=True)

    class Meta:
        model = Order
        fields: Any = OWN_ORDER_FIELDS


class OrderSerializer(OwnOrderSerializer):
    sales_rep_id = serializers.IntegerField()

    class Meta(OwnOrderSerializer.Meta):
        fields: Any = StaffOrderRow.Meta.fields


class Orders(viewsets.ReadOnlyModelViewSet[Order]):
    queryset = Order.objects.filter(deleted_at=None).order_by("-created_at", "-id").prefetch_related("lines")
    serializer_class: Any = OrderSerializer
    pagination_class = Pages
    permission_classes = (IsAuthenticated,)
    renderer_classes = (JSONRenderer,)


class OwnOrders(Orders):
    serializer_class: Any = OwnOrderSerializer
    authentication_classes = (SessionAuthentication,)

    def get_queryset(self) -> QuerySet[Order]:
        return super().get_queryset().filter(customer_id=self.request.user.pk)
