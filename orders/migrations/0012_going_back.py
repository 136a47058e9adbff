"""What is going back is owed again at once: it is part of the balance, which a trigger keeps from now on.

A generated column could not have learnt it without every order being written anew under a lock.
"""

from decimal import Decimal

from django.db import migrations, models

from lld.core.columns import MoneyColumn

KEPT = """
ALTER TABLE orders_order ALTER COLUMN balance DROP EXPRESSION;

CREATE FUNCTION orders_keep_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.balance := CASE WHEN NEW.status = 'cancelled' THEN 0 ELSE
        NEW.total_amount - NEW.credit_applied - NEW.amount_paid + NEW.amount_refunded + NEW.going_back
        + NEW.charged_back - NEW.written_off END;
    RETURN NEW;
END $$;

CREATE TRIGGER order_balance
 BEFORE INSERT OR UPDATE OF status, total_amount, credit_applied, amount_paid, amount_refunded, going_back,
        charged_back, written_off, balance
     ON orders_order FOR EACH ROW EXECUTE FUNCTION orders_keep_balance();
"""

GENERATED = """
DROP TRIGGER order_balance ON orders_order;
DROP FUNCTION orders_keep_balance;
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0011_overpaid")]

    operations = [
        migrations.AddField(
            "order",
            "going_back",
            MoneyColumn(
                default=Decimal("0.00"),
                db_default=Decimal("0.00"),
                help_text="Requested refunds that are not in amount_refunded yet.",
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(KEPT, GENERATED)],
            state_operations=[
                migrations.AlterField("order", "balance", MoneyColumn(default=Decimal("0.00"), editable=False))
            ],
        ),
    ]
