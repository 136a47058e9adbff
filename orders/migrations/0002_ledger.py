"""The money of an order becomes the sums of a ledger; refunds become several a payment; Stripe's keys become random."""

import django.db.models.deletion
import django.utils.timezone
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models
from django.db.models import Case, F, Q, Value, When

import lld.core.columns
import orders.models.payments

MONEY = {"decimal_places": 2, "default": Decimal("0.00"), "max_digits": 12}

# What is at Stripe under its old key stays findable there.
OLD_KEYS = """
UPDATE orders_payment SET stripe_key = 'payment:' || id;
UPDATE orders_paymentlink SET stripe_key = 'payment-link:' || id;
UPDATE orders_order SET hold_released_at = entered_at WHERE hold_released_by_id IS NOT NULL;
UPDATE orders_refund r
   SET stripe_key = 'refund:' || r.id, key = 'refund:' || r.id,
       destination = CASE WHEN p.intent_id IS NULL THEN 'hand' ELSE 'stripe' END
  FROM orders_payment p WHERE p.id = r.payment_id;
UPDATE orders_attentionentry a SET refund_id = r.id, amount = r.amount
  FROM orders_refund r WHERE a.key IN ('refund-failed:' || r.id, 'manual-refund:' || r.id);
UPDATE orders_attentionentry a SET payment_id = p.id, amount = p.amount
  FROM orders_payment p WHERE a.key IN ('unapplied:' || p.id, 'failed:' || p.id);
UPDATE orders_payment p SET given_back = r.amount FROM orders_refund r WHERE r.payment_id = p.id;
"""


def key_column(**options):
    return models.CharField(
        default=orders.models.payments.new_stripe_key, editable=False, max_length=80, **options
    )


def concerns(model, related_name):
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to=model,
    )


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.RemoveIndex("order", "order_owing"),
        migrations.RemoveConstraint("order", "order_never_overpaid"),
        migrations.RemoveConstraint("order", "order_never_over_refunded"),
        migrations.RemoveConstraint("order", "order_total_adds_up"),
        migrations.RemoveField("order", "balance"),
        migrations.AddField(
            "order",
            "adjustment_amount",
            lld.core.columns.MoneyColumn(help_text="Below zero where the price was lowered afterwards.", **MONEY),
        ),
        migrations.AddField(
            "order",
            "charged_back",
            lld.core.columns.MoneyColumn(help_text="Taken back by the payer's bank.", **MONEY),
        ),
        migrations.AddField("order", "written_off", lld.core.columns.MoneyColumn(**MONEY)),
        migrations.AddField(
            "order",
            "balance",
            models.GeneratedField(
                db_persist=True,
                expression=Case(
                    When(status="cancelled", then=Value(Decimal("0.00"))),
                    default=F("total_amount")
                    - F("credit_applied")
                    - F("amount_paid")
                    + F("amount_refunded")
                    + F("charged_back")
                    - F("written_off"),
                ),
                output_field=models.DecimalField(decimal_places=2, max_digits=12),
            ),
        ),
        migrations.AddConstraint(
            "order",
            models.CheckConstraint(
                condition=Q(
                    total_amount=F("subtotal")
                    - F("discount_amount")
                    + F("delivery_fee")
                    + F("tax_amount")
                    + F("adjustment_amount")
                ),
                name="order_total_adds_up",
            ),
        ),
        migrations.AddConstraint(
            "order",
            models.CheckConstraint(
                condition=Q(
                    credit_applied__gte=0,
                    amount_paid__gte=0,
                    amount_refunded__gte=0,
                    charged_back__gte=0,
                    written_off__gte=0,
                ),
                name="order_money_not_negative",
            ),
        ),
        migrations.AddConstraint(
            "order",
            models.CheckConstraint(
                condition=Q(amount_refunded__lte=F("amount_paid")), name="order_never_over_refunded"
            ),
        ),
        migrations.AddIndex(
            "order",
            models.Index(
                condition=Q(balance__gt=0) & ~Q(status="cancelled"), fields=["customer", "due_on"], name="order_owing"
            ),
        ),
        migrations.AddField(
            "order",
            "hold_released_at",
            models.DateTimeField(blank=True, help_text="Since then it may go out unpaid.", null=True),
        ),
        migrations.AddField(
            "orderline",
            "returned_quantity",
            models.PositiveIntegerField(default=0, help_text="What staff gave the money back for."),
        ),
        migrations.AddConstraint(
            "orderline",
            models.CheckConstraint(
                condition=Q(returned_quantity__lte=F("quantity")), name="order_line_returned_once"
            ),
        ),
        migrations.AddField(
            "payment",
            "given_back",
            lld.core.columns.MoneyColumn(
                help_text="What refunds were requested of, whatever became of them.", **MONEY
            ),
        ),
        migrations.AddConstraint(
            "payment",
            models.CheckConstraint(
                condition=Q(given_back__gte=0, given_back__lte=F("amount")), name="payment_not_given_back_twice"
            ),
        ),
        migrations.AlterField(
            "refund",
            "payment",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="refunds", to="orders.payment"
            ),
        ),
        migrations.AddField("refund", "key", models.CharField(default="", max_length=120), preserve_default=False),
        migrations.AddField(
            "refund",
            "destination",
            models.CharField(
                choices=[
                    ("stripe", "The card or bank account it came from"),
                    ("hand", "Handed out by staff"),
                    ("credit", "Store credit"),
                ],
                default="stripe",
                max_length=10,
            ),
            preserve_default=False,
        ),
        migrations.AddField("payment", "stripe_key", key_column()),
        migrations.AddField("paymentlink", "stripe_key", key_column()),
        migrations.AddField("refund", "stripe_key", key_column()),
        migrations.AddField(
            "refund",
            "round",
            models.PositiveSmallIntegerField(
                default=1, help_text="Goes up when staff send one that failed again."
            ),
        ),
        migrations.AddField("refund", "requested_by", models.CharField(blank=True, default="", max_length=180), preserve_default=False),
        migrations.AddField("refund", "handed_out_by", models.CharField(blank=True, default="", max_length=180), preserve_default=False),
        migrations.AddField(
            "refund",
            "note",
            models.CharField(blank=True, default="", help_text="How it was handed out.", max_length=500),
            preserve_default=False,
        ),
        migrations.AddField(
            "attentionentry",
            "amount",
            lld.core.columns.MoneyColumn(blank=True, decimal_places=2, max_digits=12, null=True),
        ),
        migrations.AddField("attentionentry", "payment", concerns("orders.payment", "attention")),
        migrations.AddField("attentionentry", "refund", concerns("orders.refund", "attention")),
        migrations.AddField(
            "attentionentry",
            "assigned_to",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name='attentionentry',
            name='kind',
            field=models.CharField(choices=[('late_payment', 'Money came for a cancelled or paid order'), ('payment_mismatch', 'Money came that does not equal the balance'), ('payment_failed', 'A payment failed'), ('refund_failed', 'A refund failed'), ('manual_refund', 'Money must be handed back by staff'), ('refunded_at_stripe', "Money was given back in Stripe's dashboard")], max_length=20),
        ),
        migrations.AlterField(
            model_name='creditentry',
            name='reason',
            field=models.CharField(choices=[('overpayment', 'Overpayment'), ('refund', 'Refund'), ('issued', 'Issued'), ('deducted', 'Deducted'), ('applied', 'Applied')], max_length=12),
        ),
        migrations.AlterField(
            model_name='refund',
            name='state',
            field=models.CharField(choices=[('requested', 'Requested'), ('pending', 'Under way at the vendor'), ('succeeded', 'Succeeded'), ('failed', 'Failed'), ('manual', 'To be handed out by staff'), ('withdrawn', 'Given back another way before it was sent')], max_length=10),
        ),
    
        migrations.RunSQL(OLD_KEYS, migrations.RunSQL.noop),
        migrations.AlterField("payment", "stripe_key", key_column(unique=True)),
        migrations.AlterField("paymentlink", "stripe_key", key_column(unique=True)),
        migrations.AlterField("refund", "stripe_key", key_column(unique=True)),
        migrations.AlterField("refund", "key", models.CharField(max_length=120, unique=True)),
        migrations.CreateModel(
            name="Check",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("review", "In review"),
                            ("approved", "Approved"),
                            ("rejected", "Rejected"),
                            ("replaced", "Replaced by a newer picture"),
                        ],
                        default="review",
                        max_length=10,
                    ),
                ),
                ("front", models.CharField(max_length=120)),
                ("back", models.CharField(blank=True, max_length=120)),
                ("number", models.CharField(blank=True, max_length=40)),
                ("written_on", models.DateField(blank=True, null=True)),
                (
                    "amount",
                    lld.core.columns.MoneyColumn(blank=True, decimal_places=2, max_digits=12, null=True),
                ),
                (
                    "reason",
                    models.CharField(blank=True, help_text="Why it was rejected.", max_length=200),
                ),
                ("uploaded_by", models.CharField(max_length=180)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("decided_by", models.CharField(blank=True, max_length=180)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="orders.order"
                    ),
                ),
                (
                    "payment",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="check_sent",
                        to="orders.payment",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=Q(state="review"), fields=["created_at"], name="check_in_review"),
                    models.Index(condition=~Q(number=""), fields=["number"], name="check_number"),
                ],
                "constraints": [
                    models.UniqueConstraint(condition=Q(state="review"), fields=("order",), name="check_one_in_review"),
                    models.CheckConstraint(
                        condition=Q(payment=None) | Q(state="approved"), name="check_paid_is_approved"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LedgerEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("charge", "Goods, delivery and tax"),
                            ("edit", "Lines changed"),
                            ("adjustment", "Adjustment"),
                            ("payment", "Payment"),
                            ("credit", "Store credit"),
                            ("refund", "Refund"),
                            ("chargeback", "Taken back by the bank"),
                            ("write_off", "Written off"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "amount",
                    lld.core.columns.MoneyColumn(
                        decimal_places=2,
                        help_text="What it adds to the balance: negative for money that came in.",
                        max_digits=12,
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=500)),
                ("actor", models.CharField(max_length=180)),
                (
                    "key",
                    models.CharField(
                        help_text="The same change is never posted twice.", max_length=120, unique=True
                    ),
                ),
                (
                    "happened_at",
                    models.DateTimeField(
                        default=django.utils.timezone.now, help_text="Business date; staff may back-date it."
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "order",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="ledger", to="orders.order"
                    ),
                ),
                (
                    "payment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="orders.payment",
                    ),
                ),
                (
                    "refund",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="entries",
                        to="orders.refund",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "ledger entries",
                "ordering": ["id"],
                "indexes": [models.Index(fields=["order", "id"], name="ledger_entry_of_order")],
            },
        ),
    ]
