"""Whoever reads on by cursor sees every row once, whatever comes meanwhile; by page number some are there twice."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from accounts.models import User
from lld.core.access import Role
from lld.core.json_rows import DEEP
from orders.models import Order
from tests.factories import CustomerFactory, as_customer, as_staff, place

pytestmark = pytest.mark.django_db

Rows = tuple[list[dict[str, Any]], str | None]


def _orders(client: APIClient, query: dict[str, Any]) -> Rows:
    answer = client.get("/api/staff/orders", query)
    assert answer.status_code == 200, answer.json()
    return answer.json()["orders"], answer.json()["next_cursor"]


def _own(client: APIClient, query: dict[str, Any]) -> Rows:
    answer = client.get("/api/orders", query)
    assert answer.status_code == 200, answer.json()
    return answer.json(), answer.headers.get("X-Next-Cursor")


def _people(client: APIClient, query: dict[str, Any]) -> Rows:
    body = client.get("/api/staff/website-users", query).json()
    return body["users"], body["next_cursor"]


def _order_by(customer: User) -> int:
    return place(customer=customer, payment_method="credit_card").pk


LISTS: dict[str, tuple[Callable[[APIClient, dict[str, Any]], Rows], Callable[[User], int], dict[str, Any]]] = {
    "staff orders": (_orders, _order_by, {}),
    "staff orders of a status": (_orders, _order_by, {"status": "pending"}),
    "found orders": (_orders, _order_by, {"search": "lopez"}),
    "own orders": (_own, _order_by, {}),
    "people": (_people, lambda _: CustomerFactory().pk, {}),
    "found people": (_people, lambda _: CustomerFactory().pk, {"search": "test"}),
}


@pytest.fixture(params=LISTS)
def reading(request: pytest.FixtureRequest) -> tuple[Callable[[dict[str, Any]], Rows], Callable[[], int]]:
    """Reads a page of a list with eleven rows, several of one instant; makes one more row."""
    read, make, filters = LISTS[request.param]
    customer = as_customer()
    client = customer if request.param == "own orders" else as_staff(Role.ADMIN)
    made = [make(customer.user) for _ in range(11 if request.param != "people" else 10)]
    at = timezone.now() - timedelta(hours=1)
    for model in (Order, User):
        model._default_manager.filter(pk__in=made[:7]).update(created_at=at)
    return lambda query: read(client, {**filters, "per_page": 3, **query}), lambda: make(customer.user)


Reading = tuple[Callable[[dict[str, Any]], Rows], Callable[[], int]]


def _read_on(read: Callable[[dict[str, Any]], Rows], between: Callable[[], Any]) -> Iterator[int]:
    rows, cursor = read({})
    yield from (row["id"] for row in rows)
    while cursor:
        between()
        rows, cursor = read({"cursor": cursor})
        yield from (row["id"] for row in rows)


def test_cursor_shows_every_row_once_though_others_come(reading: Reading) -> None:
    read, make = reading
    all_of_them = [row["id"] for row in read({"per_page": 100})[0]]

    seen = list(_read_on(read, lambda: [make(), make()]))

    assert seen == all_of_them


def test_page_numbers_show_rows_again_when_others_come(reading: Reading) -> None:
    """The control: what the cursor is there for."""
    read, make = reading
    first, _ = read({"page": 1})
    make(), make()
    second, _ = read({"page": 2})
    assert {row["id"] for row in first} & {row["id"] for row in second}


def test_end_of_a_list_has_no_cursor(reading: Reading) -> None:
    read, _ = reading
    assert read({"per_page": 100})[1] is None
    assert read({"page": 50})[1] is None


def test_other_text_is_refused_as_a_cursor(reading: Reading) -> None:
    assert as_staff(Role.ADMIN).get("/api/staff/orders", {"cursor": "7"}).status_code == 400
    assert as_staff(Role.ADMIN).get("/api/staff/website-users", {"cursor": "7"}).status_code == 400
    assert as_customer().get("/api/orders", {"cursor": "7"}).status_code == 400


def test_deep_page_goes_on_by_cursor() -> None:
    now = timezone.now()
    User.objects.bulk_create(
        User(username=f"guest{number}", created_at=now - timedelta(minutes=number // 3)) for number in range(DEEP + 8)
    )
    admin = as_staff(Role.ADMIN)

    rows, cursor = _people(admin, {"page": DEEP // 2 + 2, "per_page": 2})
    on, end = _people(admin, {"cursor": cursor, "per_page": 10})

    whole = list(User.objects.filter(role="").order_by("-created_at", "-id").values_list("pk", flat=True))
    assert [row["id"] for row in rows + on] == whole[DEEP + 2 :]
    assert end is None


def test_cursor_of_another_customer_shows_only_ones_own() -> None:
    stranger, mine = as_customer(), as_customer()
    for customer in (stranger, mine, stranger, mine):
        _order_by(customer.user)

    _, cursor = _own(stranger, {"per_page": 1})
    rows, _ = _own(mine, {"cursor": cursor, "per_page": 10})

    assert {row["user_id"] for row in rows} == {mine.user.pk}
