"""Shapes of the shelves, as staff see and count them."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from catalog.models import Product
from catalog.selectors import STOCK_FIELDS
from catalog.serializers import CategoryShort, ProductConflict
from lld.core.api.fields import LineField, MoneyField, QueryBooleanField, StrictBooleanField, StrictIntegerField
from lld.core.api.paging import PageQuery

MOST_COUNTED = 1_000_000


class StockQuery(PageQuery):
    search = serializers.CharField(max_length=200, required=False, default="")
    category = serializers.CharField(max_length=100, required=False, default="", help_text="A name or an id.")
    in_stock = QueryBooleanField(required=False, default=None, help_text="The switch, not the count.")


class StockedProduct(serializers.ModelSerializer[Product]):
    """A product on the shelf, sold or not."""

    unit_price = MoneyField()
    bulk_price = MoneyField(allow_null=True)
    category_id = serializers.IntegerField()

    class Meta:
        model = Product
        fields = STOCK_FIELDS


class StockPage(serializers.Serializer[Any]):
    products = StockedProduct(many=True)
    total = serializers.IntegerField(help_text="May lag behind by a few seconds.")
    page = serializers.IntegerField()
    per_page = serializers.IntegerField()
    pages = serializers.IntegerField()


class ChangeStock(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    in_stock = StrictBooleanField(required=False)
    unit_price = MoneyField(min_value=Decimal("0.01"), required=False)
    bulk_price = MoneyField(min_value=Decimal("0.01"), required=False, allow_null=True)
    bulk_quantity = StrictIntegerField(min_value=2, max_value=1_000_000, required=False, allow_null=True)
    stock_quantity = StrictIntegerField(
        min_value=0, max_value=MOST_COUNTED, required=False, allow_null=True, help_text="Null stops counting."
    )
    note = LineField(
        max_length=60,
        required=False,
        allow_blank=True,
        default="",
        help_text="Why it was counted; kept in the ledger.",
    )


class StockChanged(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    product = StockedProduct()


class StockConflict(ProductConflict):
    current = StockedProduct(required=False, help_text="With `version_conflict`: the product as it is now.")


class CategoryMade(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    category = CategoryShort()
