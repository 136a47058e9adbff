"""Walks the URL configuration and calls every route as every caller."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from lld.core.access import Scope
from orders.models import Order
from tests.factories import ProductFactory, as_customer, as_key, place
from tests.routes.callers import calls, client_of, send, staff_session, with_csrf_token
from tests.routes.table import CALLERS, OTHER_ROUTES, ROUTES, STAFF
from tests.tries import forget_tries

# Called last, in this order: afterwards the caller's token is void, or the caller is nobody.
ENDS_ITS_CALLER = (
    ("POST", "api/auth/change-password"),
    ("POST", "api/staff/profile/change-password"),
    ("DELETE", "api/users/<int:user_id>"),
)
OPEN_BUT_KNOWS_SESSIONS = {"api/orders", "api/orders/quote", "api/auth/resend-verification"}


def called_last(row: tuple[tuple[str, str], Any]) -> int:
    return ENDS_ITS_CALLER.index(row[0]) + 1 if row[0] in ENDS_ITS_CALLER else 0


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route, entry.callback
        elif route == "admin/":
            yield route, None
        else:
            yield from patterns(entry, route)


def test_the_table_and_the_url_configuration_name_the_same_routes() -> None:
    found = set()
    others = set()
    for route, view in patterns():
        access = getattr(getattr(view, "view_class", None), "access", None)
        if access is None:
            others.add(route)
        else:
            found |= {(method, route) for method in access}
    assert found == set(ROUTES)
    assert others == OTHER_ROUTES


def content() -> list[str]:
    """All that the database holds, but for what a sign-in or a use of a key itself leaves."""
    tables = sorted(set(connection.introspection.table_names()) - {"django_session", "accounts_apikey"})
    with connection.cursor() as cursor:
        digest = "SELECT '{0}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {0} t"
        cursor.execute(" UNION ALL ".join(digest.format(name) for name in tables))
        return sorted(map(str, cursor.fetchall()))


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("caller", sorted(CALLERS))
def test_each_caller_on_each_route(caller: str) -> None:
    order = place()
    client = client_of(caller)
    made = calls(order, getattr(client, "user", None))
    assert set(made) == set(ROUTES)
    if caller == "sales_rep":
        Order.objects.update(sales_rep=client.user)
    if caller == "customer":
        Order.objects.update(customer=client.user)
    before = content()
    for (method, route), allowed in ROUTES.items():
        if caller in allowed:
            continue
        answer = send(client, method, made[method, route])
        assert answer.status_code in {401, 403}, f"{caller} got {answer.status_code} from {method} {route}"
        assert answer.json()["success"] is False
    assert content() == before, f"{caller} was refused, but left a trace"
    for (method, route), allowed in sorted(ROUTES.items(), key=called_last):
        if caller in allowed and "logout" not in route:
            answer = send(APIClient() if "login" in route else client, method, made[method, route])
            assert answer.status_code not in {401, 403, 405, 500}, f"{caller}: {answer.status_code} {method} {route}"
            forget_tries()


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("kind", ["customer", "admin"])
def test_a_session_changes_nothing_without_its_csrf_token(kind: str) -> None:
    order = place()
    if kind == "customer":
        client = as_customer()
        client.credentials()
        Order.objects.update(customer=client.user)
    else:
        client = staff_session(kind)
    made = calls(order, client.user)
    before = content()
    checked = 0
    for (method, route), allowed in ROUTES.items():
        by_session = kind in allowed and (allowed != CALLERS or route in OPEN_BUT_KNOWS_SESSIONS)
        if method == "GET" or not by_session:
            continue
        answer = send(client, method, made[method, route])
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed"), f"{method} {route}"
        checked += 1
    assert checked >= 4
    assert content() == before


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("role", sorted(STAFF))
def test_staff_sessions_count_as_their_role(role: str) -> None:
    order = place()
    made = calls(order)
    client = with_csrf_token(staff_session(role))
    Order.objects.update(sales_rep=client.user)
    for (method, route), allowed in ROUTES.items():
        if method == "GET" and allowed != CALLERS:
            answer = send(client, method, made[method, route])
            assert (answer.status_code not in {401, 403}) == (role in allowed), f"{role} {method} {route}"


def test_a_key_in_the_query_string_opens_nothing(db: None) -> None:
    client = as_key(Scope.VOICE)
    raw = client._credentials["HTTP_X_API_KEY"]
    client.credentials()
    order = place((ProductFactory(), 1))
    answer = client.post(f"/api/payments/create-link?api_key={raw}&X-API-Key={raw}", {"order_number": order.number})
    assert answer.status_code == 401
