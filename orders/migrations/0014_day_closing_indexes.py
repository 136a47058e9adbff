"""A day's payments and entries are found without reading those of all years."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0013_fill_going_back")]

    operations = [
        AddIndexConcurrently("payment", models.Index(fields=["settled_at"], name="payment_settled")),
        AddIndexConcurrently("ledgerentry", models.Index(fields=["happened_at"], name="ledger_entry_happened")),
    ]
