"""Searches read the new text; its index takes the place of four."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Reverse

from catalog.models import SkuLetters
from orders.models.searching import TrackingLetters


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0008_fill_order_search_text"), ("catalog", "0006_search_of_a_busy_shop")]

    operations = [
        AddIndexConcurrently(
            "order",
            GinIndex(OpClass("searched", name="gin_trgm_ops"), name="order_searched", gin_pending_list_limit=512),
        ),
        AddIndexConcurrently(
            "order",
            GinIndex(
                OpClass(TrackingLetters("tracking_number"), name="gin_trgm_ops"),
                condition=~Q(tracking_number=""),
                name="order_tracking_trgm",
                gin_pending_list_limit=512,
            ),
        ),
        AddIndexConcurrently(
            "order",
            models.Index(OpClass(Reverse("delivery_phone"), name="text_pattern_ops"), name="order_phone_end"),
        ),
        AddIndexConcurrently("orderline", models.Index(SkuLetters("product_sku"), name="order_line_sku")),
        RemoveIndexConcurrently("order", "order_number_trgm"),
        RemoveIndexConcurrently("order", "order_name_trgm"),
        RemoveIndexConcurrently("order", "order_company_trgm"),
        RemoveIndexConcurrently("order", "order_email_trgm"),
    ]
