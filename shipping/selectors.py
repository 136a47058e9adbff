"""What the warehouse sees: orders without prices."""

from typing import Any

from django.db.models import F, OrderBy, OuterRef, Q, QuerySet, TextField, Value

from accounts.models import User
from lld.core.errors import NotFound
from lld.core.folding import dictionary_order
from lld.core.json_rows import Rows, iso_times, rows_as_json
from orders.enums import OrderStatus, PaymentStatus
from orders.models import Order, OrderLine
from orders.selectors import matching, visible_to

ACTIVE = "active"
MOST = 500
# What concerns only us, and does not go into the parcel.
INTERNAL = ("staff_notes", "assigned_to", "terms_hold", "payment_status", "version")
FILTERS = [(name, name) for name in (ACTIVE, "all", *OrderStatus.values)]

SORTABLE = {
    "created_at": "created_at",
    "order_number": "number",
    "status": "status",
    "delivery_name": "delivery_name",
    "delivery_company": "delivery_company",
    "confirmed_at": "confirmed_at",
    "shipped_at": "shipped_at",
}
NAMES = frozenset({"delivery_name", "delivery_company"})


def needing_action() -> Q:
    """Confirmed, packed, and pending ones that are paid or on good terms."""
    started = Q(status__in=[OrderStatus.CONFIRMED, OrderStatus.PACKED])
    on_good_terms = Q(payment_method="net30", terms_hold=False)
    return started | Q(status=OrderStatus.PENDING) & (Q(payment_status=PaymentStatus.PAID) | on_good_terms)


def shipping_orders_json(
    user: User, *, status: str = ACTIVE, q: str = "", sort: str = "created_at", descending: bool = False
) -> str:
    """JSON text of `{orders}`: of those that the user may see, at most 500, by `sort`."""
    orders: QuerySet[Order] = visible_to(user)
    if status == ACTIVE:
        orders = orders.filter(needing_action())
    elif status != "all":
        orders = orders.filter(status=status)
    if q:
        orders = matching(orders, q)
    ordering = (_ordering(SORTABLE[sort], descending), "-id" if descending else "id")
    # Their keys first: where no index serves, PostgreSQL then sorts keys, on all cores, instead of whole orders.
    keys = orders.order_by(*ordering).values("pk")[:MOST]
    page = Order.objects.filter(pk__in=keys).order_by(*ordering)
    return f'{{"orders":{rows_as_json(_rows(page, *INTERNAL))}}}'


def shipping_order_json(user: User, number: str) -> str:
    """JSON text of one order. NotFound when it is not theirs to see."""
    return _one(user, number, *INTERNAL)


def packing_slip_json(user: User, number: str) -> str:
    """JSON text of what goes into the parcel, our notes blanked. NotFound when it is not theirs to see."""
    blank = Value("", output_field=TextField())
    return _one(user, number, staff_notes_out=blank, assigned_to_out=blank)


def _one(user: User, number: str, *fields: str, **annotations: Value) -> str:
    rows = rows_as_json(_rows(visible_to(user).filter(number=number), *fields, **annotations))
    if rows == "[]":
        raise NotFound("There is no such order.")
    return rows[1:-1]


def order_id(user: User, number: str) -> int:
    """NotFound when it is not theirs to see."""
    pk = visible_to(user).filter(number=number).values_list("pk", flat=True).first()
    if pk is None:
        raise NotFound("There is no such order.")
    return pk


def _ordering(column: str, descending: bool) -> OrderBy:
    """Orders that have not come to a step are last both ways; where none is missing, an index may serve."""
    if column in NAMES:
        key = dictionary_order(column)
        return key.desc() if descending else key.asc()
    missing_last = True if Order._meta.get_field(column).null else None
    return F(column).desc(nulls_last=missing_last) if descending else F(column).asc(nulls_last=missing_last)


def _rows(orders: QuerySet[Order], *fields: str, **annotations: Any) -> QuerySet[Any, Any]:
    lines = OrderLine.objects.filter(order=OuterRef("pk")).order_by("position")
    line_fields = ("product_id", "product_name", "product_sku", "product_unit_size", "quantity")
    bin_location = {"bin_location": F("product__bin_location")}
    rows: QuerySet[Any, Any] = orders.values(
        "id",
        "status",
        "delivery_name",
        "delivery_company",
        "delivery_address",
        "delivery_city",
        "delivery_state",
        "delivery_zip",
        "delivery_phone",
        "delivery_phone_extension",
        "special_notes",
        "tracking_number",
        "carrier",
        "item_count",
        *fields,
        items=Rows(lines.values(*line_fields, **bin_location)),
        order_number=F("number"),
        **annotations,
        **iso_times("created_at", "confirmed_at", "picked_at", "packed_at", "shipped_at", "delivered_at"),
    )
    return rows
