"""Rows for tests, made the way the product makes them where a service exists, and clients that are somebody."""

from tests.factories.accounts import PASSWORD, CustomerFactory, StaffFactory
from tests.factories.catalog import CategoryFactory, ProductFactory, counted, figures, priced
from tests.factories.clients import (
    as_console,
    as_customer,
    as_key,
    as_staff,
    as_staff_in_session,
    bearer,
    filled_in,
    is_staff_in,
    login,
    signs_in,
    told,
    with_csrf_token,
)
from tests.factories.orders import CANCELLING, DELIVERY, card_order, order_body, paid_by_card, place

__all__ = [
    "CANCELLING",
    "DELIVERY",
    "PASSWORD",
    "CategoryFactory",
    "CustomerFactory",
    "ProductFactory",
    "StaffFactory",
    "as_console",
    "as_customer",
    "as_key",
    "as_staff",
    "as_staff_in_session",
    "bearer",
    "card_order",
    "counted",
    "figures",
    "filled_in",
    "is_staff_in",
    "login",
    "order_body",
    "paid_by_card",
    "place",
    "priced",
    "signs_in",
    "told",
    "with_csrf_token",
]
