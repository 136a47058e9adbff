"""The staff's search of orders, next to SQL by someone who knows what was typed. Needs Django's settings."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import connection

from bench import handwritten
from lld.core.json_rows import CompiledRows
from orders.models import Order
from orders.selectors import STAFF_COLUMNS, matching

SAMPLES = 12
ROUNDS = 5
PAGE = 50
GOAL = 0.8


@dataclass(frozen=True)
class Search:
    """What is typed, and the condition that finds it and nothing else, with its parameters."""

    text: str
    condition: str
    parameters: tuple[Any, ...]


def measure() -> dict[str, Any]:
    """By kind of text: milliseconds of a first page with its total, by how much ours is faster, and what it lost.

    `compiled` is ours without what Django takes to write its SQL, which is some milliseconds for any list.
    """
    kinds = {kind: list(dict.fromkeys(map(make, _sample()))) for kind, make in KINDS.items()}
    return {"orders": Order.objects.count(), "goal": GOAL, "kinds": {kind: _compare(kinds[kind]) for kind in kinds}}


def _sample() -> list[Order]:
    """Shipped orders, evenly from the oldest to the newest."""
    shipped = Order.objects.existing().exclude(tracking_number="").exclude(delivery_phone="").order_by("pk")
    last = shipped.last()
    assert last is not None
    starts = range(0, last.pk, last.pk // SAMPLES)
    return [shipped.filter(pk__gte=start)[0] for start in starts][:SAMPLES]


def _compare(searches: list[Search]) -> dict[str, Any]:
    compiled = {search: _Compiled(search) for search in searches}
    ours, ready, theirs = _milliseconds(searches, _our_page, lambda search: compiled[search].run(), _their_page)
    found = [_ids(search) for search in searches]
    count = len(searches)
    return {
        "milliseconds": {
            "ours": round(ours / count, 2),
            "compiled": round(ready / count, 2),
            "handwritten": round(theirs / count, 2),
        },
        "ratio": {"ours": round(theirs / ours, 2), "compiled": round(theirs / ready, 2)},
        "found": {"ours": sum(len(mine) for mine, _ in found), "handwritten": sum(len(them) for _, them in found)},
        "hits_lost": sum(len(them - mine) for mine, them in found),
    }


def _milliseconds(searches: list[Search], *pages: Callable[[Search], object]) -> list[float]:
    """The least of ROUNDS of each search, added up, in turns: a machine's pace changes within a minute."""
    least = [[math.inf] * len(searches) for _ in pages]
    for _ in range(ROUNDS):
        for place, search in enumerate(searches):
            for page, times in zip(pages, least, strict=True):
                start = time.perf_counter()
                page(search)
                times[place] = min(times[place], 1000 * (time.perf_counter() - start))
    return [sum(times) for times in least]


class _Compiled:
    """Our two statements of a search."""

    def __init__(self, search: Search) -> None:
        orders = matching(Order.objects.existing(), search.text)
        self._rows = CompiledRows(STAFF_COLUMNS.of(orders.order_by("-created_at", "-id")))
        ids, self._parameters = orders.values("pk").query.sql_with_params()
        self._count = f"SELECT count(*) FROM ({ids}) AS found"  # noqa: S608  # Django's

    def run(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(self._count, self._parameters)
        self._rows.page(PAGE, 0)


def _our_page(search: Search) -> None:
    """A first page and the total, as the list makes them; the count is not kept, as for whoever searches first."""
    orders = matching(Order.objects.existing(), search.text)
    orders.count()
    CompiledRows(STAFF_COLUMNS.of(orders.order_by("-created_at", "-id"))).page(PAGE, 0)


def _their_page(search: Search) -> None:
    handwritten.found_orders(search.condition, search.parameters, PAGE)


def _ids(search: Search) -> tuple[set[int], set[int]]:
    ours = set(matching(Order.objects.existing(), search.text).values_list("pk", flat=True))
    return ours, handwritten.found_ids(search.condition, search.parameters)


def _words(text: str) -> Search:
    """Names as they are typed in a hurry. The demo's have no accents but these."""
    words = text.lower().translate(str.maketrans("áéíóúüñ'’", "aeiouun##")).replace("#", "").split()[:8]
    return Search(" ".join(words), " AND ".join(["searched LIKE %s"] * len(words)), tuple(f"%{w}%" for w in words))


def _email(order: Order) -> Search:
    name = order.delivery_email.partition("@")[0]
    return Search(
        order.delivery_email, "searched LIKE %s AND delivery_email = %s", (f"%{name}%", order.delivery_email)
    )


def _phone_end(order: Order) -> Search:
    last = order.delivery_phone[-4:]
    return Search(last, "reverse(delivery_phone) LIKE %s", (f"{last[::-1]}%",))


def _tracking(order: Order) -> Search:
    letters = "lower(translate(tracking_number, ' -./_,;', ''))"
    condition = f"tracking_number <> '' AND {letters} LIKE %s"
    return Search(order.tracking_number, condition, (f"%{order.tracking_number.lower()}%",))


def _sku(order: Order) -> Search:
    sku = order.lines.all()[0].product_sku
    lines = "SELECT order_id FROM orders_orderline WHERE lower(translate(product_sku, '-./_', '')) = %s"
    return Search(sku, f"id IN ({lines})", (sku.lower().translate(str.maketrans("", "", "-./_")),))


KINDS: dict[str, Callable[[Order], Search]] = {
    "name": lambda order: _words(order.delivery_name),
    "company": lambda order: _words(order.delivery_company),
    "e-mail": _email,
    "last four digits": _phone_end,
    "phone": lambda order: Search(order.delivery_phone, "delivery_phone = %s", (order.delivery_phone,)),
    "tracking number": _tracking,
    "order number": lambda order: Search(order.number.replace("-", ""), "number = %s", (order.number,)),
    "part of a number": lambda order: Search(
        order.number[4:8], "searched LIKE %s", (f"%{order.number[4:8].lower()}%",)
    ),
    "SKU": _sku,
    "what all have": lambda _: Search("LLD", "searched LIKE %s", ("%lld%",)),
}
