"""Orders that staff enter: by phone, at the counter, or from the books."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import selectors as accounts
from accounts.models import User
from accounts.services.customers import create_contact
from lld.core import audit
from lld.core.access import MANAGING, Role
from lld.core.actors import Actor
from lld.core.errors import InvalidInput, raise_if
from orders import rules, selectors
from orders.enums import OrderSource, OrderStatus, PaymentMethod, PaymentStatus
from orders.models import Order
from orders.services import payments, placement, progress, quoting, saving
from orders.services.placement import Placement
from orders.services.quoting import Item


@dataclass(frozen=True)
class ManualOrder:
    """What staff entered; None where they entered nothing."""

    items: Sequence[Item]
    delivery: Mapping[str, Any]
    payment_method: PaymentMethod
    payment_status: PaymentStatus | None
    status: OrderStatus
    discount: Decimal
    delivery_fee: Decimal
    number: str
    created_at: datetime | None
    sales_rep_id: int | None
    customer_id: int | None
    upsert_customer: bool
    special_notes: str
    staff_notes: str
    assigned_to: str


@transaction.atomic
def enter_order(entry: ManualOrder, *, by: User, actor: Actor) -> Order:
    """The new order, paid and advanced as far as was said.

    Forbidden for what only admin and manager may set, or a discount above the role's limit. An order that is
    back-dated sends no mail.
    """
    _check_authority(entry, actor)
    is_old = entry.created_at is not None and entry.created_at < timezone.now() - timedelta(hours=1)
    order = placement.place_order(
        Placement(
            items=entry.items,
            delivery=entry.delivery,
            payment_method=entry.payment_method,
            customer_id=_customer_id(entry, actor),
            source=OrderSource.STAFF,
            discount=entry.discount,
            delivery_fee=entry.delivery_fee,
            number=entry.number,
            created_at=entry.created_at,
            sales_rep=_sales_rep(entry, by),
            entered_by=by,
            extra={
                "special_notes": entry.special_notes,
                "staff_notes": entry.staff_notes,
                "assigned_to": entry.assigned_to,
            },
        ),
        actor=actor,
        waive_hold=entry.status != OrderStatus.PENDING,
        notify=not is_old,
    )
    if order.balance and _is_paid(entry, by):
        order, _ = payments.record_manual_payment(
            order.pk,
            actor=actor,
            method=entry.payment_method,
            note="Entered as paid",
            at=entry.created_at,
            notify=not is_old,
        )
    if entry.status == OrderStatus.CANCELLED:
        order = progress.cancel_order(order.pk, actor=actor, reason="Entered as cancelled", notify=not is_old)
    elif entry.status != OrderStatus.PENDING:
        _release(order, by)
        order = progress.advance_order(order.pk, entry.status, actor=actor, at=entry.created_at, notify=not is_old)
    audit.record(
        "order.enter", actor=actor, target=order, after={"total": order.total_amount, "status": order.status}
    )
    return order


def _release(order: Order, by: User) -> None:
    """Whoever may release an order, and says that it has gone out unpaid, has released it."""
    if not rules.may_go_unpaid(order):
        order.hold_released_at, order.hold_released_by = timezone.now(), by
        saving.save_order(order, "hold_released_at", "hold_released_by")


def _check_authority(entry: ManualOrder, actor: Actor) -> None:
    why_not = rules.why_not_enter(
        actor,
        number=entry.number,
        created_at=entry.created_at,
        status=entry.status,
        payment_status=entry.payment_status,
        sales_rep_id=entry.sales_rep_id,
    )
    raise_if(why_not)
    if entry.discount:
        subtotal = quoting.quote_items(entry.items).totals.subtotal
        raise_if(rules.why_not_lower(actor, subtotal=subtotal, lowered=entry.discount))


def _sales_rep(entry: ManualOrder, by: User) -> User | None:
    if entry.sales_rep_id is None:
        return by if by.role == Role.SALES_REP else None
    rep = accounts.staff_members().filter(pk=entry.sales_rep_id, is_active=True).first()
    if rep is None:
        sentence = "There is no such member of staff."
        raise InvalidInput(sentence, fields={"sales_rep_id": [sentence]})
    return rep


def _customer_id(entry: ManualOrder, actor: Actor) -> int | None:
    delivery = entry.delivery
    if entry.customer_id is not None:
        if not selectors.customers_sold_to_by(actor).filter(pk=entry.customer_id).exists():
            raise InvalidInput("There is no such customer.", fields={"customer_id": ["There is no such customer."]})
        return entry.customer_id
    if not entry.upsert_customer:
        return None
    email, phone = delivery.get("delivery_email", ""), delivery.get("delivery_phone", "")
    extension = delivery.get("delivery_phone_extension", "")
    known = accounts.customer_matching(email=email, phone=phone, phone_extension=extension)
    if known is not None:
        return known.pk
    if not email and not phone:
        sentence = "A new customer needs an e-mail address or a phone number."
        raise InvalidInput(sentence, fields={"delivery_phone": [sentence]})
    first, _, last = delivery["delivery_name"].partition(" ")
    address = ", ".join(str(delivery[f"delivery_{part}"]) for part in ("address", "city", "state", "zip"))
    return create_contact(
        email=email,
        phone=phone,
        phone_extension=extension,
        first_name=delivery.get("delivery_first_name") or first[:100],
        last_name=delivery.get("delivery_last_name") or last[:100],
        company_name=delivery.get("delivery_company", ""),
        shipping_address=address[:500],
    ).pk


def _is_paid(entry: ManualOrder, by: User) -> bool:
    """Paid unless said otherwise, except on terms or cancelled; only admin and manager may leave it to that."""
    if entry.payment_status is not None:
        return entry.payment_status == PaymentStatus.PAID
    is_owed = entry.payment_method == PaymentMethod.NET30 or entry.status == OrderStatus.CANCELLED
    return not is_owed and by.role in MANAGING
