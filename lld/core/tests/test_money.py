"""Dollars and cents."""

from decimal import Decimal

import pytest

from lld.core.money import from_cents, rounded, to_cents


def test_to_cents_is_exact_or_refused() -> None:
    assert [to_cents(Decimal(text)) for text in ("0.01", "19.99", "121")] == [1, 1999, 12100]
    assert str(from_cents(1999)) == "19.99"
    assert str(rounded(Decimal("2.345"))) == "2.35"
    with pytest.raises(ValueError, match="cents"):
        to_cents(Decimal("0.001"))
