"""Money: Decimal with two digits, rounded half up. Minor units are whole cents."""

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal("0.00")
MOST = Decimal("9999999999.99")


def to_cents(amount: Decimal) -> int:
    """Whole cents of an amount with at most two digits. ValueError when it has more."""
    cents = amount * 100
    if cents != cents.to_integral_value():
        raise ValueError(f"{amount} is not a whole number of cents")
    return int(cents)


def from_cents(cents: int) -> Decimal:
    return (Decimal(cents) / 100).quantize(CENT)


def rounded(amount: Decimal) -> Decimal:
    """Two digits, half up, as the receipts print it."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
