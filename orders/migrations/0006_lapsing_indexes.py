"""Indexes of what lapses, built while orders are placed."""

import django.contrib.postgres.indexes
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    # CREATE INDEX CONCURRENTLY runs in no transaction.
    atomic = False

    dependencies = [("orders", "0005_lapsing")]

    operations = [
        AddIndexConcurrently(
            "order",
            models.Index(
                fields=["created_at"],
                condition=Q(
                    status="pending",
                    source="web",
                    balance__gt=0,
                    kept_at=None,
                    hold_released_at=None,
                    deleted_at=None,
                ),
                name="order_may_lapse",
            ),
        ),
        AddIndexConcurrently(
            "order",
            django.contrib.postgres.indexes.GinIndex(
                condition=Q(guest_marks__isnull=False), fields=["guest_marks"], name="order_guest_marks"
            ),
        ),
    ]
