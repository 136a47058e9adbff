"""What of an order is searched, as expressions that indexes and selectors share."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import Func, Q
from django.db.models.functions import Reverse

from catalog.models import SkuLetters

# A tracking number as scanners send it, without what people put between its parts.
BETWEEN_PARTS = " -./_,;"


class PlainWords(Func):
    """Words as search compares them: as the catalogue does, but with no apostrophes, nor accents of any language."""

    function = "orders_plain"
    output_field = models.TextField()


class IsOneOf(Func):
    """`column = ANY(array)`. An index serves it also beside an OR, which it does not for `IN (SELECT …)`."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    output_field = models.BooleanField()


class TrackingLetters(Func):
    """A tracking number in lower case, without what is in BETWEEN_PARTS."""

    template = f"lower(translate(%(expressions)s, '{BETWEEN_PARTS}', ''))"
    output_field = models.TextField()


ORDER_INDEXES = (
    # In kB: every search reads what has been put off.
    GinIndex(OpClass("searched", name="gin_trgm_ops"), name="order_searched", gin_pending_list_limit=512),
    GinIndex(
        OpClass(TrackingLetters("tracking_number"), name="gin_trgm_ops"),
        condition=~Q(tracking_number=""),
        name="order_tracking_trgm",
        gin_pending_list_limit=512,
    ),
    # People know a phone by its end.
    models.Index(OpClass(Reverse("delivery_phone"), name="text_pattern_ops"), name="order_phone_end"),
)
LINE_INDEXES = (models.Index(SkuLetters("product_sku"), name="order_line_sku"),)
