"""Repeats in data that are shipped."""

from collections import Counter
from collections.abc import Sequence


def repeated(values: Sequence[str]) -> list[str]:
    """Values that occur more than once, letter case aside."""
    return [value for value, count in Counter(map(str.casefold, values)).items() if count > 1]
