"""What must be true of all books once everything has come to its end.

Each query finds what breaks its rule: the order and the payment that it is about, where there are such, and what is
wrong.
"""

# Written out in the queries below where these names stand.
_PARTS = {
    "GONE_BACK": """coalesce((
        SELECT sum(r.amount) FROM orders_refund r WHERE r.payment_id = p.id AND r.state = 'succeeded'), 0)""",
    "IS_ATTENDED": """EXISTS (
        SELECT FROM orders_attentionentry a LEFT JOIN orders_refund ar ON ar.id = a.refund_id
         WHERE a.resolved_at IS NULL AND (a.payment_id = p.id OR ar.payment_id = p.id))""",
    "WAS_MENTIONED": """EXISTS (
        SELECT FROM orders_attentionentry a LEFT JOIN orders_refund ar ON ar.id = a.refund_id
         WHERE (a.payment_id = p.id OR ar.payment_id = p.id)
           AND a.kind IN ('refunded_at_stripe', 'disputed', 'charged_back'))""",
}
_RULES = {
    "An order's columns are the sums of its ledger": """
        SELECT o.id, NULL, concat_ws(' ', o.total_amount, o.credit_applied, o.amount_paid, o.amount_refunded,
                                     o.charged_back, o.written_off)
          FROM orders_order o CROSS JOIN LATERAL (
               SELECT coalesce(sum(amount) FILTER (WHERE kind IN ('charge', 'edit', 'adjustment')), 0) AS total,
                      coalesce(sum(amount) FILTER (WHERE kind = 'adjustment'), 0) AS adjustments,
                      coalesce(-sum(amount) FILTER (WHERE kind = 'credit'), 0) AS credit,
                      coalesce(-sum(amount) FILTER (WHERE kind = 'payment'), 0) AS paid,
                      coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0) AS refunded,
                      coalesce(sum(amount) FILTER (WHERE kind = 'chargeback'), 0) AS charged_back,
                      coalesce(-sum(amount) FILTER (WHERE kind = 'write_off'), 0) AS written_off
                 FROM orders_ledgerentry WHERE order_id = o.id) l
         WHERE (o.total_amount, o.adjustment_amount, o.credit_applied, o.amount_paid, o.amount_refunded,
                o.charged_back, o.written_off) IS DISTINCT FROM
               (l.total, l.adjustments, l.credit, l.paid, l.refunded, l.charged_back, l.written_off)""",
    "An order's columns are what its payments, refunds and disputes say": """
        SELECT o.id, NULL, concat_ws(' ', 'paid', o.amount_paid, m.paid, 'refunded', o.amount_refunded, m.refunded,
                                     'charged back', o.charged_back, m.charged_back)
          FROM orders_order o CROSS JOIN LATERAL (
               SELECT coalesce(sum(p.amount), 0) AS paid, coalesce(sum(GONE_BACK), 0) AS refunded,
                      coalesce(sum(p.charged_back), 0) AS charged_back
                 FROM orders_payment p WHERE p.order_id = o.id AND p.state = 'succeeded') m
         WHERE (o.amount_paid, o.amount_refunded, o.charged_back)
               IS DISTINCT FROM (m.paid, m.refunded, m.charged_back)""",
    "What an order owes counts what goes back of it": """
        SELECT o.id, NULL, concat_ws(' ', o.status, 'going back', o.going_back, m.going_back, 'balance', o.balance)
          FROM orders_order o CROSS JOIN LATERAL (
               SELECT coalesce(sum(r.amount), 0) AS going_back
                 FROM orders_refund r JOIN orders_payment p ON p.id = r.payment_id
                WHERE r.order_id = o.id AND p.state = 'succeeded' AND o.status <> 'cancelled'
                  AND (r.state IN ('requested', 'pending', 'manual')
                       OR r.state = 'failed' AND r.requested_by <> 'stripe')) m
         WHERE o.going_back <> m.going_back
            OR o.balance <> CASE o.status WHEN 'cancelled' THEN 0 ELSE
               (SELECT sum(amount) FROM orders_ledgerentry WHERE order_id = o.id) + m.going_back END""",
    "A payment counts what is given back of it, and what its bank took": """
        SELECT p.order_id, p.id, concat_ws(' ', p.given_back, m.asked, p.charged_back, m.taken)
          FROM orders_payment p CROSS JOIN LATERAL (
               SELECT coalesce((SELECT sum(amount) FROM orders_refund
                                 WHERE payment_id = p.id AND state <> 'withdrawn'), 0) AS asked,
                      coalesce((SELECT sum(taken) FROM orders_dispute WHERE payment_id = p.id), 0) AS taken) m
         WHERE (p.given_back, p.charged_back) IS DISTINCT FROM (m.asked, m.taken)""",
    "No more goes back of a payment than it brought": """
        SELECT p.order_id, p.id, concat_ws(' ', p.amount, p.given_back, p.charged_back)
          FROM orders_payment p
         WHERE (p.given_back + p.charged_back > p.amount OR GONE_BACK + p.charged_back > p.amount)
           AND NOT WAS_MENTIONED""",
    "What a person is told to have gone back twice has": """
        SELECT p.order_id, p.id, a.detail FROM orders_attentionentry a JOIN orders_payment p ON p.id = a.payment_id
          LEFT JOIN orders_refund taken ON taken.key = 'stripe:' || substr(a.key, 9)
         WHERE a.key LIKE 'adopted:%%' AND a.amount > coalesce(taken.amount, 0) AND GONE_BACK < p.amount
           AND NOT EXISTS (SELECT FROM orders_dispute WHERE payment_id = p.id)
           AND NOT EXISTS (SELECT FROM orders_refund WHERE payment_id = p.id AND state = 'failed')""",
    "Store credit is the sum of its entries, and never below zero": """
        SELECT e.order_id, NULL, concat_ws(' ', c.balance, sum(e.amount) OVER (PARTITION BY c.customer_id))
          FROM orders_creditaccount c LEFT JOIN orders_creditentry e ON e.account_id = c.customer_id
         WHERE c.balance < 0 OR c.balance <> (
               SELECT coalesce(sum(amount), 0) FROM orders_creditentry WHERE account_id = c.customer_id)""",
    "What an order took of store credit is what the credit's entries say": """
        SELECT o.id, NULL, concat_ws(' ', o.credit_applied, m.spent)
          FROM orders_order o CROSS JOIN LATERAL (
               SELECT coalesce(-sum(amount), 0) AS spent FROM orders_creditentry
                WHERE order_id = o.id AND key NOT LIKE 'refund:%%' AND reason IN ('applied', 'refund')) m
         WHERE o.credit_applied <> m.spent""",
    "Nothing at Stripe is waited for any more": """
        SELECT order_id, id, 'payment ' || state || ' ' || coalesce(next_check_at::text, 'never looked at')
          FROM orders_payment
         WHERE state IN ('creating', 'open', 'processing') OR next_check_at IS NOT NULL
        UNION ALL
        SELECT order_id, payment_id, 'refund ' || state || ' ' || coalesce(next_try_at::text, 'never sent')
          FROM orders_refund WHERE state IN ('requested', 'pending') OR next_try_at IS NOT NULL
        UNION ALL
        SELECT order_id, NULL, 'link ' || state FROM orders_paymentlink WHERE state IN ('creating', 'active')""",
    "What needs a hand is put before a person": """
        SELECT p.order_id, p.id, 'set aside ' || p.amount FROM orders_payment p
         WHERE p.state = 'unapplied' AND p.amount > p.given_back + p.charged_back AND NOT IS_ATTENDED
        UNION ALL
        SELECT r.order_id, r.payment_id, 'refund ' || r.state FROM orders_refund r
         WHERE r.state IN ('failed', 'manual') AND NOT EXISTS (
               SELECT FROM orders_attentionentry WHERE resolved_at IS NULL AND refund_id = r.id)""",
    "A cancelled order keeps no money, unless a person is told": """
        SELECT o.id, p.id, concat_ws(' ', p.state, p.amount, GONE_BACK, p.charged_back)
          FROM orders_order o JOIN orders_payment p ON p.order_id = o.id
         WHERE o.status = 'cancelled' AND p.state IN ('succeeded', 'unapplied')
           AND p.amount > GONE_BACK + p.charged_back AND NOT IS_ATTENDED
        UNION ALL
        SELECT id, NULL, 'credit ' || credit_applied FROM orders_order
         WHERE status = 'cancelled' AND credit_applied <> 0""",
    "An order waits only for what comes": """
        SELECT id, NULL, concat_ws(' ', status, payment_status, terms_hold, hold_reasons, balance) FROM orders_order o
         WHERE payment_status = 'processing'
            OR (payment_status = 'check_review') AND NOT EXISTS (
               SELECT FROM orders_check c WHERE c.order_id = o.id AND c.state = 'review')
            OR terms_hold AND (balance <= 0 OR hold_reasons = '{}' OR status IN ('cancelled', 'shipped', 'delivered'))
            OR status <> 'cancelled' AND payment_status = 'paid' AND (balance > 0 OR written_off > 0)
            OR status <> 'cancelled' AND (paid_at IS NOT NULL) <> (balance <= 0 AND written_off = 0)""",
    "Lines hold the stock that their order's status says": """
        SELECT l.order_id, NULL,
               concat_ws(' ', o.status, l.quantity, l.stock_reserved, l.stock_taken, l.returned_quantity)
          FROM orders_orderline l JOIN orders_order o ON o.id = l.order_id
          JOIN catalog_product p ON p.id = l.product_id
         WHERE NOT CASE
               WHEN p.stock_quantity IS NULL OR o.status = 'cancelled' THEN l.stock_reserved = 0 AND l.stock_taken = 0
               WHEN o.status = 'pending' THEN l.stock_reserved = l.quantity AND l.stock_taken = 0
               ELSE l.stock_reserved = 0
                    AND l.stock_taken BETWEEN l.quantity - l.returned_quantity AND l.quantity END""",
    "Stock is the sum of its movements, and is promised to lines": """
        SELECT NULL, NULL, concat_ws(' ', p.sku, p.stock_quantity, p.stock_reserved) FROM catalog_product p
         WHERE p.stock_quantity < p.stock_reserved OR p.stock_reserved < 0
            OR coalesce(p.stock_quantity, 0) <> (
               SELECT coalesce(sum(quantity_delta), 0) FROM catalog_stockmovement WHERE product_id = p.id)
            OR p.stock_reserved <> (SELECT coalesce(sum(reserved_delta), 0) FROM catalog_stockmovement
                                     WHERE product_id = p.id)
            OR p.stock_reserved <> (SELECT coalesce(sum(stock_reserved), 0) FROM orders_orderline
                                     WHERE product_id = p.id)""",
    "Every message has left, and every event has been worked on": """
        SELECT o.id, NULL, m.state || ' ' || m.key || ' ' || m.error
          FROM core_outboxmessage m LEFT JOIN orders_order o ON position(o.number IN m.key) > 0
         WHERE m.state <> 'sent'
        UNION ALL
        SELECT NULL, NULL, kind || ' ' || error FROM core_webhookevent WHERE processed_at IS NULL""",
}


def _written_out(query: str) -> str:
    for name, part in _PARTS.items():
        query = query.replace(name, part)
    return query


RULES = {rule: _written_out(query) for rule, query in _RULES.items()}
