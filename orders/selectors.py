"""Reads of orders. Lists are built as JSON by PostgreSQL, with their lines, in one query."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Reverse
from django.db.models.lookups import Exact
from django.utils import timezone

from accounts.models import User
from accounts.rules import sees_only_own
from accounts.selectors import customers, staff_members
from catalog.models import SkuLetters
from lld.core.access import TAKING_MONEY
from lld.core.actors import Actor
from lld.core.clock import business_day
from lld.core.errors import InvalidInput, NotFound
from lld.core.json_rows import Columns, CompiledRows, Rows, Slice, iso_time, renamed
from lld.core.models import AuditEntry
from lld.core.money import ZERO
from lld.core.paging import Page, recent_count
from lld.core.phones import phone_digits
from orders import rules
from orders.enums import OrderSource, OrderStatus, PaymentState
from orders.models import (
    AttentionEntry,
    Check,
    CreditAccount,
    CreditEntry,
    Order,
    OrderLine,
    OrderQuerySet,
    Payment,
    Refund,
)
from orders.models.searching import IsOneOf, PlainWords, TrackingLetters
from orders.numbers import number_letters

LINE_FIELDS = (
    "product_id",
    "product_name",
    "product_sku",
    "product_brand",
    "product_unit_size",
    "quantity",
    "unit_price",
    "is_bulk_price",
    "line_total",
)

DELIVERY_FIELDS = (
    "delivery_name",
    "delivery_first_name",
    "delivery_last_name",
    "delivery_email",
    "delivery_company",
    "delivery_address",
    "delivery_city",
    "delivery_state",
    "delivery_zip",
    "delivery_phone",
    "delivery_phone_extension",
)


def _lines_without_prices() -> Rows:
    lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by("position")
    return Rows(Columns(*LINE_FIELDS).without(*rules.PRICES).of(lines))


def _lines() -> Rows:
    return Rows(OrderLine.objects.filter(order=OuterRef("pk")).order_by("position").values(*LINE_FIELDS))


CUSTOMER_COLUMNS = Columns(
    "id",
    renamed("order_number", "number"),
    renamed("user_id", "customer_id"),
    "status",
    iso_time("created_at"),
    "total_amount",
    "balance",
    "payment_status",
    "delivery_name",
    "item_count",
    "tracking_number",
    "carrier",
    ("items", _lines),
)
STAFF_COLUMNS = Columns(
    "id",
    renamed("order_number", "number"),
    renamed("user_id", "customer_id"),
    "status",
    "sales_rep_id",
    *DELIVERY_FIELDS,
    "special_notes",
    "subtotal",
    "discount_amount",
    "delivery_fee",
    "total_amount",
    "balance",
    "payment_method",
    "payment_status",
    "terms_hold",
    "staff_notes",
    "assigned_to",
    "tracking_number",
    "item_count",
    "version",
    *map(iso_time, ("created_at", "confirmed_at", "shipped_at", "delivered_at")),
    ("items", _lines),
)

_hidden = [name for name in (*rules.SUMS, *rules.CONTACTS) if name in STAFF_COLUMNS.names]
PACKING_COLUMNS = STAFF_COLUMNS.without(*_hidden, items=_lines_without_prices)

GUEST_ORDERS_SEEN_FOR = timedelta(days=180)
MOST_BY_PHONE = 10
MOST_HISTORY = 200
MOST_WORDS = 8
# Less says nothing; and short parts of tracking numbers stand in thousands of others.
SHORTEST_PART = 4
SHORTEST_TRACKING_PART = 8
_ATTENTION = ("order", "payment", "refund__order", "refund__payment", "assigned_to", "resolved_by")


def orders_of(customer: User) -> OrderQuerySet:
    return Order.objects.existing().filter(customer=customer)


def guest_orders_of(email: str) -> OrderQuerySet:
    """Orders without an account that carry this address."""
    return Order.objects.existing().filter(_has_word(email), customer=None, delivery_email__iexact=email)


def order_of_customer(customer: User, number: str) -> Order:
    """NotFound when there is none or it is someone else's."""
    return _found(orders_of(customer).filter(number=number))


def order_by_number(number: str) -> Order:
    return _found(Order.objects.existing().filter(number=number))


def visible_to(user: User) -> OrderQuerySet:
    """Orders that a member of staff may see: sales representatives only their own."""
    orders = Order.objects.existing()
    return orders.filter(sales_rep=user) if sees_only_own(user.as_actor()) else orders


def order_visible_to(user: User, order_id: int) -> Order:
    """With all that a detail shows. NotFound when it is not theirs to see."""
    wanted = visible_to(user).filter(pk=order_id).select_related("customer__profile", "sales_rep", "hold_released_by")
    return _found(wanted)


def order_id_visible_to(user: User, order_id: int) -> int:
    """The id again, of an order that is theirs to see. NotFound otherwise."""
    return _found(visible_to(user).filter(pk=order_id).only("pk")).pk


def order_number_visible_to(user: User, number: str) -> Order:
    return _found(visible_to(user).filter(number=number))


def customers_sold_to_by(by: Actor) -> QuerySet[User]:
    """Whom an order may be entered for: a sales representative's own customers, and those who are nobody's yet."""
    if not sees_only_own(by):
        return customers()
    sold = Order.objects.existing().exclude(sales_rep=None).filter(customer=OuterRef("pk"))
    return customers().filter(Exists(sold.filter(sales_rep=by.id)) | ~Exists(sold))


def promises_to_strangers() -> OrderQuerySet:
    """Orders that lapse, as `rules.lapses` has it; by the index order_may_lapse."""
    return _unanswered_of_strangers().filter(payment_status__in=rules.NOTHING_COMES)


def count_open_orders(guest_marks: Sequence[str]) -> int:
    """How many unpaid orders the guest has who is known by any of these marks.

    Also those that money is under way for: to begin a transfer that will fail, or to send a picture, costs nothing.
    """
    return _unanswered_of_strangers().filter(guest_marks__overlap=list(guest_marks)).count()


def _unanswered_of_strangers() -> OrderQuerySet:
    """Nothing has come for them yet, and nobody has vouched for them."""
    back = F("given_back") + F("charged_back")
    set_aside = Payment.objects.filter(order=OuterRef("pk"), state=PaymentState.UNAPPLIED, amount__gt=back)
    unanswered = Order.objects.existing().filter(
        status=OrderStatus.PENDING,
        source=OrderSource.WEB,
        balance__gt=0,
        kept_at=None,
        hold_released_at=None,
        amount_paid=0,
        credit_applied=0,
    )
    strange = Q(customer=None) | Q(terms_hold=True) | Q(guest_marks__isnull=False)
    return unanswered.filter(strange, ~Exists(set_aside))


def customer_orders_json(customer: User, window: Page) -> Slice:
    """A customer's orders, newest first."""
    return _compiled_customer_list().slice(window, customer.pk)


@cache
def _compiled_customer_list() -> CompiledRows:
    """Of whichever customer is given to `page`."""
    orders = Order.objects.existing().filter(customer_id=0).order_by("-created_at", "-id")
    return CompiledRows(CUSTOMER_COLUMNS.of(orders))


def staff_orders_json(
    user: User,
    *,
    window: Page,
    status: str = "",
    from_date: date | None = None,
    to_date: date | None = None,
    rep_id: int | None = None,
    search: str = "",
) -> str:
    """JSON text of `{orders, total, page, pages, per_page, next_cursor}`, newest first.

    Sums are for who may see them.
    """
    by = user.as_actor()
    own = user.pk if sees_only_own(by) else None
    columns = STAFF_COLUMNS if rules.sees_money(by) else PACKING_COLUMNS
    filters = (own, status, from_date, to_date, rep_id, search)
    total = recent_count(lambda: _staff_list(*filters), "staff-orders", *filters)
    found = _compiled_staff_list(columns, *filters).slice(window)
    return (
        f'{{"orders":{found.rows},"total":{total},"page":{window.number},'
        f'"pages":{window.pages(total)},"per_page":{window.size},"next_cursor":{found.cursor_json}}}'
    )


def _staff_list(
    own: int | None, status: str, from_date: date | None, to_date: date | None, rep_id: int | None, search: str
) -> QuerySet[Order]:
    orders: QuerySet[Order] = Order.objects.existing()
    for rep in (own, rep_id):
        if rep is not None:
            orders = orders.filter(sales_rep_id=rep)
    if status:
        orders = orders.filter(status=status)
    if from_date:
        orders = orders.filter(created_at__gte=business_day(from_date)[0])
    if to_date:
        orders = orders.filter(created_at__lt=business_day(to_date)[1])
    if search:
        orders = matching(orders, search)
    return orders.order_by("-created_at", "-id")


def matching(orders: QuerySet[Order], search: str) -> QuerySet[Order]:
    """Of `orders` those that `search` finds, however it is spelt.

    Every word in number, name, company or e-mail; or all of it in the number, at the end of the phone or of the
    tracking number, or as the SKU of a line.
    """
    ends = {"tracking_letters": TrackingLetters("tracking_number"), "phone_from_end": Reverse("delivery_phone")}
    found = _has_words(search) | _has_number(search) | _has_sku(search)
    digits = phone_digits(search)
    if len(digits) >= SHORTEST_PART:
        found |= Q(phone_from_end__startswith=digits[::-1])
    return orders.alias(**ends).filter(found)


def _has_words(search: str) -> Q:
    words = list(dict.fromkeys(search.split()))[:MOST_WORDS]
    # A word of quotes alone leaves nothing to compare, which everything has.
    says_something = ~Q(Exact(PlainWords(Value("".join(words))), Value("")))
    return Q(says_something, *map(_has_word, words))


def _has_word(word: str) -> Q:
    name, _, host = word.partition("@")
    if host and len(name) >= SHORTEST_PART:
        # The index would read half of all orders for a host that half of all customers are at.
        return Q(searched__contains=PlainWords(Value(name)), delivery_email__icontains=word)
    return Q(searched__contains=PlainWords(Value(word)))


def _has_number(search: str) -> Q:
    """The order's own, or that of its parcel."""
    letters = number_letters(search)
    found = Q()
    if len(letters) < SHORTEST_PART:
        return found
    # Letters alone, or digits alone, were looked for as a word.
    if not search.isalpha() and not search.isdecimal():
        found |= Q(searched__contains=letters)
    how = "contains" if len(letters) >= SHORTEST_TRACKING_PART else "endswith"
    return found | ~Q(tracking_number="") & Q((f"tracking_letters__{how}", letters))


def _has_sku(search: str) -> Q:
    lines = OrderLine.objects.alias(letters=SkuLetters("product_sku")).filter(letters=SkuLetters(Value(search)))
    return Q(IsOneOf(F("pk"), ArraySubquery(lines.order_by().values("order_id"))))


@lru_cache(maxsize=256)
def _compiled_staff_list(columns: Columns, *filters: Any) -> CompiledRows:
    return CompiledRows(columns.of(_staff_list(*filters)))


def history_of(order: Order) -> QuerySet[AuditEntry]:
    entries = AuditEntry.objects.filter(object_type=Order._meta.label_lower, object_id=str(order.pk))
    return entries.order_by("-created_at", "-pk")[:50]


def orders_by_phone(phone: str, *, holder: bool, customer: User | None) -> list[Order]:
    """The newest orders of a phone that the caller may see.

    Anyone sees orders without an account behind them, of the last half year. A signed-in customer also sees
    their own. Only a `holder`, who proved to have the phone by a code, sees those of every account.
    """
    since = timezone.now() - GUEST_ORDERS_SEEN_FOR
    allowed = Q(customer=None, delivery_phone=phone, created_at__gte=since)
    if customer is not None:
        own = Q(customer=customer)
        allowed |= own if customer.phone == phone else own & Q(delivery_phone=phone)
    if holder:
        # Their ids first: with an OR over a join PostgreSQL would read every order.
        accounts = customers().filter(phone=phone).values_list("pk", flat=True)
        allowed |= Q(delivery_phone=phone) | Q(customer__in=list(accounts))
    orders = Order.objects.existing().filter(allowed).order_by("-created_at", "-id")
    return list(orders[:MOST_BY_PHONE])


def customer_with_profile(user_id: int) -> User:
    """NotFound for staff, too: they have no store credit."""
    customer = customers().select_related("profile").filter(pk=user_id).first()
    if customer is None:
        raise NotFound("There is no such customer.")
    return customer


def credit_balance(customer: User) -> Decimal:
    account = CreditAccount.objects.filter(customer=customer).first()
    return account.balance if account else ZERO


def credit_history(customer: User) -> QuerySet[CreditEntry]:
    """Newest first."""
    return CreditEntry.objects.filter(account=customer.pk).order_by("-created_at", "-pk")[:MOST_HISTORY]


def refund(refund_id: int) -> Refund:
    found = Refund.objects.filter(pk=refund_id).first()
    if found is None:
        raise NotFound("There is no such refund.")
    return found


def payments_of(order: Order) -> QuerySet[Payment]:
    """Oldest first."""
    return order.payments.order_by("pk")


def sum_under_way(order: Order) -> Decimal:
    """What the banks are moving for it."""
    moving = Payment.objects.filter(order=order, state=PaymentState.PROCESSING)
    return moving.aggregate(sum=Sum("amount"))["sum"] or ZERO


def refunds_of(order: Order) -> QuerySet[Refund]:
    """Oldest first, with their payments."""
    return order.refunds.select_related("payment").order_by("pk")


def newest_check(order_number: str) -> Check:
    """NotFound when the order has none."""
    check = Check.objects.filter(order__number=order_number, order__deleted_at=None).order_by("-pk").first()
    if check is None:
        raise NotFound("There is no check for this order.")
    return check


def attention_entries(*, kind: str, state: str, assigned_to: int | None) -> QuerySet[AttentionEntry]:
    """The oldest first, with all that a list shows."""
    entries = AttentionEntry.objects.select_related(*_ATTENTION)
    entries = entries.filter(resolved_at__isnull=state == "open")
    if kind:
        entries = entries.filter(kind=kind)
    if assigned_to is not None:
        entries = entries.filter(assigned_to=assigned_to)
    return entries.order_by("created_at", "pk")


def attention_entry(entry_id: int) -> AttentionEntry:
    joined = AttentionEntry.objects.select_related(*_ATTENTION)
    entry = joined.filter(pk=entry_id).first()
    if entry is None:
        raise NotFound("There is no such matter.")
    return entry


def cashier(user_id: int) -> User:
    """An active member of staff who may move money. InvalidInput otherwise."""
    found = staff_members().filter(pk=user_id, is_active=True, role__in=TAKING_MONEY).first()
    if found is None:
        sentence = "There is no such member of staff who moves money."
        raise InvalidInput(sentence, fields={"user_id": [sentence]})
    return found


def _found(orders: QuerySet[Order]) -> Order:
    order = orders.first()
    if order is None:
        raise NotFound("There is no such order.")
    return order
