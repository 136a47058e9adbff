"""What a member of staff can do with an order, and why not; and who has signed up."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce

from accounts.enums import AuthProvider
from accounts.models import CustomerProfile, User
from accounts.selectors import customers
from lld.core.access import Role
from lld.core.columns import MoneyColumn
from lld.core.json_rows import CompiledRows, IsoTime, iso_times
from lld.core.models import AuditEntry
from lld.core.money import ZERO
from lld.core.paging import Page, recent_count
from lld.core.phones import normalise_phone
from orders.enums import PROGRESS, OrderStatus, PaymentStatus, may_move
from orders.models import Order
from orders.services.payments import SMALLEST

CASHIERS = (Role.ADMIN, Role.MANAGER, Role.STAFF)


@dataclass(frozen=True)
class Permission:
    """One thing to do; `reason` says why not."""

    name: str
    allowed: bool
    reason: str | None


def transitions(order: Order) -> list[Permission]:
    """Every status that the order could be moved to."""
    return [_transition(order, target) for target in (*PROGRESS[1:], OrderStatus.CANCELLED)]


def actions(order: Order, user: User) -> list[Permission]:
    """Everything else that the portal offers on an order."""
    managing = user.role in {Role.ADMIN, Role.MANAGER}
    gone = order.status in {OrderStatus.SHIPPED, OrderStatus.DELIVERED, OrderStatus.CANCELLED}
    takes_money = order.balance > 0 and order.status != OrderStatus.CANCELLED
    under_way = order.payment_status == PaymentStatus.PROCESSING
    return [
        _permission("edit_address", None if not gone else f"The order is {order.status}."),
        _permission("mark_paid", _why_no_money(takes_money, under_way, may=user.role in CASHIERS)),
        _permission("create_payment_link", _why_no_link(order) or _why_no_money(takes_money, under_way, may=True)),
        _permission("release_hold", _why_no_release(order, managing)),
        _permission("delete", _why_no_delete(order, managing)),
    ]


def history_of(order: Order) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.filter(object_type=Order._meta.label_lower, object_id=str(order.pk))
    return entries.order_by("-created_at", "-pk")[:50]


def _permission(name: str, reason: str | None) -> Permission:
    return Permission(name, reason is None, reason)


def _transition(order: Order, target: OrderStatus) -> Permission:
    if not may_move(order.status, target):
        return Permission(target, False, f"The order is {order.status}.")
    if order.terms_hold and target != OrderStatus.CANCELLED:
        return Permission(target, False, "The order is on hold.")
    return Permission(target, True, None)


def _why_no_money(takes_money: bool, under_way: bool, *, may: bool) -> str | None:
    if not may:
        return "Your role does not take money."
    if under_way:
        return "A payment is under way."
    return None if takes_money else "Nothing is owed."


def _why_no_link(order: Order) -> str | None:
    return f"Cards take no less than {SMALLEST}." if 0 < order.balance < SMALLEST else None


def _why_no_release(order: Order, managing: bool) -> str | None:
    if not order.terms_hold:
        return "The order is not on hold."
    return None if managing else "Only admin and manager release holds."


def _why_no_delete(order: Order, managing: bool) -> str | None:
    if not managing:
        return "Only admin and manager delete orders."
    if order.amount_paid or order.shipped_at:
        return "The order was paid or shipped."
    return None


def website_users(*, window: Page, search: str = "") -> str:
    """JSON text of `{users, total, page, per_page, pages}`: who signed up themselves, newest first.

    Every word of `search` must occur in the username, the address or a name; or all of it in the company's name, or
    it is the phone.
    """
    total = recent_count(lambda: _registered(search), "website-users", search)
    rows = _compiled_registered(search).page(window.size, window.offset)
    return (
        f'{{"users":{rows},"total":{total},"page":{window.number},'
        f'"per_page":{window.size},"pages":{window.pages(total)}}}'
    )


def _registered(search: str) -> QuerySet[User]:
    users = customers().filter(auth_provider=AuthProvider.EMAIL)
    if search:
        # Keys from each table by its own indexes: an OR across a join would read both whole.
        users = users.filter(pk__in=_people(search).union(_companies(search), _phones(search)))
    return users.order_by("-created_at", "-pk")


def _people(search: str) -> QuerySet[User, Any]:
    found = User.objects.order_by()
    for word in search.split():
        named = Q(username__icontains=word) | Q(email__icontains=word)
        found = found.filter(named | Q(first_name__icontains=word) | Q(last_name__icontains=word))
    return found.values("pk")


def _companies(search: str) -> QuerySet[CustomerProfile, Any]:
    return CustomerProfile.objects.filter(company_name__icontains=search).values("pk")


def _phones(search: str) -> QuerySet[User, Any]:
    try:
        return User.objects.filter(phone=normalise_phone(search)).values("pk")
    except ValueError:
        return User.objects.none().values("pk")


@lru_cache(maxsize=256)
def _compiled_registered(search: str) -> CompiledRows:
    rows = _registered(search).values(
        "id",
        "username",
        "email",
        "email_verified",
        "first_name",
        "last_name",
        "phone",
        "is_active",
        company_name=Coalesce("profile__company_name", Value("")),
        order_count=Coalesce("stats__order_count", 0),
        total_spent=Coalesce("stats__total_spent", Value(ZERO), output_field=MoneyColumn()),
        last_order=IsoTime("stats__last_order_at"),
        **iso_times("created_at"),
    )
    return CompiledRows(rows)
