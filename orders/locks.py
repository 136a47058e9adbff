"""Row locks of orders. The order across apps: customer → order → product → credit → statistics."""

from collections.abc import Iterable
from hashlib import blake2b

from django.db import connection

from accounts.models import User
from lld.core.errors import Conflict, ErrorCode, NotFound
from orders.models import AttentionEntry, CreditAccount, CustomerStats, Order, Payment, Refund


def lock_customer(user_id: int) -> User:
    """Makes one customer's placements wait for each other, so that two cannot share one credit limit."""
    return User.objects.select_for_update(no_key=True, of=("self",)).select_related("profile").get(pk=user_id)


def lock_guest(marks: Iterable[str]) -> None:
    """Makes placements of one guest wait for each other: of all who share a mark, until their transactions end.

    In the place of the customer's row, which a guest does not have.
    """
    digests = (blake2b(mark.encode(), digest_size=8).digest() for mark in marks)
    keys = sorted({int.from_bytes(digest, signed=True) for digest in digests})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(key) FROM unnest(%s::bigint[]) AS key", [keys])


def lock_order(order_id: int) -> Order:
    """An order that exists. NotFound otherwise."""
    order = Order.objects.existing().select_for_update(no_key=True).filter(pk=order_id).first()
    if order is None:
        raise NotFound("There is no such order.")
    return order


def lock_order_and_customer(order_id: int) -> tuple[User | None, Order]:
    """An order that exists, and its customer before it: whoever changes what is owed on terms waits for the others.

    NotFound; Conflict when the order changes hands at that moment.
    """
    found = Order.objects.existing().filter(pk=order_id).only("customer_id").first()
    customer = lock_customer(found.customer_id) if found is not None and found.customer_id is not None else None
    order = lock_order(order_id)
    if order.customer_id != (customer.pk if customer else None):
        raise Conflict("The order has just changed hands. Try again.", code=ErrorCode.BUSY)
    return customer, order


def lock_order_by_number(number: str) -> Order:
    """An order that exists, by its number. NotFound otherwise."""
    order = Order.objects.existing().select_for_update(no_key=True).filter(number=number).first()
    if order is None:
        raise NotFound("There is no such order.")
    return order


def lock_order_even_deleted(order_id: int) -> Order:
    """For money, which may come for an order that staff have deleted."""
    return Order.objects.select_for_update(no_key=True).get(pk=order_id)


def lock_orders_even_deleted(order_ids: Iterable[int]) -> dict[int, Order]:
    """Several orders, by primary key, in its order."""
    rows = Order.objects.select_for_update(no_key=True).filter(pk__in=set(order_ids)).order_by("pk")
    return {order.pk: order for order in rows}


def lock_order_of_refund(refund_id: int) -> Order | None:
    """The order behind a refund, deleted or not; None for a payment that never belonged to one."""
    return Order.objects.select_for_update(no_key=True).filter(refunds=refund_id).first()


def lock_payment(payment_id: int) -> Payment | None:
    return Payment.objects.select_for_update(no_key=True).filter(pk=payment_id).first()


def lock_payment_and_order(payment_id: int) -> tuple[Order | None, Payment]:
    """A payment, and before it the order that it belongs to, deleted or not; None for one that belongs to none.

    NotFound; Conflict when it is put to another order at that moment.
    """
    order_id = Payment.objects.filter(pk=payment_id).values_list("order_id", flat=True).first()
    order = lock_order_even_deleted(order_id) if order_id is not None else None
    payment = lock_payment(payment_id)
    if payment is None:
        raise NotFound("There is no such payment.")
    if payment.order_id != order_id:
        raise Conflict("The payment has just been put to another order. Try again.", code=ErrorCode.BUSY)
    return order, payment


def lock_refund(refund_id: int) -> Refund:
    return Refund.objects.select_for_update(no_key=True).get(pk=refund_id)


def lock_attention(entry_id: int) -> AttentionEntry | None:
    return AttentionEntry.objects.select_for_update(no_key=True).filter(pk=entry_id).first()


def lock_credit(customer_id: int) -> CreditAccount:
    """A customer's credit account, made when it is first needed."""
    CreditAccount.objects.get_or_create(customer_id=customer_id)
    return CreditAccount.objects.select_for_update(no_key=True).get(pk=customer_id)


def lock_stats(customer_id: int) -> CustomerStats:
    """A customer's statistics, made when they are first needed."""
    CustomerStats.objects.get_or_create(customer_id=customer_id)
    return CustomerStats.objects.select_for_update(no_key=True).get(pk=customer_id)
