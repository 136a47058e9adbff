"""Checks: their pictures come in, and staff take the money or send them back."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import BinaryIO
from uuid import uuid4

from django.db import transaction
from django.utils import timezone

from lld.core import audit, idempotency
from lld.core.actors import Actor
from lld.core.errors import Conflict, ErrorCode, InvalidInput, raise_if
from lld.core.images import read_picture
from lld.core.money import ZERO
from lld.gateways import files
from orders import locks, rules
from orders.enums import CheckState, OrderStatus, PaymentMethod
from orders.models import Check, LedgerEntry, Order
from orders.services import ledger, notifications, payments, progress

FOLDER = "checks/"


@dataclass(frozen=True)
class Written:
    """What staff read on a check; the amount is the balance where they enter none."""

    amount: Decimal = ZERO
    number: str = ""
    written_on: date | None = None
    check_id: int | None = None


def upload_check(order_number: str, *, front: BinaryIO, back: BinaryIO | None, actor: Actor) -> Check:
    """Put a check before staff, in place of one that they have not looked at yet.

    NotFound, Conflict when nothing is owed; InvalidInput for what is no picture; GatewayError.
    """
    names = {"front": _store(front, "check_front"), "back": _store(back, "check_back") if back else ""}
    with transaction.atomic():
        order = locks.lock_order_by_number(order_number)
        raise_if(rules.why_not_pay(order))
        Check.objects.filter(order=order, state=CheckState.REVIEW).update(
            state=CheckState.REPLACED, decided_by=str(actor), decided_at=timezone.now()
        )
        check = Check.objects.create(order=order, uploaded_by=str(actor), **names)
        ledger.derive_money(order)
        audit.record("check.upload", actor=actor, target=order)
        idempotency.seal()
    return check


@transaction.atomic
def approve_check(order_number: str, written: Written, *, actor: Actor) -> tuple[Order, list[str]]:
    """Take a check's money, and confirm an order that waited for it: the order, and others with this check's number.

    Forbidden; Conflict when no check is in review; InvalidInput for a surplus of a guest, and without an amount when
    another sum is owed by now than when the check came.
    """
    order = locks.lock_order_by_number(order_number)
    check = _in_review(order, actor, written.check_id)
    if not written.amount and LedgerEntry.objects.filter(order=order, created_at__gt=check.created_at).exists():
        sentence = f"{order.balance} is owed now, and it was another sum when this check came: enter the check's own."
        raise InvalidInput(sentence, fields={"amount": [sentence]})
    _decide(check, CheckState.APPROVED, actor)
    received = written.amount or order.balance
    note = f"Check {written.number}".strip()
    order, _ = payments.record_manual_payment(
        order.pk, actor=actor, method=PaymentMethod.CHECK, received=received, note=note
    )
    check.amount, check.number, check.written_on = received, written.number, written.written_on
    check.payment = order.payments.order_by("-pk")[0]
    check.save(update_fields=["amount", "number", "written_on", "payment"])
    if order.status == OrderStatus.PENDING and rules.why_not_advance(order, OrderStatus.CONFIRMED, actor) is None:
        order = progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=actor)
    return order, _others_with(check)


@transaction.atomic
def reject_check(order_number: str, *, actor: Actor, reason: str = "", check_id: int | None = None) -> Order:
    """Send a check back: the order waits for money again. Forbidden; Conflict when no check is in review."""
    order = locks.lock_order_by_number(order_number)
    check = _in_review(order, actor, check_id)
    check.reason = reason
    _decide(check, CheckState.REJECTED, actor)
    ledger.derive_money(order)
    notifications.notify_check_rejected(order, check.pk, reason)
    audit.record("check.reject", actor=actor, target=order, reason=reason)
    idempotency.seal()
    return order


def _store(upload: BinaryIO, field: str) -> str:
    name = f"{FOLDER}{uuid4().hex}.jpg"
    files.save(name, read_picture(upload, field=field).jpeg, "image/jpeg")
    return name


def _in_review(order: Order, actor: Actor, seen: int | None) -> Check:
    """The one that is decided on. Conflict when there is none, or another than was `seen`."""
    raise_if(rules.why_not_decide_check(actor))
    check = Check.objects.filter(order=order, state=CheckState.REVIEW).first()
    if check is None:
        raise Conflict("No check of this order is in review.", code=ErrorCode.CONFLICT)
    if seen is not None and seen != check.pk:
        raise Conflict("A newer picture has come: look at that one.", code=ErrorCode.CONFLICT)
    return check


def _decide(check: Check, state: CheckState, actor: Actor) -> None:
    check.state, check.decided_by, check.decided_at = state, str(actor), timezone.now()
    check.save(update_fields=["state", "decided_by", "decided_at", "reason"])


def _others_with(check: Check) -> list[str]:
    if not check.number:
        return []
    others = Check.objects.filter(number=check.number, state=CheckState.APPROVED).exclude(pk=check.pk)
    return list(others.values_list("order__number", flat=True))
