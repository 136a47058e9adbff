"""Shapes of the API by key."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from catalog.models import Product
from catalog.selectors.products import KEY_FIELDS
from catalog.serializers.products import CategoryShort, ProductConflict, ProductShape
from lld.core.api.fields import (
    ChoiceField,
    CleanedField,
    MoneyField,
    QueryBooleanField,
    StrictBooleanField,
    StrictIntegerField,
)
from lld.core.api.paging import PageQuery
from lld.core.api.schema import SuccessField

IDENTIFIERS = [("id", "id"), ("sku", "sku")]


class KeyProduct(ProductShape):
    """A product as automations see it: no cost."""

    class Meta:
        model = Product
        fields = KEY_FIELDS


class KeyProductQuery(PageQuery):
    category_id = StrictIntegerField(min_value=1, required=False, default=None)
    search = CleanedField(max_length=200, required=False, default="")
    in_stock = QueryBooleanField(required=False, default=None, help_text="The switch, not the count.")


class KeyProductPage(serializers.Serializer[Any]):
    products = KeyProduct(many=True)
    total = serializers.IntegerField(help_text="May lag behind by a few seconds.")
    page = serializers.IntegerField()
    per_page = serializers.IntegerField()
    pages = serializers.IntegerField()


class IdentifierQuery(serializers.Serializer[Any]):
    by = ChoiceField(
        choices=IDENTIFIERS, required=False, default="", help_text="What the identifier is; SKU first, unless given."
    )


class KeyProductAnswer(serializers.Serializer[Any]):
    product = KeyProduct()


class KeyProductChanged(KeyProductAnswer):
    success = SuccessField()


class KeyPictureSet(KeyProductChanged):
    image_url = serializers.CharField()


class KeyProductConflict(ProductConflict):
    current = KeyProduct(required=False, help_text="With `version_conflict`: the product as it is now.")


class SetInStock(serializers.Serializer[Any]):
    in_stock = StrictBooleanField()


class SetPrice(serializers.Serializer[Any]):
    """Without a bulk price the one so far stays; null ends it."""

    unit_price = MoneyField(min_value=Decimal("0.01"))
    bulk_price = MoneyField(min_value=Decimal("0.01"), required=False, allow_null=True)
    bulk_quantity = StrictIntegerField(min_value=2, max_value=1_000_000, required=False, allow_null=True)


class Categories(serializers.Serializer[Any]):
    categories = CategoryShort(many=True)
