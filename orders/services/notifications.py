"""What customers are told about their orders: mails always, SMS with consent. All through the outbox."""

from typing import Any

from accounts import selectors as accounts
from accounts.models import User
from lld.core import mail, outbox
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
