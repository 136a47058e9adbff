"""The demo data keep every rule that the product keeps."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from statistics import median
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import Count

from accounts.models import SmsConsent, User
from catalog.models import Product
from lld.core.access import Role
from lld.core.money import ZERO
from lld.core.phones import normalise_phone
from orders.models import CustomerStats, Order
from orders.services.stats import compute_stats

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("_seeded")]

# A Friday noon in Chicago, so that there are orders in every state.
NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def _seeded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """One set of data for all tests that only look at it; theirs are transactions within this one."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("seed_demo", customers=400, products=500, orders=5000, now=NOW)
        yield
        transaction.set_rollback(True)


def scalar(query: str, *parameters: object) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        return cursor.fetchone()[0]


def test_stock_ledger_adds_up_and_matches_lines() -> None:
    off = """
        SELECT count(*) FROM catalog_product p
         WHERE p.stock_quantity IS NOT NULL
           AND ROW(p.stock_quantity, p.stock_reserved) <> (
                SELECT sum(m.quantity_delta), sum(m.reserved_delta)
                  FROM catalog_stockmovement m WHERE m.product_id = p.id)
            OR p.stock_quantity < p.stock_reserved
    """
    assert scalar(off) == 0

    running = """
        SELECT count(*) FROM (
               SELECT quantity_after, sum(quantity_delta) OVER earlier AS quantity,
                      reserved_after, sum(reserved_delta) OVER earlier AS reserved
                 FROM catalog_stockmovement WINDOW earlier AS (PARTITION BY product_id ORDER BY id)) m
         WHERE m.quantity_after <> m.quantity OR m.reserved_after <> m.reserved OR m.quantity_after < m.reserved_after
    """
    assert scalar(running) == 0

    held = """
        SELECT count(*) FROM catalog_product p
         CROSS JOIN LATERAL (
               SELECT coalesce(sum(stock_reserved), 0) AS reserved, coalesce(sum(stock_taken), 0) AS taken
                 FROM orders_orderline WHERE product_id = p.id) l
         WHERE p.stock_reserved <> l.reserved
            OR l.taken <> (SELECT coalesce(-sum(quantity_delta), 0) FROM catalog_stockmovement
                            WHERE product_id = p.id AND reason = 'deducted')
    """
    assert scalar(held) == 0


def test_lines_hold_stock_as_order_status_says() -> None:
    off = """
        SELECT count(*) FROM orders_orderline l
          JOIN orders_order o ON o.id = l.order_id JOIN catalog_product p ON p.id = l.product_id
         WHERE l.stock_reserved <> CASE WHEN o.status = 'pending' AND p.stock_quantity IS NOT NULL
                                        THEN l.quantity ELSE 0 END
            OR l.stock_taken <> CASE WHEN o.status NOT IN ('pending', 'cancelled') AND p.stock_quantity IS NOT NULL
                                     THEN l.quantity ELSE 0 END
    """
    assert scalar(off) == 0
    assert scalar("SELECT sum(stock_reserved) FROM orders_orderline") > 0
    assert scalar("SELECT count(*) FROM catalog_product WHERE stock_quantity IS NULL") > 0


def test_payments_add_up_to_amount_paid() -> None:
    off = """
        SELECT count(*) FROM orders_order o
         WHERE o.amount_paid <> (SELECT coalesce(sum(p.amount), 0) FROM orders_payment p
                                  WHERE p.order_id = o.id AND p.state = 'succeeded')
            OR (o.payment_status = 'paid') <> (o.balance = 0 AND o.status <> 'cancelled')
            OR (o.payment_status = 'paid') <> (o.paid_at IS NOT NULL)
            OR (o.payment_status = 'paid' AND o.payment_method = 'net30')
    """
    assert scalar(off) == 0
    assert scalar("SELECT count(*) FROM orders_order WHERE payment_status = 'paid'") > 1000
    assert scalar("SELECT count(*) FROM orders_order WHERE payment_status = 'unpaid' AND amount_paid > 0") > 0


def test_lines_add_up_to_totals_at_catalogue_prices() -> None:
    off = """
        SELECT count(*) FROM orders_order o
         WHERE (o.subtotal, o.item_count) <> (
               SELECT sum(l.line_total), count(*) FROM orders_orderline l WHERE l.order_id = o.id)
            OR o.delivery_fee <> CASE WHEN o.subtotal - o.discount_amount >= 300 THEN 0 ELSE 25 END
    """
    assert scalar(off) == 0

    wrong = """
        SELECT count(*) FROM orders_orderline l JOIN catalog_product p ON p.id = l.product_id
         WHERE l.unit_price <> CASE WHEN l.quantity >= p.bulk_quantity THEN p.bulk_price ELSE p.unit_price END
            OR l.is_bulk_price <> coalesce(l.quantity >= p.bulk_quantity, false)
            OR l.unit_cost IS DISTINCT FROM p.cost_per_item
            OR (l.product_name, l.product_sku) <> (p.name, p.sku)
    """
    assert scalar(wrong) == 0
    assert scalar("SELECT count(*) FROM orders_orderline WHERE is_bulk_price") > 100


def test_customer_stats_equal_a_recomputation() -> None:
    kept = {row.pk: row for row in CustomerStats.objects.all()}
    customers = User.objects.filter(role="").values_list("pk", flat=True)
    assert len(kept) > 60

    for pk in customers:
        row = kept.get(pk, CustomerStats(total_spent=ZERO))
        assert {name: getattr(row, name) for name in compute_stats(pk)} == compute_stats(pk)


def test_dates_are_past_and_steps_follow_each_other() -> None:
    off = """
        SELECT count(*) FROM orders_order o LEFT JOIN accounts_user u ON u.id = o.customer_id
         WHERE greatest(o.created_at, o.confirmed_at, o.packed_at, o.shipped_at, o.delivered_at, o.cancelled_at,
                        o.paid_at) > %s
            OR o.confirmed_at < o.created_at OR o.packed_at < o.confirmed_at OR o.shipped_at < o.packed_at
            OR o.delivered_at < o.shipped_at OR o.cancelled_at < o.created_at OR o.paid_at < o.created_at
            OR u.created_at > o.created_at
            OR o.due_on <> (coalesce(o.shipped_at, o.created_at) AT TIME ZONE 'America/Chicago')::date + 30
    """
    assert scalar(off, NOW) == 0

    steps = """
        SELECT count(*) FROM orders_order
         WHERE num_nonnulls(confirmed_at, packed_at, shipped_at, delivered_at)
               <> coalesce(array_position(ARRAY['confirmed', 'packed', 'shipped', 'delivered'], status::text), 0)
            OR (status = 'cancelled') <> (cancelled_at IS NOT NULL)
            OR (tracking_number <> '') <> (shipped_at IS NOT NULL)
    """
    assert scalar(steps) == 0
    assert Order.objects.values("status").distinct().count() == 6
    assert scalar("SELECT count(*) FROM orders_payment WHERE settled_at > %s", NOW) == 0


def test_new_orders_are_held_when_terms_are_not_met() -> None:
    fresh = Order.objects.filter(payment_method="net30", created_at__gt=NOW - timedelta(days=7))
    held = 0

    for order in fresh.exclude(status="cancelled").select_related("customer__profile"):
        assert order.customer is not None
        assert order.customer.profile.approved_for_terms
        earlier = Order.objects.owing().filter(customer=order.customer, created_at__lt=order.created_at)
        owed = sum(other.balance for other in earlier)
        reasons = []
        if owed + order.total_amount > order.customer.profile.credit_limit:
            reasons.append("over_limit")
        if any(other.due_on < NOW.date() for other in earlier):
            reasons.append("overdue")
        assert (order.hold_reasons, order.terms_hold) == (reasons, bool(reasons))
        held += order.terms_hold
    assert 0 < held < fresh.count() / 2
    assert Order.objects.filter(terms_hold=True).count() == held
    assert Order.objects.owing().filter(due_on__lt=NOW.date()).exists()


def test_people_have_phones_and_only_demo_logins_sign_in() -> None:
    customers = list(User.objects.filter(role="").select_related("profile"))
    assert len({customer.phone for customer in customers}) == len(customers) == 400
    for customer in customers:
        assert normalise_phone(customer.phone) == customer.phone
        assert re.fullmatch(r"[a-z0-9.]+@restaurants\.example", customer.email)
        assert customer.has_usable_password() == (customer.username in {"customer", "newcomer"})
        assert customer.profile.company_name
    assert len(customers) / 3 < sum(customer.username is None for customer in customers) < 2 * len(customers) / 3
    assert SmsConsent.objects.count() == 134
    assert set(User.objects.exclude(role="").values_list("role", flat=True)) == set(Role.values)


def test_rep_orders_carry_commission() -> None:
    by_rep = Order.objects.filter(source="staff")
    assert set(by_rep.values_list("sales_rep__role", "commission_rate")) == {(Role.SALES_REP, Decimal("0.05"))}
    # A customer has one representative.
    reps = by_rep.values("customer").annotate(count=Count("sales_rep", distinct=True))
    assert set(reps.values_list("count", flat=True)) == {1}
    assert not Order.objects.exclude(source="staff").exclude(sales_rep=None).exists()


def test_demo_customer_reorders_and_newcomer_has_no_orders() -> None:
    orders = Order.objects.filter(customer__username="customer").order_by("created_at")
    assert orders.count() > 50
    days = [order.created_at for order in orders]
    assert 6 < median((later - earlier).days for earlier, later in pairwise(days)) < 12
    bought = Product.objects.filter(order_lines__order__in=orders).distinct()
    assert bought.count() <= 14
    assert not Order.objects.filter(delivery_name="Sam Okafor").exists()
