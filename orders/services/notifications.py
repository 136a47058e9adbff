"""What customers are told about their orders: mails always, SMS with consent. All through the outbox."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts import selectors as accounts
from accounts.models import User
from lld.core import mail, outbox
from lld.core.clock import business_zone
from lld.core.money import ZERO
from orders import rules, tokens
from orders.enums import PaymentMethod
from orders.models import Order, Payment, Refund
from orders.services.standings import Standing, read_standing, say_way_back


def notify_order_placed(order: Order) -> None:
    _mail(order, "order_placed", checks_to=settings.CHECKS_TO)


def notify_payment_received(order: Order, payment: Payment, *, surplus: Decimal = ZERO) -> None:
    """For each payment, also of a part. `surplus`: what came with it, and is store credit now."""
    _mail_standing(order, "payment_received", f"{payment.pk}", came=payment.amount + surplus, surplus=surplus)


def notify_transfer_failed(order: Order, payment: Payment) -> None:
    _mail_standing(order, "transfer_failed", f"{payment.pk}", payment=payment)


def notify_check_rejected(order: Order, check_id: int, reason: str) -> None:
    _mail_standing(order, "check_rejected", f"{check_id}", reason=reason)


def notify_check_bounced(order: Order, payment: Payment) -> None:
    _mail_standing(order, "check_bounced", f"{payment.pk}", payment=payment)


def notify_payment_voided(order: Order, payment: Payment) -> None:
    """To who was told that it had come."""
    waits, left_at = outbox.find_sending(f"payment_received:{order.pk}:{payment.pk}")
    if waits or left_at is not None:
        _mail_standing(order, "payment_voided", f"{payment.pk}", payment=payment)


def notify_refunded(refund: Refund) -> None:
    """Once a way that it takes."""
    order = refund.order
    if order is not None:
        occasion = f"{refund.pk}:{refund.round}"
        _mail(order, "order_refunded", occasion=occasion, refund=refund, way=say_way_back(refund))


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
    _mail_standing(order, "order_changed", f"{order.version}", owed_back=-order.balance)


def notify_order_cancelled(order: Order, refunds: Sequence[Refund] = (), *, credit: Decimal = ZERO) -> None:
    """With what goes back, and how: `refunds` requested because of it, and `credit` that is store credit again."""
    ways = [say_way_back(refund) for refund in refunds]
    if credit:
        ways.append(f"${credit} is store credit of yours again.")
    if coming := rules.sum_transfers(order):
        ways.append(f"${coming} of a bank transfer that is still under way goes back once it has arrived.")
    _mail(order, "order_cancelled", ways=ways)


def notify_order_lapses(order: Order, at: datetime) -> None:
    """Its last day begins. Who has no address is told by text, where they agreed to that."""
    until = _moment(at)
    if find_address(order):
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


def _way_to_send_check(order: Order) -> dict[str, str]:
    """What `_send_check` shows of an order that a check is to pay: a link of its own, and when it ends."""
    if order.payment_method != PaymentMethod.CHECK or order.balance <= 0:
        return {}
    token = tokens.make_upload_token(order.number)
    return {
        "check_link": f"{settings.FRONTEND_URL}/upload-check/{order.number}?token={token}",
        "check_until": _moment(timezone.now() + tokens.UPLOAD_LASTS),
    }


def _moment(at: datetime) -> str:
    return at.astimezone(business_zone()).strftime("%A, %B %-d, %-I:%M %p %Z")


def _last_day(order: Order) -> str:
    """An order may have several, when money came and left again between them."""
    return f"{order.pk}:{order.lapse_notice_at:%Y%m%d%H%M%S}"


def _mail_standing(order: Order, template: str, occasion: str, **more: Any) -> None:
    """One that says how the order's money stands after what it tells of."""
    standing: Standing = read_standing(order)
    _mail(order, template, occasion=f"{order.pk}:{occasion}", standing=standing, **more)


def _mail(order: Order, template: str, *, occasion: str = "", **more: Any) -> None:
    context: dict[str, Any] = {"order": order, "lines": list(order.lines.all()), **_way_to_send_check(order), **more}
    key = f"{template}:{occasion or order.pk}"
    mail.send_later(f"orders/{template}", key=key, to=find_address(order), context=context)


def find_address(order: Order) -> str:
    """Where its mails go: the address that it carries, else its customer's; "" when there is none."""
    if order.delivery_email or order.customer_id is None:
        return order.delivery_email
    return User.objects.values_list("email", flat=True).get(pk=order.customer_id)


def _text(order: Order, what: str, body: str) -> None:
    texted = order.delivery_phone and not order.delivery_phone_extension
    if texted and accounts.has_sms_consent(order.delivery_phone):
        payload = {"to": order.delivery_phone, "body": f"{body} Reply STOP to opt out."}
        outbox.enqueue("sms", key=f"{what}:{order.pk}:{order.version}", payload=payload)
