"""How often what many are shown has changed."""

from typing import NamedTuple


class Revised(NamedTuple):
    """How often what answers show has changed, and when it last did (seconds since 1970, 0 for never)."""

    number: int
    at: int
