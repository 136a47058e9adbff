"""What customers are told about their orders: mails always, SMS with consent. All through the outbox."""

from datetime import datetime
from typing import Any

from django.conf import settings

from accounts import selectors as accounts
from accounts.models import User
from lld.core import mail, outbox
from lld.core.clock import business_zone
from orders.models import Order, Payment


def notify_order_placed(order: Order) -> None:
    _mail(order, "order_placed")


def notify_payment_received(order: Order, payment: Payment) -> None:
    """Once for the payment that settled it: an order may owe again, and be paid again."""
    _mail(order, "payment_received", occasion=f"{order.pk}:{payment.pk}")


def notify_order_shipped(order: Order) -> None:
    _mail(order, "order_shipped", occasion=f"{order.pk}:{order.version}")
    tracking = (
        f" Tracking: {order.carrier} {order.tracking_number}".replace("  ", " ") if order.tracking_number else ""
    )
    _text(order, "shipped", f"LLD Restaurant Supply: order {order.number} is on its way.{tracking}")


def notify_not_shipped(order: Order) -> None:
    """After a mail that said it was."""
    _mail(order, "order_not_shipped", occasion=f"{order.pk}:{order.version}")


def notify_order_changed(order: Order) -> None:
    _mail(order, "order_changed", occasion=f"{order.pk}:{order.version}", owed_back=-order.balance)


def notify_order_cancelled(order: Order) -> None:
    _mail(order, "order_cancelled")


def notify_order_lapses(order: Order, at: datetime) -> None:
    """Its last day begins. Who has no address is told by text, where they agreed to that."""
    until = at.astimezone(business_zone()).strftime("%A, %B %-d, %-I:%M %p %Z")
    if _address(order):
        _mail(order, "order_lapses", occasion=_last_day(order), until=until)
    else:
        pay = f"{settings.FRONTEND_URL}/pay/{order.number}"
        sentence = f"LLD Restaurant Supply: order {order.number} is cancelled {until} unless it is paid: {pay}"
        _text(order, "lapses", sentence)


def find_notice(order: Order) -> tuple[bool, datetime | None]:
    """Whether the notice of a last day still waits to leave, and when it left."""
    return outbox.find_sending(f"order_lapses:{_last_day(order)}")


def notify_order_lapsed(order: Order) -> None:
    _mail(order, "order_lapsed")


def _last_day(order: Order) -> str:
    """An order may have several, when money came and left again between them."""
    return f"{order.pk}:{order.lapse_notice_at:%Y%m%d%H%M%S}"


def _mail(order: Order, template: str, *, occasion: str = "", **more: Any) -> None:
    context: dict[str, Any] = {"order": order, "lines": list(order.lines.all()), **more}
    key = f"{template}:{occasion or order.pk}"
    mail.send_later(f"orders/{template}", key=key, to=_address(order), context=context)


def _address(order: Order) -> str:
    if order.delivery_email or order.customer_id is None:
        return order.delivery_email
    return User.objects.values_list("email", flat=True).get(pk=order.customer_id)


def _text(order: Order, what: str, body: str) -> None:
    if order.delivery_phone and accounts.has_sms_consent(order.delivery_phone):
        payload = {"to": order.delivery_phone, "body": f"{body} Reply STOP to opt out."}
        outbox.enqueue("sms", key=f"{what}:{order.pk}:{order.version}", payload=payload)
