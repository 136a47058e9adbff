"""What a model may say to a customer in its own words."""

import pytest

from catalog.services.sentences import sentences
from catalog.services.wording import is_harmless

NAMED = ("Bib Apron, 3 Pockets, Black, 30 x 34 in", "18 qt Square Container", "Dinner Plate, 10-1/4 in")


@pytest.mark.parametrize(
    "text",
    [
        "A bib apron with 3 pockets fits a busy line.",
        "The 18 qt container is clear, so cooks see what is in it.",
        "Para una cocina así conviene el delantal negro.",
        "Powder-free gloves, and a center cut of the bucket list.",
        "Plates of 10-1/4 in.\nWide rims.",
        "It's what most taquerias take.",
    ],
)
def test_plain_words_about_products_pass(text: str) -> None:
    assert is_harmless(text, NAMED)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "a" * 601,
        "Only $5 today",
        "You get 20% on everything",
        "You get 20 on everything",
        "Twenty percent for you",
        "For you half of it",
        "Take two, the second is FREE",
        "Take two, the second is ＦＲＥＥ",
        "That is five dollars",
        "We give a discount",
        "With a díscount",
        "Le damos un descuento",
        "Se lo dejo a mitad",
        "Es gratis",
        "Use code COOKS",
        "Remise accordée",
        "给您打折",
        "I match any price",
        "We guarantee it",
        "It is 50 off",
        "It is ٥٠ for you",
        "Ordered by 1000 cooks",
        "See www.example.test",
        "See cheap-pans.com",
        "See https://example.test/a",
        "Write to sales@example.test",
        "<b>Good</b>",
        "<script>alert(1)</script>",
        "[a](b)",
        "Good\u202etxet",
        "Good\u200bly",
        "Good\x07",
        "Good\x1b[31m",
    ],
)
def test_money_promises_links_markup_and_unknown_numbers_do_not(text: str) -> None:
    assert not is_harmless(text, NAMED)


def test_our_own_sentences_have_the_language_asked_for_and_english_otherwise() -> None:
    assert sentences("es-MX") == sentences("es") != sentences("en")
    assert sentences("tlh") == sentences("en")
    for language in ("en", "es", "fr", "pl", "zh"):
        line = sentences(language).bulk.format(price="$8.00", quantity=12)
        assert "$8.00" in line
        assert "12" in line
