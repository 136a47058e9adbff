"""Entries are only ever added, and an order cannot be committed whose columns are not the sums of its entries."""

from django.db import migrations

GUARD = """
CREATE FUNCTION orders_ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Ledger entries are only ever added.'
          USING ERRCODE = 'restrict_violation', CONSTRAINT = 'ledger_append_only';
END $$;

CREATE TRIGGER ledger_append_only BEFORE UPDATE OR DELETE ON orders_ledgerentry
   FOR EACH ROW EXECUTE FUNCTION orders_ledger_is_append_only();

CREATE FUNCTION orders_check_ledger(the_order bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE off boolean;
BEGIN
    SELECT (o.total_amount, o.adjustment_amount, o.credit_applied, o.amount_paid,
            o.amount_refunded, o.charged_back, o.written_off)
           IS DISTINCT FROM
           (l.total, l.adjustments, l.credit, l.paid, l.refunded, l.charged_back, l.written_off)
      INTO off
      FROM orders_order o
     CROSS JOIN (
           SELECT coalesce(sum(amount) FILTER (WHERE kind IN ('charge', 'edit', 'adjustment')), 0) AS total,
                  coalesce(sum(amount) FILTER (WHERE kind = 'adjustment'), 0) AS adjustments,
                  coalesce(-sum(amount) FILTER (WHERE kind = 'credit'), 0) AS credit,
                  coalesce(-sum(amount) FILTER (WHERE kind = 'payment'), 0) AS paid,
                  coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0) AS refunded,
                  coalesce(sum(amount) FILTER (WHERE kind = 'chargeback'), 0) AS charged_back,
                  coalesce(-sum(amount) FILTER (WHERE kind = 'write_off'), 0) AS written_off
             FROM orders_ledgerentry WHERE order_id = the_order) l
     WHERE o.id = the_order;
    IF off THEN
        RAISE EXCEPTION 'The columns of order % are not the sums of its ledger.', the_order
              USING ERRCODE = 'check_violation', CONSTRAINT = 'order_equals_ledger';
    END IF;
END $$;

CREATE FUNCTION orders_check_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM orders_check_ledger(NEW.id); RETURN NULL; END $$;

CREATE FUNCTION orders_check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM orders_check_ledger(NEW.order_id); RETURN NULL; END $$;

CREATE CONSTRAINT TRIGGER order_equals_ledger
  AFTER INSERT OR UPDATE OF total_amount, adjustment_amount, credit_applied, amount_paid, amount_refunded,
        charged_back, written_off
     ON orders_order DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION orders_check_order();

CREATE CONSTRAINT TRIGGER order_equals_ledger
  AFTER INSERT ON orders_ledgerentry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION orders_check_entry();
"""

NO_GUARD = """
DROP TRIGGER order_equals_ledger ON orders_ledgerentry;
DROP TRIGGER order_equals_ledger ON orders_order;
DROP TRIGGER ledger_append_only ON orders_ledgerentry;
DROP FUNCTION orders_check_entry, orders_check_order, orders_check_ledger, orders_ledger_is_append_only;
"""

# What was before the ledger. Credit that a cancellation gave back was left in the column.
OPENING = """
INSERT INTO orders_ledgerentry (order_id, kind, amount, key, actor, note, happened_at, created_at)
SELECT id, 'charge', total_amount, 'charge:' || id, 'system', '', created_at, now() FROM orders_order;

INSERT INTO orders_ledgerentry (order_id, kind, amount, key, actor, note, happened_at, created_at)
SELECT id, 'credit', -credit_applied, 'opening-credit:' || id, 'system', '', created_at, now()
  FROM orders_order WHERE credit_applied > 0;

INSERT INTO orders_ledgerentry (order_id, kind, amount, payment_id, key, actor, note, happened_at, created_at)
SELECT order_id, 'payment', -amount, id, 'payment:' || id, 'system', '', coalesce(settled_at, created_at), now()
  FROM orders_payment WHERE state = 'succeeded';

INSERT INTO orders_ledgerentry
       (order_id, kind, amount, payment_id, refund_id, key, actor, note, happened_at, created_at)
SELECT p.order_id, 'refund', r.amount, p.id, r.id, 'refund-done:' || r.stripe_key || ':1', 'system', '',
       coalesce(r.settled_at, r.created_at), now()
  FROM orders_refund r JOIN orders_payment p ON p.id = r.payment_id
 WHERE r.state = 'succeeded' AND p.state = 'succeeded';
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_ledger")]

    operations = [
        migrations.RunSQL(GUARD, NO_GUARD),
        migrations.RunSQL(OPENING, migrations.RunSQL.noop),
    ]
