"""Numbers that can be texted."""

import pytest

from lld.core.phones import can_be_texted, phone_digits


@pytest.mark.parametrize(
    ("phone", "expected"),
    [
        ("+13125550147", True),
        ("+13129420147", True),
        ("+14165550100", True),
        ("+18765550123", False),
        ("+18769220123", False),
        ("+19002345678", False),
        ("+48512345678", False),
        ("+979123456789", False),
    ],
)
def test_can_be_texted_depends_on_country(phone: str, expected: bool) -> None:
    assert can_be_texted(phone) is expected


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("(312) 555-0147", "13125550147"),
        ("+44 20 7946 0958", "442079460958"),
        ("555-0147", "5550147"),
        ("0147", "0147"),
        ("maria 0147", ""),
        ("", ""),
        ("-", ""),
    ],
)
def test_digits_of_a_phone_or_of_its_end(text: str, digits: str) -> None:
    assert phone_digits(text) == digits
