"""Promises to strangers lapse: what staff keep, when a last day was announced, and what a guest is known by."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0004_disputes")]

    operations = [
        migrations.AddField(
            "order",
            "kept_at",
            models.DateTimeField(blank=True, help_text="Since then it does not lapse.", null=True),
        ),
        migrations.AddField(
            "order",
            "lapse_notice_at",
            models.DateTimeField(blank=True, help_text="When its last day was announced.", null=True),
        ),
        migrations.AddField(
            "order",
            "guest_marks",
            ArrayField(
                base_field=models.CharField(max_length=270),
                blank=True,
                editable=False,
                help_text="What a guest is known by, until the order is paid, settled or vouched for.",
                null=True,
                size=None,
            ),
        ),
    ]
