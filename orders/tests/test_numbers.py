"""Order numbers as people type them."""

import pytest

from orders.numbers import number_letters


@pytest.mark.parametrize(
    ("text", "letters"),
    [
        ("LLD-4K7Z-90AB", "lld4k7z90ab"),
        ("lld 4k7z 9oil", "lld4k7z9011"),
        ("4K7Z-9O", "4k7z9o"),
        ("KRVQ-KECO", "krvqkeco"),
        ("1Z 999 AA1 01", "1z999aa101"),
        ("georgia sarantos", ""),
        ("ana7@bar.test", ""),
        ("José 7", ""),
        ("-", ""),
        ("", ""),
    ],
)
def test_letters_of_what_may_be_a_number(text: str, letters: str) -> None:
    assert number_letters(text) == letters
