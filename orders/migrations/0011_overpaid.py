"""Orders that owe their customer are a matter for a person; an index finds them."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("orders", "0010_address_version")]

    operations = [
        AddIndexConcurrently("order", models.Index(fields=["id"], condition=Q(balance__lt=0), name="order_overpaid")),
        # Its choices, which the database does not know.
        migrations.AlterField(
            "attentionentry",
            "kind",
            models.CharField(
                max_length=20,
                choices=[
                    ("late_payment", "Money came for a cancelled or paid order"),
                    ("payment_mismatch", "Money came that does not equal the balance"),
                    ("payment_failed", "A payment failed"),
                    ("refund_failed", "A refund failed"),
                    ("manual_refund", "Money must be handed back by staff"),
                    ("disputed", "A payment is disputed"),
                    ("charged_back", "A bank has taken a payment back"),
                    ("refunded_at_stripe", "Money was given back in Stripe's dashboard"),
                    ("overpaid", "More was paid than the order costs"),
                ],
            ),
        ),
    ]
