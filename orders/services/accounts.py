"""A guest becomes a customer."""

from typing import Any

from django.db import transaction

from accounts import selectors as accounts
from accounts.models import User
from accounts.services import customers
from lld.core.errors import InvalidInput, NotFound
from orders import locks, selectors
from orders.services import saving, stats


@transaction.atomic
def create_account(
    *, delivery: dict[str, Any], email: str, password: str, order_number: str = "", phone_session_token: str = ""
) -> User:
    """An unverified account from a checkout's data; the guest's order becomes its own.

    At once only if it carries the same phone and `phone_session_token` proves it: who knows a phone also finds the
    numbers of its orders. If it carries the same address, once that is proven (`link_guest_orders`). InvalidInput for
    a number that does not exist; Conflict when the account does.
    """
    first, _, last = delivery["delivery_name"].partition(" ")
    address = ", ".join(
        delivery[f"delivery_{part}"] for part in ("address", "city", "state", "zip") if delivery[f"delivery_{part}"]
    )
    phone = delivery.get("delivery_phone", "")
    user = customers.create_account_at_checkout(
        email=email,
        password=password,
        first_name=first[:100],
        last_name=last[:100],
        phone=phone,
        phone_extension=delivery.get("delivery_phone_extension", ""),
        company_name=delivery.get("delivery_company", ""),
        shipping_address=address[:500],
    )
    if order_number:
        proven = accounts.phone_of_session(phone_session_token) if phone_session_token else None
        _link(user, order_number, proven_phone=proven)
    return user


def _link(user: User, number: str, *, proven_phone: str | None) -> None:
    try:
        order = locks.lock_order_by_number(number)
    except NotFound as error:
        raise InvalidInput("There is no such order.", fields={"order_number": ["There is no such order."]}) from error
    same_phone = bool(order.delivery_phone) and order.delivery_phone == user.phone == proven_phone
    same_phone = same_phone and not order.delivery_phone_extension
    if order.customer_id is None and same_phone:
        order.customer = user
        saving.save_order(order, "customer")
        stats.recount_customer(user.pk)


@transaction.atomic
def link_guest_orders(user_id: int) -> None:
    """Orders that guests placed under an account's proven address become its own. Doing it again changes nothing."""
    user = locks.lock_customer(user_id)
    if not user.is_active or not user.email_verified or user.password_unproven:
        return
    found = locks.lock_orders_even_deleted(selectors.guest_orders_of(user.email).values_list("pk", flat=True))
    for order in found.values():
        if order.customer_id is None and order.delivery_email.lower() == user.email.lower():
            order.customer = user
            saving.save_order(order, "customer")
    stats.recount_customer(user.pk)
