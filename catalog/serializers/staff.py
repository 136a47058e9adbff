"""Shapes of the shelves, as staff see and count them."""

from decimal import Decimal
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.models import Product
from catalog.rules import COSTS, sees_costs
from catalog.selectors.products import STAFF_FIELDS, STOCK_FIELDS
from catalog.serializers.barcodes import MOST_BARCODES, BarcodeShape
from catalog.serializers.bulk import RowError, RowsField, RowVersion, SavedRow
from catalog.serializers.images import NamedImageField
from catalog.serializers.products import (
    LARGEST_ID,
    CategoryShort,
    ChangeProduct,
    CreateProduct,
    ProductConflict,
    ProductShape,
)
from lld.core.api.fields import (
    CleanedField,
    LineField,
    MoneyField,
    QueryBooleanField,
    StrictBooleanField,
    StrictIntegerField,
)
from lld.core.api.paging import PageQuery
from lld.core.api.schema import SuccessField

MOST_COUNTED = 1_000_000


class StockQuery(PageQuery):
    search = CleanedField(max_length=200, required=False, default="")
    category = CleanedField(max_length=100, required=False, default="", help_text="A name or an id.")
    in_stock = QueryBooleanField(required=False, default=None, help_text="The switch, not the count.")


class StockedProduct(ProductShape):
    """A product on the shelf, sold or not."""

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
    expected_quantity = StrictIntegerField(
        min_value=0,
        max_value=MOST_COUNTED,
        required=False,
        allow_null=True,
        help_text="What the counter saw before; when goods have moved since, nothing is counted (409).",
    )
    note = LineField(
        max_length=60,
        required=False,
        allow_blank=True,
        default="",
        help_text="Why it was counted; kept in the ledger.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if "stock_quantity" in attrs:
            return attrs
        for name in ("expected_quantity", "note"):
            if attrs.get(name) not in {None, ""}:
                raise serializers.ValidationError({name: "It is for a count: name the stock_quantity, too."})
        return attrs


class StockChanged(serializers.Serializer[Any]):
    success = SuccessField()
    product = StockedProduct()


class StockConflict(ProductConflict):
    current = StockedProduct(required=False, help_text="With `version_conflict`: the product as it is now.")


class CategoryMade(serializers.Serializer[Any]):
    success = SuccessField()
    category = CategoryShort()


class MeasureField(serializers.DecimalField):
    """Ounces or inches, to the hundredth."""

    def __init__(self, *, max_digits: int, **kwargs: Any) -> None:
        super().__init__(
            max_digits=max_digits,
            decimal_places=2,
            coerce_to_string=False,
            min_value=Decimal(0),
            required=False,
            allow_null=True,
            **kwargs,
        )


class StaffColumns(serializers.Serializer[Any]):
    """What only staff set."""

    in_stock = StrictBooleanField(required=False)
    stock_quantity = StrictIntegerField(
        min_value=0, max_value=MOST_COUNTED, required=False, allow_null=True, help_text="Null: not counted."
    )
    cost_per_item = MoneyField(required=False, allow_null=True)
    ship_weight_oz = MeasureField(max_digits=9)
    ship_box_name = LineField(max_length=60, required=False, allow_blank=True)
    ship_box_length = MeasureField(max_digits=7)
    ship_box_width = MeasureField(max_digits=7)
    ship_box_height = MeasureField(max_digits=7)
    is_customizable = StrictBooleanField(required=False)
    case_quantity = StrictIntegerField(min_value=1, max_value=MOST_COUNTED, required=False, allow_null=True)
    bin_location = LineField(max_length=20, required=False, allow_blank=True)
    barcodes = BarcodeShape(  # type: ignore[call-arg]  # max_length is the list's
        many=True, required=False, max_length=MOST_BARCODES, help_text="All that it has; those not named go."
    )


class StaffCreateProduct(StaffColumns, CreateProduct):
    """A new product."""


class StaffChangeProduct(StaffColumns, ChangeProduct):
    """What is left out stays as it is."""

    is_active = StrictBooleanField(required=False)


class StaffProductsQuery(PageQuery):
    category_id = StrictIntegerField(min_value=1, required=False, default=None)
    search = CleanedField(max_length=200, required=False, default="")


class StaffProduct(ProductShape):
    """A product as staff see it. `by` in the context is who does: without it no costs are shown."""

    cost_per_item = MoneyField(allow_null=True, help_text="Null, too, for sales representatives and the warehouse.")
    ship_weight_oz = serializers.FloatField(allow_null=True, help_text="Ounces.")
    ship_box_length = serializers.FloatField(allow_null=True, help_text="Inches.")
    ship_box_width = serializers.FloatField(allow_null=True, help_text="Inches.")
    ship_box_height = serializers.FloatField(allow_null=True, help_text="Inches.")

    class Meta:
        model = Product
        fields = STAFF_FIELDS

    def to_representation(self, product: Product) -> dict[str, Any]:
        shown: dict[str, Any] = super().to_representation(product)
        by = self.context.get("by")
        return shown if by is not None and sees_costs(by) else {**shown, **dict.fromkeys(COSTS)}


class StaffProductPage(serializers.Serializer[Any]):
    products = StaffProduct(many=True)
    total = serializers.IntegerField(help_text="May lag behind by a few seconds.")
    pages = serializers.IntegerField()
    current_page = serializers.IntegerField()
    per_page = serializers.IntegerField()


class StaffProductChanged(serializers.Serializer[Any]):
    success = SuccessField()
    product = StaffProduct()


class StaffProductConflict(ProductConflict):
    current = StaffProduct(required=False, help_text="With `version_conflict`: the product as it is now.")


class BulkSaveRow(RowVersion, StaffChangeProduct):
    id = StrictIntegerField(min_value=1, max_value=LARGEST_ID)
    image_url = NamedImageField(required=False)


@extend_schema_field(BulkSaveRow(many=True))
class SaveRowsField(RowsField):
    pass


class BulkSave(serializers.Serializer[Any]):
    products = SaveRowsField()


class BulkSaved(serializers.Serializer[Any]):
    saved = SavedRow(many=True)
    errors = RowError(many=True)  # type: ignore[assignment]  # the key of the contract
