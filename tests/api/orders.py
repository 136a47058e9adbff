"""Routes of orders and payments: customers', and those by which staff work on orders."""

import io
from decimal import Decimal

from lld.core.actors import SYSTEM
from orders.enums import AttentionKind, OrderStatus, PaymentMethod, PaymentState, RefundState
from orders.models import AttentionEntry, Order, Payment, Refund
from orders.services.checks import upload_check
from orders.services.intents import open_intent
from orders.services.payments import record_manual_payment
from orders.services.refunds import request_refund
from tests.api.callers import CASHIERS, CUSTOMER, EVERYONE, MANAGING, SELLERS, STAFF, VOICE
from tests.api.route import (
    NO_ROWS,
    NOBODY_ELSES,
    ORDER,
    OWN_CONTACT,
    THEIRS,
    Call,
    Count,
    Documented,
    Route,
    Shows,
    Whose,
)
from tests.api.world import World
from tests.factories import DELIVERY, PASSWORD, order_body, place
from tests.pictures import picture, upload
from tests.servers import sandbox_client
from tests.stripe_events import UNUSED, send_event


def new_order(world: World) -> Call:
    """As a customer places it."""
    extra = {"special_notes": "Back door", "payment_method": "net30", "billing_address": "Same"}
    names = {"delivery_first_name": "Maria", "delivery_last_name": "Lopez"}
    items = [{"product_id": world.product.pk, "quantity": 2}]
    return Call(body={"items": items, **DELIVERY, **names, **extra})


def quote(world: World) -> Call:
    return Call(body={"items": [{"product_id": product.pk, "quantity": 1} for product in world.products]})


def new_account(world: World) -> Call:
    parts = ("name", "address", "city", "state", "zip", "phone", "company")
    delivery = {f"delivery_{part}": DELIVERY[f"delivery_{part}"] for part in parts}
    account = {"email": DELIVERY["delivery_email"], "password": PASSWORD, "order_number": world.order.number}
    return Call(body={**delivery, **account})


def new_intent(world: World) -> Call:
    customer = {"customer_name": "Ana", "customer_email": "ana@example.test"}
    return Call(body={"amount": 45.0, "order_number": world.order.number, **customer})


def paid_intent(world: World) -> Call:
    order = world.order
    intent = open_intent(amount=order.balance, order_number=order.number)
    sandbox_client.pay_intent(intent.id, deliver=False)
    return Call(body={"order_number": order.number, "payment_intent_id": intent.id})


def found_orders(world: World) -> Call:
    filters = {"status": "pending", "from_date": "2020-01-01", "to_date": "2099-01-01", "search": "LLD"}
    return Call(query={"page": 1, "per_page": 10, "rep_id": world.rep.pk, **filters}, given=world.order)


def other_items(world: World) -> Call:
    items = [{"product_id": product.pk, "quantity": 3} for product in world.products]
    return Call(world.order.pk, body={"items": items, "reason": "Three of each"})


def entered_order(world: World) -> Call:
    names = {"delivery_first_name": "Maria", "delivery_last_name": "Lopez"}
    money = {"discount_amount": 1.0, "delivery_fee": 5.0, "payment_method": "cash", "payment_status": "paid"}
    entry = {"order_number": "PHONE-1", "created_at": "2026-01-02T10:00:00Z", "status": "confirmed"}
    people = {"sales_rep_id": world.rep.pk, "assigned_to": "Ana", "upsert_customer": True}
    notes = {"special_notes": "Back door", "staff_notes": "By phone"}
    items = [{"sku": world.product.sku, "quantity": 3}]
    return Call(body={"items": items, **DELIVERY, **names, **money, **entry, **people, **notes})


def new_address(world: World) -> Call:
    names = {"delivery_name": "Ana Ruiz", "delivery_first_name": "Ana", "delivery_last_name": "Ruiz"}
    return Call(world.order.pk, body={**DELIVERY, **names})


CUSTOMERS = (
    Route("GET", "api/config", EVERYONE, lambda _: Call(), counts=NO_ROWS),
    Route(
        "GET",
        "api/orders",
        CUSTOMER,
        lambda world: Call(given=world.order),
        counts=(Count(3),),
        shows=Shows(money=CUSTOMER),
    ),
    Route("POST", "api/orders", EVERYONE, new_order, shows=Shows(money=EVERYONE, contact=EVERYONE)),
    Route("POST", "api/orders/quote", EVERYONE, quote, counts=(Count(6, by="customer"),)),
    Route("POST", "api/orders/create-account", EVERYONE, new_account, shows=OWN_CONTACT),
    Route(
        "GET",
        "api/orders/by-phone/<str:phone>",
        EVERYONE,
        lambda world: Call("(312) 555-0147", given=world.order),
        counts=(Count(1),),
        whose=Whose(frozenset(), EVERYONE),
        shows=Shows(money=EVERYONE),
    ),
    Route(
        "GET",
        "api/orders/<order_number:order_number>",
        EVERYONE,
        lambda world: Call(world.order.number),
        counts=(Count(2), Count(4, by="customer")),
        whose=Whose(EVERYONE - CUSTOMER, EVERYONE - CUSTOMER),
        shows=Shows(money=EVERYONE, contact=CUSTOMER),
    ),
    Route(
        "POST",
        "api/orders/<order_number:order_number>/reorder",
        CUSTOMER,
        lambda world: Call(world.order.number),
        counts=(Count(5),),
        whose=NOBODY_ELSES,
    ),
)

PAYMENTS = (
    Route("POST", "api/payments/create-intent", EVERYONE, new_intent),
    Route("POST", "api/payments/confirm", EVERYONE, paid_intent),
    Route(
        "POST",
        "api/payments/create-link",
        SELLERS | CUSTOMER | VOICE,
        lambda world: Call(body={"order_number": world.order.number, "expires_in_hours": 24}),
        whose=Whose(CASHIERS | VOICE, CASHIERS | VOICE),
        shows=Shows(money=SELLERS | CUSTOMER | VOICE),
    ),
    Route("POST", "api/webhooks/stripe", EVERYONE, lambda _: Call(body=UNUSED, sent_by=send_event)),
)

STAFFS = (
    Route(
        "GET",
        "api/staff/orders",
        STAFF,
        found_orders,
        counts=(
            Count(3),
            Count(3, lambda _: Call(query={"search": "LLD", "status": "pending", "from_date": "2020-01-01"})),
        ),
        whose=THEIRS,
        shows=Shows(money=SELLERS, contact=SELLERS),
    ),
    Route(
        "POST",
        "api/staff/orders",
        SELLERS,
        lambda world: Call(body=order_body((world.product, 1))),
        # Dates in the past, discounts and money are not for everyone.
        documented=(Documented(entered_order, by="admin"),),
        shows=Shows(contact=SELLERS),
    ),
    Route(
        "GET",
        "api/staff/orders/<int:order_id>",
        STAFF,
        lambda world: Call(world.order.pk),
        counts=(Count(8),),
        whose=THEIRS,
        shows=ORDER,
    ),
    Route("DELETE", "api/staff/orders/<int:order_id>", MANAGING, lambda world: Call(world.order.pk)),
    Route(
        "PUT",
        "api/staff/orders/<int:order_id>/status",
        STAFF,
        lambda world: Call(world.order.pk, body={"status": "confirmed", "staff_notes": "Go", "assigned_to": "Ana"}),
        whose=THEIRS,
    ),
    Route(
        "POST",
        "api/staff/orders/<int:order_id>/mark-paid",
        CASHIERS,
        lambda world: Call(world.order.pk, body={"payment_method": "check", "note": "No. 12", "amount_received": 45}),
        whose=THEIRS,
    ),
    Route(
        "PUT",
        "api/staff/orders/<int:order_id>/notes",
        STAFF,
        lambda world: Call(
            world.order_in(OrderStatus.CONFIRMED).pk,
            body={"staff_notes": "Call", "assigned_to": "Ana", "tracking_number": "9400"},
        ),
        whose=THEIRS,
    ),
    Route(
        "PUT",
        "api/staff/orders/<int:order_id>/address",
        STAFF,
        new_address,
        whose=THEIRS,
        shows=Shows(contact=SELLERS),
    ),
    Route(
        "POST",
        "api/staff/orders/<int:order_id>/release-hold",
        MANAGING,
        lambda world: Call(world.held_order.pk, body={"reason": "x"}),
        shows=ORDER,
    ),
    Route("PUT", "api/staff/orders/<int:order_id>/items", SELLERS, other_items, whose=THEIRS, shows=ORDER),
    Route(
        "POST",
        "api/staff/orders/<int:order_id>/unship",
        MANAGING,
        lambda world: Call(world.order_in(OrderStatus.SHIPPED).pk, body={"reason": "Still here"}),
        shows=ORDER,
    ),
)


def strange_order(world: World) -> Order:
    """A guest's, unpaid, so that it lapses."""
    return place((world.product, 2), payment_method=PaymentMethod.CREDIT_CARD, released=False)


def set_aside(world: World) -> Payment:
    """45.00 by card that came at checkout, and that no order was named for."""
    return Payment.objects.create(
        order=world.order, method=PaymentMethod.CASH, state=PaymentState.UNAPPLIED, amount=world.order.balance
    )


def taken_check(world: World) -> Payment:
    order = place((world.product, 2), payment_method=PaymentMethod.CHECK)
    record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CHECK)
    return order.payments.get()


def failed_refund(world: World) -> Refund:
    """Of an order that was paid in cash, as if it had been sent to Stripe."""
    refund = request_refund(world.paid_order.payments.get(), Decimal("5.00"), key="route", reason="x")
    Refund.objects.update(state=RefundState.FAILED)
    return refund


WRITTEN = {"amount": 45.0, "number": "1207", "written_on": "2026-11-20"}


def sent_check(world: World) -> Call:
    pictures = {name: upload(name=f"{name}.png") for name in ("check_front", "check_image", "check_back")}
    return Call(body={"order_number": world.order.number, **pictures})


def checked_order(world: World) -> Order:
    """Its check is in review."""
    pictures = {"front": io.BytesIO(picture()), "back": io.BytesIO(picture(1))}
    upload_check(world.order.number, actor=SYSTEM, **pictures)
    return world.order


def matter(world: World) -> AttentionEntry:
    about = {"order": world.order, "kind": AttentionKind.PAYMENT_FAILED, "detail": "Declined"}
    return AttentionEntry.objects.get_or_create(key=f"route:{world.order.pk}", defaults=about)[0]


MONEY = (
    Route(
        "POST",
        "api/staff/orders/<int:order_id>/keep",
        CASHIERS,
        lambda world: Call(strange_order(world).pk, body={"reason": "They called"}),
        shows=ORDER,
    ),
    Route(
        "POST",
        "api/staff/orders/<int:order_id>/write-off",
        MANAGING,
        lambda world: Call(world.order_in(OrderStatus.SHIPPED).pk, body={"amount": 5.0, "reason": "Bankrupt"}),
        shows=ORDER,
    ),
    Route(
        "POST",
        "api/staff/orders/<int:order_id>/reinstate",
        CASHIERS,
        lambda world: Call(world.written_off_order.pk, body={"reason": "Paid after all"}),
        whose=THEIRS,
        shows=ORDER,
    ),
    Route(
        "POST",
        "api/staff/orders/<int:order_id>/refund",
        CASHIERS,
        lambda world: Call(world.paid_order.pk, body={"amount": 5.0, "reason": "Dented"}),
        whose=THEIRS,
        shows=ORDER,
    ),
    Route(
        "POST",
        "api/staff/orders/<int:order_id>/adjust",
        CASHIERS,
        lambda world: Call(world.order.pk, body={"amount": -1.0, "reason": "Late"}),
        whose=THEIRS,
        shows=ORDER,
    ),
    Route(
        "POST",
        "api/staff/orders/<int:order_id>/credit/apply",
        CASHIERS,
        lambda world: Call(world.order_on_credit.pk, body={"amount": 5.0}),
        documented=(Documented(lambda world: Call(world.order_on_credit.pk, body={"amount": 5.0}), by="staff"),),
    ),
    Route(
        "GET",
        "api/staff/users/<int:user_id>/credit",
        CASHIERS,
        lambda world: Call(world.customer_with_credit.pk),
        documented=(Documented(lambda world: Call(world.customer_with_credit.pk), by="staff"),),
        counts=(Count(4),),
        whose=THEIRS,
    ),
    Route(
        "POST",
        "api/staff/users/<int:user_id>/credit/issue",
        MANAGING,
        lambda world: Call(world.customer_with_credit.pk, body={"amount": 5.0, "note": "Sorry"}),
    ),
    Route(
        "POST",
        "api/staff/payments/<int:payment_id>/apply",
        CASHIERS,
        lambda world: Call(set_aside(world).pk, body={"order_number": world.order.number}),
        shows=ORDER,
    ),
    Route(
        "POST",
        "api/staff/payments/<int:payment_id>/return",
        CASHIERS,
        lambda world: Call(set_aside(world).pk, body={"reason": "Not ours"}),
        shows=Shows(money=CASHIERS),
    ),
    Route(
        "POST",
        "api/staff/payments/<int:payment_id>/bounced",
        CASHIERS,
        lambda world: Call(taken_check(world).pk, body={"reason": "No funds"}),
        shows=ORDER,
    ),
    Route(
        "POST",
        "api/staff/payments/<int:payment_id>/void",
        MANAGING,
        lambda world: Call(taken_check(world).pk, body={"reason": "Wrong order"}),
        shows=ORDER,
    ),
    Route("POST", "api/staff/refunds/<int:refund_id>/retry", CASHIERS, lambda world: Call(failed_refund(world).pk)),
    Route(
        "POST",
        "api/staff/refunds/<int:refund_id>/handed-out",
        CASHIERS,
        lambda world: Call(failed_refund(world).pk, body={"method": "cash", "note": "At the counter"}),
    ),
    Route(
        "POST",
        "api/staff/refunds/<int:refund_id>/withdraw",
        CASHIERS,
        lambda world: Call(failed_refund(world).pk, body={"reason": "Wrong order"}),
    ),
    Route(
        "POST",
        "api/payments/upload-check",
        CASHIERS | CUSTOMER,
        sent_check,
        documented=(Documented(sent_check, by="staff"),),
        whose=Whose(CASHIERS, CASHIERS),
    ),
    Route(
        "GET",
        "api/staff/checks/<order_number:order_number>",
        CASHIERS,
        lambda world: Call(checked_order(world).number),
        documented=(Documented(lambda world: Call(checked_order(world).number), by="staff"),),
        counts=(Count(2),),
        whose=THEIRS,
    ),
    Route(
        "GET",
        "api/staff/checks/<order_number:order_number>/back",
        CASHIERS,
        lambda world: Call(checked_order(world).number),
        documented=(Documented(lambda world: Call(checked_order(world).number), by="staff"),),
        counts=(Count(2),),
        whose=THEIRS,
    ),
    Route(
        "POST",
        "api/staff/checks/<order_number:order_number>/approve",
        CASHIERS,
        lambda world: Call(checked_order(world).number, body=WRITTEN),
        documented=(Documented(lambda world: Call(checked_order(world).number, body=WRITTEN), by="staff"),),
    ),
    Route(
        "POST",
        "api/staff/checks/<order_number:order_number>/reject",
        CASHIERS,
        lambda world: Call(checked_order(world).number, body={"reason": "Unsigned"}),
        documented=(
            Documented(lambda world: Call(checked_order(world).number, body={"reason": "Unsigned"}), by="staff"),
        ),
    ),
    Route(
        "GET",
        "api/staff/attention",
        CASHIERS,
        lambda world: Call(query={"kind": "payment_failed", "state": "open", "page": 1}, given=matter(world)),
        counts=(Count(3),),
        whose=THEIRS,
    ),
    Route(
        "POST",
        "api/staff/attention/<int:entry_id>/assign",
        CASHIERS,
        lambda world: Call(matter(world).pk, body={"user_id": world.cashier.pk}),
    ),
    Route("POST", "api/staff/attention/<int:entry_id>/resolve", CASHIERS, lambda world: Call(matter(world).pk)),
)

ROUTES = (*CUSTOMERS, *PAYMENTS, *STAFFS, *MONEY)
