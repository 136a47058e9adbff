"""The ledger of an order, and what is derived from it."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from lld.core.actors import SYSTEM
from lld.core.constraints import violated_constraint
from lld.core.money import ZERO
from orders import locks
from orders.enums import EntryKind, PaymentMethod
from orders.models import LedgerEntry, Order
from orders.services import ledger, payments, progress
from orders.services.ledger import Entry
from tests.factories import CustomerFactory, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def post(order: Order, kind: EntryKind, amount: str, key: str = "k") -> Order:
    with transaction.atomic():
        locked = locks.lock_order(order.pk)
        ledger.post_entries(locked, [Entry(kind, Decimal(amount), key=key)], actor=SYSTEM)
    saved = Order.objects.get(pk=order.pk)
    assert locked.balance == saved.balance
    return saved


def entries(order: Order) -> list[tuple[str, Decimal]]:
    return list(order.ledger.order_by("pk").values_list("kind", "amount"))


def test_placing_charges_and_paying_pays() -> None:
    order = place(payment_method="check")

    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)

    assert entries(order) == [("charge", order.total_amount), ("payment", -order.total_amount)]


def test_same_key_is_posted_once() -> None:
    order = place(payment_method="check")

    post(order, EntryKind.ADJUSTMENT, "-5.00")
    again = post(order, EntryKind.ADJUSTMENT, "-5.00")

    assert (again.total_amount, again.adjustment_amount) == (order.total_amount - 5, Decimal("-5.00"))


@pytest.mark.parametrize(
    ("kind", "amount", "balance"),
    [
        (EntryKind.ADJUSTMENT, "-5.00", "40.00"),
        (EntryKind.EDIT, "10.00", "55.00"),
        (EntryKind.PAYMENT, "-20.00", "25.00"),
        (EntryKind.CREDIT, "-20.00", "25.00"),
        (EntryKind.CHARGEBACK, "7.00", "52.00"),
        (EntryKind.WRITE_OFF, "-45.00", "0.00"),
    ],
)
def test_balance_is_the_sum_of_the_ledger(kind: EntryKind, amount: str, balance: str) -> None:
    order = place(payment_method="check")
    if kind == EntryKind.EDIT:
        with pytest.raises(IntegrityError, match="order_total_adds_up"):
            post(order, kind, amount)
        return

    order = post(order, kind, amount)

    assert order.balance == Decimal(balance) == sum((value for _, value in entries(order)), ZERO)


def test_order_may_cost_less_than_was_paid() -> None:
    order = place(payment_method="check")
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)

    order = post(order, EntryKind.ADJUSTMENT, "-5.00")

    assert (order.balance, order.payment_status) == (Decimal("-5.00"), "paid")


def test_order_can_be_paid_twice_in_its_life() -> None:
    order = place(payment_method="check")
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)

    owing = post(order, EntryKind.CHARGEBACK, "45.00")
    assert (owing.balance, owing.payment_status, owing.paid_at) == (Decimal("45.00"), "unpaid", None)

    again, _ = payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CHECK)
    assert (again.balance, again.payment_status, again.payment_method) == (ZERO, "paid", "check")


def test_order_that_costs_nothing_is_paid_when_placed() -> None:
    order = place(payment_method="check", discount=Decimal("20.00"), delivery_fee=ZERO)

    assert (order.balance, order.payment_status, order.paid_at) == (ZERO, "paid", order.created_at)


def test_cancelled_order_owes_nothing() -> None:
    order = place(payment_method="check", customer=CustomerFactory())

    order = progress.cancel_order(order.pk, actor=SYSTEM)

    assert (order.balance, order.payment_status) == (ZERO, "unpaid")
    assert entries(order) == [("charge", order.total_amount)]


def test_database_refuses_to_change_an_entry() -> None:
    order = place(payment_method="check")

    for change in (
        lambda: LedgerEntry.objects.filter(order=order).update(amount=1),
        lambda: LedgerEntry.objects.filter(order=order).delete(),
    ):
        with pytest.raises(IntegrityError) as refusal, transaction.atomic():
            change()
        assert violated_constraint(refusal.value) == "ledger_append_only"


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE orders_order SET amount_paid = 1",
        "UPDATE orders_order SET subtotal = subtotal + 1, total_amount = total_amount + 1",
        "INSERT INTO orders_ledgerentry (order_id, kind, amount, note, actor, key, happened_at, created_at)"
        " SELECT id, 'payment', -1, '', 'system', 'stray', now(), now() FROM orders_order",
    ],
)
def test_database_refuses_columns_that_are_not_the_sums(change: str) -> None:
    place(payment_method="check")

    with pytest.raises(IntegrityError) as refusal, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(change)

    assert violated_constraint(refusal.value) == "order_equals_ledger"
