"""Shapes of the GTINs of a product."""

from typing import Any

from rest_framework import serializers
from stdnum import ean
from stdnum.exceptions import ValidationError as InvalidNumber

from catalog.enums import BarcodeUnit
from catalog.models import Barcode
from lld.core.api.fields import ChoiceField, LineField

MOST_BARCODES = 20
LENGTHS = (8, 12, 13, 14)


class GtinField(LineField):
    """A GTIN with a right check digit, kept in the shortest of its spellings: scanners add or drop zeros in front."""

    default_error_messages = {"gtin": "Enter a barcode of 8, 12, 13 or 14 digits with its check digit."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, help_text="A GTIN; zeros in front that it can do without are cut.", **kwargs)

    def to_internal_value(self, data: Any) -> str:
        try:
            bare = ean.validate(super().to_internal_value(data)).lstrip("0")
        except InvalidNumber:
            self.fail("gtin")
        if not bare:
            self.fail("gtin")
        return bare.zfill(next(length for length in LENGTHS if length >= len(bare)))


class Barcodes(serializers.ListSerializer[Any]):
    """Those of one product, by code."""

    def validate(self, attrs: Any) -> Any:
        codes = [barcode["code"] for barcode in attrs]
        twice = sorted({code for code in codes if codes.count(code) > 1})
        if twice:
            raise serializers.ValidationError(f"Barcode {twice[0]} is here twice.")
        return attrs

    def to_representation(self, data: Any) -> Any:
        return super().to_representation(sorted(data.all(), key=lambda barcode: barcode.code))


class BarcodeShape(serializers.ModelSerializer[Barcode]):
    code = GtinField()
    unit = ChoiceField(choices=BarcodeUnit.choices, default=BarcodeUnit.EACH)

    class Meta:
        model = Barcode
        fields = ("code", "unit")
        list_serializer_class = Barcodes
