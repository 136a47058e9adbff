"""Text as people look for it and put it in order: without case, accents and apostrophes, whatever the locale.

The database's `core_folded` does it for both sides, so that indexes serve. Its embedded server has no ICU.
"""

from django.db import models
from django.db.models import Func
from django.db.models.functions import Collate


class Folded(Func):
    """Several expressions count as one text, with spaces between."""

    function = "core_folded"
    arg_joiner = " || ' ' || "
    output_field = models.TextField()


def dictionary_order(name: str) -> Collate:
    """To sort names as a dictionary does: åland beside Aland, before zebra and Zebra."""
    return Collate(Folded(name), "C")
