"""Shapes of the catalogue's requests and answers."""

from decimal import Decimal
from typing import Any

from rest_framework import serializers

from catalog.models import Category, Product
from catalog.serializers.barcodes import BarcodeShape
from catalog.serializers.images import ImageAddressField
from lld.core.api.fields import (
    CleanedField,
    LineField,
    MoneyField,
    PatternField,
    StrictBooleanField,
    StrictIntegerField,
    TextField,
)
from lld.core.api.paging import PageQuery
from lld.core.api.schema import ErrorSerializer

LARGEST_ID = 2**63 - 1


class CategoryShort(serializers.ModelSerializer[Category]):
    class Meta:
        model = Category
        fields = ("id", "name", "slug", "description")


class CreateCategory(serializers.Serializer[Any]):
    name = LineField(max_length=100)
    description = TextField(max_length=1000, required=False, allow_blank=True, default="")


class ChangeCategory(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    name = LineField(max_length=100, required=False)
    description = TextField(max_length=1000, required=False, allow_blank=True)


class ProductQuery(PageQuery):
    default_size = 100

    category_id = StrictIntegerField(min_value=1, required=False, default=None)
    category = CleanedField(max_length=100, required=False, default="", help_text="A category's name.")
    search = CleanedField(
        max_length=200,
        required=False,
        default="",
        help_text="Words, in English or Spanish, a SKU or its beginning, or a barcode.",
    )

    def validate_category(self, category: str) -> str:
        return category.lower()


class CatalogRow(serializers.Serializer[Any]):
    """A product as anyone may see it, in short."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    sku = serializers.CharField()
    brand = serializers.CharField(allow_blank=True)
    unit_price = MoneyField()
    bulk_price = MoneyField(allow_null=True)
    bulk_quantity = serializers.IntegerField(allow_null=True)
    unit_size = serializers.CharField(allow_blank=True)
    in_stock = serializers.BooleanField(help_text="Whether a customer could have one now.")


class CatalogCategory(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    products = CatalogRow(many=True)


class ProductListRow(CatalogRow):
    """A product in the public list."""

    slug = serializers.CharField()
    thumbnail_url = serializers.CharField(allow_blank=True, help_text="A small JPEG; empty without a picture.")


class ProductPage(serializers.Serializer[Any]):
    products = ProductListRow(many=True)
    total = serializers.IntegerField(help_text="May lag behind by a few seconds.")
    pages = serializers.IntegerField()
    current_page = serializers.IntegerField()
    per_page = serializers.IntegerField()


class SuggestQuery(serializers.Serializer[Any]):
    q = CleanedField(max_length=100, help_text="What was typed so far.")

    def validate_q(self, text: str) -> str:
        return text.lower()


class CategoryName(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    slug = serializers.CharField()


class Suggested(serializers.Serializer[Any]):
    products = ProductListRow(many=True, help_text="At most 8, the best first.")
    categories = CategoryName(many=True, help_text="At most 3.")


class ProductShape(serializers.ModelSerializer[Product]):
    """What answers with a whole product have in common."""

    unit_price = MoneyField()
    bulk_price = MoneyField(allow_null=True)
    category_id = serializers.IntegerField()
    image_url = serializers.CharField(source="image_address", help_text="Empty without a picture.")
    thumbnail_url = serializers.CharField(source="thumbnail_address", help_text="A small JPEG, or the picture.")
    barcodes = BarcodeShape(many=True)


class ProductDetail(ProductShape):
    """A product as anyone may see it: no cost, no counts."""

    category = serializers.CharField(source="category.name")
    in_stock = serializers.SerializerMethodField(help_text="Whether a customer could have one now.")

    class Meta:
        model = Product
        fields = (
            "id",
            "name",
            "slug",
            "description",
            "category_id",
            "category",
            "sku",
            "unit_price",
            "bulk_price",
            "bulk_quantity",
            "unit_size",
            "case_quantity",
            "brand",
            "image_url",
            "thumbnail_url",
            "barcodes",
            "in_stock",
            "is_customizable",
        )

    def get_in_stock(self, product: Product) -> bool:
        return product.can_promise(1)


class SkuField(PatternField):
    """Parts between slashes, which are not only dots: programs would drop those from an address."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            r"\A(?![._-])(?:(?!\.+(?:/|\Z))[A-Za-z0-9._-]+(?:/(?!\Z)|\Z))+\Z",
            max_length=40,
            error_messages={"invalid": "Use letters, digits, dots, dashes, slashes and underscores."},
            **kwargs,
        )


class CreateProduct(serializers.Serializer[Any]):
    name = LineField(max_length=200)
    description = TextField(max_length=5000, required=False, allow_blank=True, default="")
    category_id = StrictIntegerField(min_value=1, max_value=LARGEST_ID)
    sku = SkuField()
    unit_price = MoneyField(min_value=Decimal("0.01"))
    bulk_price = MoneyField(min_value=Decimal("0.01"), required=False, allow_null=True, default=None)
    bulk_quantity = StrictIntegerField(
        min_value=2, max_value=1_000_000, required=False, allow_null=True, default=None
    )
    unit_size = LineField(max_length=60, required=False, allow_blank=True, default="")
    brand = LineField(max_length=80, required=False, allow_blank=True, default="")
    image_url = ImageAddressField(required=False, default="")


class ChangeProduct(serializers.Serializer[Any]):
    """What is left out stays as it is."""

    name = LineField(max_length=200, required=False)
    description = TextField(max_length=5000, required=False, allow_blank=True)
    category_id = StrictIntegerField(min_value=1, max_value=LARGEST_ID, required=False)
    sku = SkuField(required=False)
    unit_price = MoneyField(min_value=Decimal("0.01"), required=False)
    bulk_price = MoneyField(min_value=Decimal("0.01"), required=False, allow_null=True)
    bulk_quantity = StrictIntegerField(min_value=2, max_value=1_000_000, required=False, allow_null=True)
    unit_size = LineField(max_length=60, required=False, allow_blank=True)
    brand = LineField(max_length=80, required=False, allow_blank=True)
    in_stock = StrictBooleanField(required=False)
    image_url = ImageAddressField(required=False)


class ProductConflict(ErrorSerializer):
    version = serializers.IntegerField(required=False, help_text="With `version_conflict`.")
