"""The demo catalogue is shipped data: a wrong row would show on the first screen.

Every check collects the offending SKUs and compares with an empty list, so that a failure names them.
"""

import csv
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from stdnum import ean

import demo
from demo.tests.repeats import repeated

Product = dict[str, str]

CATALOGUE = Path(demo.__file__).with_name("catalogue.csv")
# fmt: off
COLUMNS = [
    "sku", "name", "category", "brand", "unit_size", "unit_price", "bulk_price", "bulk_quantity", "cost_per_item",
    "stock_quantity", "in_stock", "ship_weight_oz", "ship_box_name", "ship_box_length", "ship_box_width",
    "ship_box_height", "case_quantity", "barcode", "is_customizable", "popularity", "description",
]
# fmt: on
LONGEST = {"sku": 40, "name": 200, "brand": 80, "unit_size": 60, "description": 1000}
REQUIRED = set(COLUMNS) - {"bulk_price", "bulk_quantity", "stock_quantity"}


@pytest.fixture(scope="module")
def products() -> list[Product]:
    with CATALOGUE.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        assert reader.fieldnames == COLUMNS
        return list(reader)


def test_categories_are_twenty_and_well_filled(products: list[Product]) -> None:
    sizes = Counter(p["category"] for p in products)
    assert len(sizes) == 20
    assert len(products) >= 290
    assert min(sizes.values()) >= 10


def test_skus_names_and_barcodes_are_unique(products: list[Product]) -> None:
    for column in ("sku", "name", "barcode"):
        assert repeated([p[column] for p in products]) == []


def test_text_is_present_trimmed_and_within_its_column(products: list[Product]) -> None:
    # A row with a stray comma has a None key or a None value.
    assert [p["sku"] for p in products if set(p) != set(COLUMNS) or None in p.values()] == []
    assert [(p["sku"], c) for p in products for c in REQUIRED if not p[c]] == []
    assert [(p["sku"], c) for p in products for c, text in p.items() if text != text.strip()] == []
    assert [(p["sku"], c) for p in products for c, longest in LONGEST.items() if len(p[c]) > longest] == []
    assert [p["sku"] for p in products if not re.fullmatch(r"[A-Z0-9-]{1,20}", p["sku"])] == []


def test_sku_prefix_tells_the_category(products: list[Product]) -> None:
    pairs = {(p["sku"].partition("-")[0], p["category"]) for p in products}
    assert len(pairs) == len({prefix for prefix, _ in pairs}) == 20


def test_money_has_two_decimals_and_keeps_a_margin(products: list[Product]) -> None:
    money = ("unit_price", "cost_per_item", "bulk_price")

    malformed = [(p["sku"], c) for p in products for c in money if p[c] and not re.fullmatch(r"\d+\.\d\d", p[c])]
    assert malformed == []

    for p in products:
        share = Decimal(p["cost_per_item"]) / Decimal(p["unit_price"])
        assert Decimal("0.55") <= share <= Decimal("0.78"), p["sku"]


def test_bulk_price_and_quantity_come_together_and_pay_off(products: list[Product]) -> None:
    assert [p["sku"] for p in products if bool(p["bulk_price"]) != bool(p["bulk_quantity"])] == []

    bulk = [p for p in products if p["bulk_price"]]
    assert 0.6 <= len(bulk) / len(products) <= 0.8

    for p in bulk:
        discount = 1 - Decimal(p["bulk_price"]) / Decimal(p["unit_price"])
        assert Decimal("0.05") <= discount <= Decimal("0.18"), p["sku"]
        assert Decimal(p["cost_per_item"]) < Decimal(p["bulk_price"]), p["sku"]
        assert 2 <= int(p["bulk_quantity"]) <= 48, p["sku"]


def test_stock_is_blank_or_agrees_with_in_stock(products: list[Product]) -> None:
    flags = ("in_stock", "is_customizable")
    assert [(p["sku"], c) for p in products for c in flags if p[c] not in {"0", "1"}] == []

    tracked = [p for p in products if p["stock_quantity"]]
    assert 0.85 <= len(tracked) / len(products) <= 0.95
    assert [p["sku"] for p in tracked if (int(p["stock_quantity"]) > 0) != (p["in_stock"] == "1")] == []
    assert 0.02 <= sum(p["in_stock"] == "0" for p in products) / len(products) <= 0.06


def test_weight_and_box_can_be_shipped_as_a_parcel(products: list[Product]) -> None:
    for p in products:
        length, width, height = (Decimal(p[f"ship_box_{side}"]) for side in ("length", "width", "height"))
        assert min(length, width, height) > 0, p["sku"]
        # The carriers' parcel limits: 150 lb, and 165 in of length plus girth.
        assert 0 < Decimal(p["ship_weight_oz"]) <= 150 * 16, p["sku"]

        longest, *others = sorted((length, width, height), reverse=True)
        assert longest + 2 * sum(others) <= 165, p["sku"]


def test_box_name_stands_for_one_size(products: list[Product]) -> None:
    sizes = {
        (p["ship_box_name"], *(p[f"ship_box_{side}"] for side in ("length", "width", "height"))) for p in products
    }
    assert repeated([name for name, *_ in sizes]) == []


def test_case_quantity_and_popularity_are_in_range(products: list[Product]) -> None:
    assert [p["sku"] for p in products if int(p["case_quantity"]) < 1] == []
    assert [p["sku"] for p in products if not 1 <= int(p["popularity"]) <= 100] == []


def test_barcodes_are_in_house_upcs(products: list[Product]) -> None:
    # UPC-A numbers that begin with 4 are reserved for use inside a company, so none can be another firm's product.
    assert [p["sku"] for p in products if not re.fullmatch(r"4\d{11}", p["barcode"])] == []
    assert [p["sku"] for p in products if not ean.is_valid(p["barcode"])] == []
