"""What an answer gives away, by marks that only guarded fields carry."""

import re
from typing import Any

from tests.api.route import Shows
from tests.api.world import COST

# The order of `World` comes to 45.00, its product costs us 6.17; customers have these addresses.
MARKS = {
    "cost": re.compile(rf"(?<!\d:)(?<![\d.]){re.escape(str(COST))}(?!\d)"),
    "money": re.compile(r"(?<!\d:)(?<![\d.])45\.00?(?!\d)"),
    "contact": re.compile(r"maria@lamilpa\.test|customer\d+@example\.test"),
}


def text_of(answer: Any) -> str:
    return "" if answer.streaming else answer.content.decode(errors="replace")


def seen_in(text: str) -> set[str]:
    return {field for field, mark in MARKS.items() if mark.search(text)}


def faults(shows: Shows, caller: str, text: str) -> list[str]:
    """What the caller sees and should not, and should and does not."""
    seen = seen_in(text)
    may = {field for field in MARKS if caller in getattr(shows, field)}
    return [f"{caller} sees {field}" for field in sorted(seen - may)] + [
        f"{caller} misses {field}" for field in sorted(may - seen)
    ]
