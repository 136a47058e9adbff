"""Where an order goes has a version, which a label belongs to."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0009_order_search_indexes")]

    operations = [
        migrations.AddField(
            "order",
            "address_version",
            models.PositiveIntegerField(
                db_default=1,
                default=1,
                help_text="Goes up when where it goes is changed; a label is for one of them.",
            ),
        ),
    ]
