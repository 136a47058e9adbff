"""The demo data keep every rule that the product keeps."""

import hashlib
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from rest_framework.test import APIClient

from accounts.models import User
from orders.models import CustomerStats, Order
from orders.services.stats import computed
from staffportal.demo.logins import DEMO_LOGINS, DEMO_PASSWORD

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 18, 0, tzinfo=UTC).isoformat()
TABLES = ("accounts_customerprofile", "catalog_product", "orders_order", "orders_orderline", "orders_payment")


def seed(seed: int = 1, **options: object) -> None:
    call_command("seed_demo", customers=60, products=400, orders=600, seed=seed, now=datetime.fromisoformat(NOW))


def scalar(query: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def fingerprint() -> str:
    digest = hashlib.sha256()
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT (to_jsonb(t) - 'id')::text AS content FROM {table} t ORDER BY content")  # noqa: S608
            digest.update(repr(cursor.fetchall()).encode())
    return digest.hexdigest()


def empty() -> None:
    with connection.cursor() as cursor:
        # The test's own transaction holds the foreign keys' checks back; they stand in the way.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE accounts_user, catalog_category, catalog_product, orders_order CASCADE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_the_same_seed_makes_the_same_data_and_another_seed_does_not() -> None:
    prints = []
    for number in (1, 1, 2):
        seed(number)
        prints.append(fingerprint())
        empty()
    assert prints[0] == prints[1] != prints[2]


def test_the_stock_ledger_adds_up_and_matches_the_lines() -> None:
    seed()
    assert scalar("SELECT count(*) FROM catalog_product WHERE stock_quantity IS NOT NULL") > 300
    off = """
        SELECT count(*) FROM catalog_product p
         WHERE p.stock_quantity IS NOT NULL
           AND ROW(p.stock_quantity, p.stock_reserved) <> (
                SELECT sum(m.quantity_delta), sum(m.reserved_delta)
                  FROM catalog_stockmovement m WHERE m.product_id = p.id)
    """
    assert scalar(off) == 0
    promised = """
        SELECT count(*) FROM catalog_product p
         WHERE p.stock_reserved <> (
               SELECT coalesce(sum(l.stock_reserved), 0) FROM orders_orderline l WHERE l.product_id = p.id)
    """
    assert scalar(promised) == 0
    assert scalar("SELECT sum(stock_reserved) FROM orders_orderline") > 0


def test_payments_add_up_to_what_orders_say_was_paid() -> None:
    seed()
    off = """
        SELECT count(*) FROM orders_order o
         WHERE o.amount_paid <> (SELECT coalesce(sum(p.amount), 0) FROM orders_payment p
                                  WHERE p.order_id = o.id AND p.state = 'succeeded')
            OR (o.payment_status = 'paid') <> (o.balance = 0)
    """
    assert scalar(off) == 0
    assert scalar("SELECT count(*) FROM orders_order WHERE payment_status = 'paid'") > 300


def test_lines_add_up_to_subtotals_at_the_catalogues_prices() -> None:
    seed()
    off = """
        SELECT count(*) FROM orders_order o
         WHERE (o.subtotal, o.item_count) <> (
               SELECT sum(l.line_total), count(*) FROM orders_orderline l WHERE l.order_id = o.id)
            OR o.delivery_fee <> CASE WHEN o.subtotal >= 300 THEN 0 ELSE 25 END
    """
    assert scalar(off) == 0
    wrong = """
        SELECT count(*) FROM orders_orderline l JOIN catalog_product p ON p.id = l.product_id
         WHERE l.unit_price <> CASE WHEN l.quantity >= p.bulk_quantity THEN p.bulk_price ELSE p.unit_price END
    """
    assert scalar(wrong) == 0


def test_statistics_equal_a_recomputation() -> None:
    seed()
    rows = list(CustomerStats.objects.all())
    assert len(rows) > 40
    for row in rows:
        assert {name: getattr(row, name) for name in computed(row.pk)} == computed(row.pk)


def test_nothing_comes_from_the_future_and_steps_follow_each_other() -> None:
    seed()
    off = """
        SELECT count(*) FROM orders_order
         WHERE created_at > %s OR confirmed_at < created_at OR packed_at < confirmed_at OR shipped_at < packed_at
            OR delivered_at < shipped_at
    """
    with connection.cursor() as cursor:
        cursor.execute(off, [NOW])
        assert cursor.fetchone()[0] == 0
    assert set(Order.objects.values_list("status", flat=True)) >= {"pending", "delivered", "cancelled", "shipped"}


@pytest.mark.parametrize("login", [login for login, _, _ in DEMO_LOGINS])
def test_the_demo_logins_work(api: APIClient, login: str) -> None:
    seed()
    user = User.objects.get(username=login)
    path = "/api/staff/login" if user.role else "/api/login"
    assert api.post(path, {"username": login, "password": DEMO_PASSWORD}).status_code == 200


def test_the_customer_has_a_history_and_the_newcomer_has_none() -> None:
    seed()
    assert Order.objects.filter(customer__username="customer").count() > 3
    assert not Order.objects.filter(customer__username="newcomer").exists()


def test_a_database_with_data_is_left_alone() -> None:
    seed()
    before = Order.objects.count()
    call_command("seed_demo", "--if-empty")
    assert Order.objects.count() == before
    with pytest.raises(CommandError, match="only an empty database"):
        call_command("seed_demo")
