"""Customers with bad debt are found by an index of it."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0015_words_of_refund_states")]

    operations = [
        AddIndexConcurrently(
            "order",
            models.Index(fields=["customer"], condition=models.Q(written_off__gt=0), name="order_bad_debt"),
        ),
    ]
