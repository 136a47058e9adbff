"""Orders learn what is going back of them."""

from django.db import migrations

# Refunds under way are few; the orders that they belong to are found by their own indexes.
FILL = """
UPDATE orders_order o SET going_back = r.sum
  FROM (SELECT r.order_id, sum(r.amount)
          FROM orders_refund r JOIN orders_payment p ON p.id = r.payment_id
         WHERE r.state IN ('requested', 'pending', 'manual', 'failed') AND p.state = 'succeeded'
           AND NOT (r.state = 'failed' AND r.requested_by = 'stripe')
         GROUP BY 1) r
 WHERE o.id = r.order_id AND o.status <> 'cancelled';
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0012_going_back")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
