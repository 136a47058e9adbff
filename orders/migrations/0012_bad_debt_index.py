from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0011_overpaid")]

    operations = [
        AddIndexConcurrently(
            "order",
            models.Index(fields=["customer"], condition=models.Q(written_off__gt=0), name="order_bad_debt"),
        ),
    ]
