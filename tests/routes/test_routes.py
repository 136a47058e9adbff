"""Walks the URL configuration and calls every route as every caller."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver

from lld.core.access import Scope
from orders.models import Order
from tests.api import ROUTES
from tests.api.callers import EVERYONE, STAFF, client_of
from tests.api.route import Call, Route, Whose
from tests.api.world import World
from tests.factories import ProductFactory, as_customer, as_key, as_staff_in_session, place, with_csrf_token
from tests.routes.seen import faults, text_of
from tests.tries import forget_tries

# Addresses that are not views of the API: the console guards itself, the others show nothing of anyone.
OTHER_ROUTES = frozenset({"", "admin/", "api/schema", "api/docs"})
# Whatever is named: who may see nothing of it gets an empty list.
ANSWERS_ANYWAY = {"api/orders/by-phone/<str:phone>"}
OPEN_BUT_KNOWS_SESSIONS = {"api/orders", "api/orders/quote", "api/auth/resend-verification"}


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route, entry.callback
        elif route == "admin/":
            yield route, None
        else:
            yield from patterns(entry, route)


def test_rows_and_url_configuration_name_the_same_routes() -> None:
    found = set()
    others = set()

    for route, view in patterns():
        access = getattr(getattr(view, "view_class", None), "access", None)
        if access is None:
            others.add(route)
        else:
            found |= {(method, route) for method in access}

    assert sorted(found) == sorted((route.method, route.path) for route in ROUTES)
    assert others == OTHER_ROUTES


def content() -> list[str]:
    """All that the database holds, but for what a sign-in or a use of a key itself leaves."""
    tables = sorted(set(connection.introspection.table_names()) - {"django_session", "accounts_apikey"})
    with connection.cursor() as cursor:
        digest = "SELECT '{0}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {0} t"
        cursor.execute(" UNION ALL ".join(digest.format(name) for name in tables))
        return sorted(map(str, cursor.fetchall()))


def calls(routes: list[Route], world: World) -> list[tuple[Route, Call]]:
    """All made before the first of them is sent."""
    return [(route, route.call(world)) for route in routes]


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("caller", sorted(EVERYONE))
def test_refused_caller_leaves_no_trace(caller: str) -> None:
    client = client_of(caller)
    others = [route for route in ROUTES if caller not in route.callers]
    made = calls(others, World.of(client))
    before = content()

    for route, call in made:
        answer = call.send(client, route.method, route.path)
        assert answer.status_code in {401, 403}, f"{caller} got {answer.status_code} from {route.name}"
        assert answer.json()["success"] is False

    assert content() == before, f"{caller} was refused, but left a trace"


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("caller", sorted(EVERYONE))
def test_caller_named_by_the_row_gets_through_and_sees_what_it_shows(caller: str) -> None:
    wrong: list[str] = []
    for route in ROUTES:
        if caller in route.callers:
            # A client each: some calls end their caller's session.
            client = client_of(caller)

            answer = route.send(client, World.of(client))

            assert answer.status_code not in {401, 403, 405, 500}, f"{caller}: {answer.status_code} {route.name}"
            wrong += [f"{route.name}: {fault}" for fault in faults(route.shows, caller, text_of(answer))]
            # There are more routes than one address may sign in for.
            forget_tries()
    assert not wrong, "; ".join(wrong)


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("kind", ["customer", "admin"])
def test_session_without_csrf_token_changes_nothing(kind: str) -> None:
    client = as_customer() if kind == "customer" else as_staff_in_session(kind)
    client.credentials()
    checked = [
        route
        for route in ROUTES
        if route.method != "GET"
        and kind in route.callers
        and (route.callers != EVERYONE or route.path in OPEN_BUT_KNOWS_SESSIONS)
    ]
    made = calls(checked, World.of(client))
    before = content()

    for route, call in made:
        answer = call.send(client, route.method, route.path)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed"), route.name

    assert len(made) >= 4
    assert content() == before


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("role", sorted(STAFF))
def test_staff_session_counts_as_its_role(role: str) -> None:
    client = with_csrf_token(as_staff_in_session(role))
    world = World.of(client)

    for route in ROUTES:
        if route.method == "GET" and route.callers != EVERYONE:
            answer = route.send(client, world)
            assert (answer.status_code not in {401, 403}) == (role in route.callers), f"{role} {route.name}"


def test_api_key_in_the_query_string_opens_nothing(db: None) -> None:
    client = as_key(Scope.VOICE)
    raw = client._credentials["HTTP_X_API_KEY"]
    client.credentials()
    order = place((ProductFactory(), 1))

    answer = client.post(f"/api/payments/create-link?api_key={raw}&X-API-Key={raw}", {"order_number": order.number})

    assert answer.status_code == 401


def test_rows_of_what_belongs_to_someone_say_whose() -> None:
    """Where customers or representatives name an object, they must not reach everyone's unless the row says so."""
    assert [
        route.name
        for route in ROUTES
        if "<" in route.path and route.callers & {"customer", "sales_rep"} and route.whose is None
    ] == []


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("whose", ["another", "nobody"])
@pytest.mark.parametrize("caller", ["anonymous", "customer", "sales_rep", "warehouse", "staff", "key:voice"])
def test_caller_reaches_what_is_not_theirs_where_the_row_says_so(caller: str, whose: Any) -> None:
    wrong = []
    for route in ROUTES:
        if caller not in route.callers or (route.whose is None and route.method != "GET"):
            continue
        client = client_of(caller)
        world = World.of(client, whose=whose)
        call, customer = route.call(world), world.customer
        if route.whose and "<" not in route.path:
            call.query = {"status": "all"} if "shipping" in route.path else {}

        answer = call.send(client, route.method, route.path)

        # All that the database holds is not theirs.
        marks = [customer.email, *Order.objects.values_list("number", flat=True)]
        names_it = route.path not in ANSWERS_ANYWAY and ("<" in route.path or route.method != "GET")
        reached = answer.status_code < 400 if names_it else any(mark in text_of(answer) for mark in marks)
        said = route.whose or Whose(frozenset(), frozenset())
        may = caller in (said.another if whose == "another" else said.nobodys)
        if reached != may or not (reached or answer.status_code in {200, 401, 404}):
            wrong.append(f"{caller} {'reaches' if reached else 'misses'} ({answer.status_code}) {route.name}")
        forget_tries()
    assert not wrong, "; ".join(wrong)
