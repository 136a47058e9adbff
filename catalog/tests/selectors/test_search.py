"""Search in the words that cooks type."""

import random
from typing import Any

import pytest
from django.db.models import Q
from rest_framework.test import APIClient

from catalog.models import Barcode, Product
from catalog.selectors import search
from catalog.services import products as services
from lld.core.access import Role
from lld.core.actors import SYSTEM
from tests.factories import CategoryFactory, ProductFactory, as_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop() -> None:
    """Few products, each with what makes it hard to find."""
    aprons = CategoryFactory(name="Aprons & Uniforms")
    knives = CategoryFactory(name="Knives")
    for sku, name, brand, category, description in (
        ("AP-1004", "Bib Apron, 3 Pockets, Black", "LLD Select", aprons, "Machine wash."),
        ("AP-1005", "Waist Apron, White", "LLD Select", aprons, ""),
        ("AP-1044", "Chef Pants, Baggy, Black, Large", "Chef Works", aprons, ""),
        ("CW-1132", "Fry Pan, 12 in, Non-Stick", "Vollrath", knives, "With a sleeve."),
        ("GLV-2344", "Pan Handle Sleeve, Silicone, 5-1/2 in", "Winco", knives, "For a 12 in fry pan."),
        ("FS-1304", "18 qt Square Food Storage Container", "Cambro", knives, ""),
        ("TW-1604", "Dinner Plate, 10-1/4 in, Porcelain", "Tuxton", knives, ""),
        ("SP-2864", "1/9 Size Food Pan, 4 in Deep", "Cambro", knives, ""),
        ("KN-2008", "Chef's Knife, 10 in", "Victorinox", knives, "The cook's first tool."),
        ("GLV-2308", "Nitrile Gloves, Powder-Free, Medium", "San Jamar", knives, ""),
        ("SW-1240", "Sauté Server, 16oz", "Winco", knives, "Ladle and spatula in one."),
    ):
        ProductFactory(sku=sku, name=name, brand=brand, category=category, description=description)


def found(api: APIClient, text: str, **query: Any) -> list[str]:
    answer = api.get("/api/products", {"search": text, **query})
    assert answer.status_code == 200, answer.content
    return [row["sku"] for row in answer.json()["products"]]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("AP-1004", "AP-1004"),
        ("ap-1004", "AP-1004"),
        ("ap1004", "AP-1004"),
        ("ap 1004", "AP-1004"),
        ("GLV-230", "GLV-2308"),
        ("fry pan", "CW-1132"),
        ('12" fry pan', "CW-1132"),
        ("frying pan 12 inch", "CW-1132"),
        ("skillet", "CW-1132"),
        ("nonstick pan", "CW-1132"),
        ("18qt food storage", "FS-1304"),
        ("18 quart food storage", "FS-1304"),
        ("10.25 plate", "TW-1604"),
        ("10 1/4 plates", "TW-1604"),
        ("1/9 pan", "SP-2864"),
        ("16 oz", "SW-1240"),
        ("saute server", "SW-1240"),
        ("chefs knife", "KN-2008"),
        ("chef's knife", "KN-2008"),
        ("victorinox", "KN-2008"),
        ("chef pants large", "AP-1044"),
        ("large pants chef", "AP-1044"),
        ("delantal", "AP-1004"),
        ("delantales negros", "AP-1004"),
        ("sartén", "CW-1132"),
        ("guantes de nitrilo", "GLV-2308"),
        ("cuchillo de chef", "KN-2008"),
        ("uniforms", "AP-1004"),
        ("cook's first tool", "KN-2008"),
        ("nitril", "GLV-2308"),
        ("nitirle gloves", "GLV-2308"),
        ("glvoes", "GLV-2308"),
        ("skilet", "CW-1132"),
        ("delental", "AP-1004"),
        ("cambor 18 qt", "FS-1304"),
        ("victornox knif", "KN-2008"),
        ("I need a black apron for my cooks", "AP-1004"),
    ],
)
def test_search_ranks_the_best_match_first(api: APIClient, text: str, first: str) -> None:
    assert found(api, text)[:1] == [first]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("sku", "name", "text"),
    [
        ("PG-77", "Pint Glass, Nonic", "pint glass"),
        ("PG-77", "Pint Glass, Nonic", "pint"),
        ("ST-1", "Foot Stool", "foot"),
        ("10B", "Nothing else", "10B"),
        ("10B", "Nothing else", "10-b"),
        ("TONG-X", "Nothing else", "tong-x"),
        ("CN-1", "餐盘 大", "餐盘"),
        ("RU-1", "КАСТРЮЛЯ", "кастрюля"),
        ("HF-1", "½ Size Pan", "½"),
    ],
)
def test_unusual_text_is_found_first_and_suggested(api: APIClient, sku: str, name: str, text: str) -> None:
    ProductFactory(sku="AA-1", name="Tong with 10 bows, 1 pt, 1 ft", brand="")
    ProductFactory(sku=sku, name=name, brand="")
    assert found(api, text)[:1] == [sku]
    suggested = api.get("/api/products/suggest", {"q": text}).json()["products"]
    assert sku in [row["sku"] for row in suggested]


@pytest.mark.usefixtures("shop")
def test_barcode_is_found_with_any_leading_zeros(api: APIClient) -> None:
    Barcode.objects.create(product=Product.objects.get(sku="KN-2008"), code="012345678905")
    assert found(api, "012345678905") == ["KN-2008"]
    assert found(api, "12345678905") == ["KN-2008"]
    assert found(api, "0012345678905") == ["KN-2008"]
    assert found(api, "012345678912") == []


@pytest.mark.usefixtures("shop")
def test_filters_narrow_a_search(api: APIClient) -> None:
    aprons = Product.objects.get(sku="AP-1004").category
    assert found(api, "black", category_id=aprons.pk) == ["AP-1004", "AP-1044"]
    assert found(api, "fry pan", category="aprons & uniforms") == []
    assert found(api, "fry pan", category="100% {off} %(whole)s '") == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shop")
def test_inactive_product_is_found_by_staff_only(api: APIClient) -> None:
    product = Product.objects.get(sku="AP-1004")

    services.change_product(product.pk, {"is_active": False}, actor=SYSTEM)
    assert found(api, "bib apron") != ["AP-1004"]
    assert "AP-1004" not in found(api, "ap1004")

    answer = as_staff(Role.WAREHOUSE).get("/api/staff/products", {"search": "bib apron"})
    assert [row["sku"] for row in answer.json()["products"]] == ["AP-1004"]


@pytest.mark.usefixtures("shop")
def test_search_pages_hold_every_product_once(api: APIClient) -> None:
    whole = found(api, "pan")
    assert len(whole) > 2

    pages = [found(api, "pan", per_page=1, page=page) for page in range(1, len(whole) + 2)]
    assert [sku for page in pages for sku in page] == whole

    answer = api.get("/api/products?search=pan&per_page=2").json()
    assert (answer["total"], answer["pages"]) == (len(whole), -(-len(whole) // 2))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("shop")
def test_renamed_product_is_found_at_once(api: APIClient) -> None:
    assert found(api, "bistro apron")[:1] != ["AP-1005"]
    services.change_product(Product.objects.get(sku="AP-1005").pk, {"name": "Bistro Apron, White"}, actor=SYSTEM)
    assert found(api, "bistro apron") == ["AP-1005"]


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    "text",
    [
        "'", "''", "\\", "a\\' & b", "!(a | b)", "a:*", "<->", "%", "_", "%%%", "(", "&&&", "| |", '"', "½", "🍳",
        "a" * 200, "'; DROP TABLE catalog_product; --", "-", "--", "1/", "/", ".", "the of in", "x", "100%", "ап",
        "a.b-c_d/e", "12-", "1-a", "$5", "AP_1004", "\u202e", "ß", "İ",
    ],
)  # fmt: skip
def test_odd_text_is_no_error(api: APIClient, text: str) -> None:
    found(api, text)
    assert api.get("/api/products/suggest", {"q": text[:100]}).status_code == 200


def test_sku_prefix_ranks_before_its_parts(api: APIClient) -> None:
    ProductFactory(sku="A-1", name="SFS Lid, 18 qt", brand="")
    ProductFactory(sku="18SFS-148", name="Food Box", brand="")
    assert found(api, "18sfs") == ["18SFS-148", "A-1"]


def test_number_ranks_sku_prefixes_before_words(api: APIClient) -> None:
    for sku, name in (
        ("A-1", "Fry Pan, 120 ct"),
        ("A-2", "12 in Fry Pan"),
        ("A-3", "Lid, for a 12 in Pan"),
        ("12-77", "Whisk"),
        ("12", "Funnel"),
    ):
        ProductFactory(sku=sku, name=name, brand="")

    assert found(api, "12") == ["12", "12-77", "A-2", "A-3", "A-1"]


def test_whole_words_rank_before_begun_words(api: APIClient) -> None:
    ProductFactory(sku="A-1", name="Carrier Cup Cover Case Crate Cart", brand="Cambro")
    ProductFactory(sku="A-2", name="Towel, C Fold", brand="")
    assert found(api, "c") == ["A-2", "A-1"]


def test_category_matches_are_ordered_by_name(api: APIClient) -> None:
    knives = CategoryFactory(name="Knives")
    for name in ("Slicer", "Boning, curved", "Paring"):
        ProductFactory(name=name, brand="", category=knives)
    rows = api.get("/api/products?search=knives").json()["products"]
    assert [row["name"] for row in rows] == ["Boning, curved", "Paring", "Slicer"]


@pytest.mark.usefixtures("shop")
def test_trailing_dash_is_ignored(api: APIClient) -> None:
    ProductFactory(sku="TP-4", name="Tray, 4-Tier")
    assert "TP-4" in found(api, "4- t")


@pytest.mark.usefixtures("shop")
def test_like_patterns_stand_for_themselves(api: APIClient) -> None:
    assert found(api, "%") == found(api, "_") == []


@pytest.mark.usefixtures("shop")
def test_search_loses_no_hit_of_a_plain_search() -> None:
    """Every product whose name, SKU or brand holds each word is found, whatever part of the words is typed."""
    shuffled = random.Random(1)
    texts = [f"{p.name} {p.brand} {p.sku}" for p in Product.objects.all()]

    for _ in range(300):
        words = shuffled.choice(texts).split()
        start = shuffled.randrange(len(words))
        pieces = [word[: shuffled.randint(1, len(word))] for word in words[start : start + shuffled.randint(1, 3)]]
        contained = Product.objects.all()
        for piece in pieces:
            contained = contained.filter(
                Q(name__icontains=piece) | Q(sku__icontains=piece) | Q(brand__icontains=piece)
            )
        wanted = set(contained.values_list("pk", flat=True))
        assert wanted <= set(search.ranked(search.Shelf.of(Product.objects.all()), " ".join(pieces))), pieces


@pytest.mark.usefixtures("shop")
@pytest.mark.parametrize(
    ("typed", "first"),
    [("ap", "AP-1004"), ("bib", "AP-1004"), ("fry p", "CW-1132"), ("she", None), ("knif", "KN-2008"),
     ("AP-10", "AP-1004"), ("guant", None), ("guantes", "GLV-2308"), ("glvoes", "GLV-2308"), ("the", None)],
)  # fmt: skip
def test_suggest_matches_as_one_types(api: APIClient, typed: str, first: str | None) -> None:
    answer = api.get("/api/products/suggest", {"q": typed}).json()
    assert [row["sku"] for row in answer["products"]][:1] == ([first] if first else [])
    assert len(answer["products"]) <= 8


@pytest.mark.usefixtures("shop")
def test_suggest_names_categories(api: APIClient) -> None:
    answer = api.get("/api/products/suggest?q=KNI").json()
    assert [category["name"] for category in answer["categories"]] == ["Knives"]


def test_suggest_needs_text_and_may_be_empty(api: APIClient) -> None:
    assert api.get("/api/products/suggest?q=").status_code == 400
    assert api.get("/api/products/suggest?q=zzz").json() == {"products": [], "categories": []}
