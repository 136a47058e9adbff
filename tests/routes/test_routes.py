"""Walks the URL configuration and calls every route as every caller."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from lld.core.access import Role, Scope
from orders.models import Order
from tests.factories import (
    PASSWORD,
    CategoryFactory,
    CustomerFactory,
    ProductFactory,
    StaffFactory,
    as_customer,
    as_key,
    as_staff,
    order_body,
    place,
)
from tests.routes.table import CALLERS, OTHER_ROUTES, ROUTES, STAFF
from tests.tries import forget_tries

Call = tuple[str, dict[str, Any] | None]


def patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, Any]]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLPattern):
            yield route, entry.callback
        elif route in OTHER_ROUTES:
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


def calls(order: Order) -> dict[tuple[str, str], Call]:
    """A call of every route that would have an effect if it got through."""
    product, category = order.lines.get().product, CategoryFactory()
    item = {"items": [{"product_id": product.pk, "quantity": 1}]}
    body = order_body((product, 1))
    account = {**body, "email": "new@example.test", "password": PASSWORD}
    login = {"username": CustomerFactory().username, "password": PASSWORD}
    staff_login = {"username": StaffFactory().username, "password": PASSWORD}
    goods = {"name": "Ladle", "category_id": category.pk, "sku": "LD-1", "unit_price": 5}
    staff, shipping = f"/api/staff/orders/{order.pk}", f"/api/shipping/orders/{order.number}"
    return {
        ("GET", "api/v1/health"): ("/api/v1/health", None),
        ("GET", "api/config"): ("/api/config", None),
        ("POST", "api/login"): ("/api/login", login),
        ("POST", "api/logout"): ("/api/logout", None),
        ("GET", "api/me"): ("/api/me", None),
        ("GET", "api/auth/verify-email/<str:token>"): ("/api/auth/verify-email/x", None),
        ("POST", "api/staff/login"): ("/api/staff/login", staff_login),
        ("POST", "api/staff/logout"): ("/api/staff/logout", None),
        ("GET", "api/staff/me"): ("/api/staff/me", None),
        ("GET", "api/categories"): ("/api/categories", None),
        ("GET", "api/products"): ("/api/products", None),
        ("GET", "api/products/<int:product_id>"): (f"/api/products/{product.pk}", None),
        ("GET", "api/products/sku/<str:sku>"): (f"/api/products/sku/{product.sku}", None),
        ("POST", "api/admin/categories"): ("/api/admin/categories", {"name": "Ladles"}),
        ("POST", "api/admin/products"): ("/api/admin/products", goods),
        ("GET", "api/orders"): ("/api/orders", None),
        ("POST", "api/orders"): ("/api/orders", body),
        ("POST", "api/orders/quote"): ("/api/orders/quote", item),
        ("POST", "api/orders/create-account"): ("/api/orders/create-account", account),
        ("GET", "api/orders/by-phone/<str:phone>"): ("/api/orders/by-phone/3125550147", None),
        ("GET", "api/orders/<str:order_number>"): (f"/api/orders/{order.number}", None),
        ("POST", "api/orders/<str:order_number>/reorder"): (f"/api/orders/{order.number}/reorder", None),
        ("POST", "api/payments/create-intent"): ("/api/payments/create-intent", {"amount": 5}),
        ("POST", "api/payments/confirm"): (
            "/api/payments/confirm",
            {"order_number": order.number, "payment_intent_id": "pi_x"},
        ),
        ("POST", "api/payments/create-link"): ("/api/payments/create-link", {"order_number": order.number}),
        ("POST", "api/webhooks/stripe"): ("/api/webhooks/stripe", {}),
        ("GET", "api/staff/orders"): ("/api/staff/orders", None),
        ("POST", "api/staff/orders"): ("/api/staff/orders", body),
        ("GET", "api/staff/orders/<int:order_id>"): (staff, None),
        ("DELETE", "api/staff/orders/<int:order_id>"): (staff, None),
        ("PUT", "api/staff/orders/<int:order_id>/status"): (f"{staff}/status", {"status": "cancelled"}),
        ("POST", "api/staff/orders/<int:order_id>/mark-paid"): (f"{staff}/mark-paid", {}),
        ("PUT", "api/staff/orders/<int:order_id>/notes"): (f"{staff}/notes", {"staff_notes": "x"}),
        ("PUT", "api/staff/orders/<int:order_id>/address"): (f"{staff}/address", {"delivery_city": "Cicero"}),
        ("POST", "api/staff/orders/<int:order_id>/release-hold"): (f"{staff}/release-hold", {"reason": "x"}),
        ("GET", "api/shipping/orders"): ("/api/shipping/orders", None),
        ("GET", "api/shipping/orders/<str:order_number>"): (shipping, None),
        ("POST", "api/shipping/orders/<str:order_number>/confirm"): (f"{shipping}/confirm", None),
        ("POST", "api/shipping/orders/<str:order_number>/ship"): (f"{shipping}/ship", {}),
        ("POST", "api/shipping/orders/<str:order_number>/deliver"): (f"{shipping}/deliver", None),
        ("GET", "api/shipping/orders/<str:order_number>/packing-slip"): (f"{shipping}/packing-slip", None),
    }


def staff_session(role: str) -> APIClient:
    """Staff signed in by cookie, who is `client.user`; the CSRF token is not sent yet."""
    client = APIClient(enforce_csrf_checks=True)
    client.user = StaffFactory(role=role)
    body = {"username": client.user.username, "password": PASSWORD, "session": True}
    assert client.post("/api/staff/login", body).status_code == 200
    return client


def client_of(caller: str) -> APIClient:
    if caller == "anonymous":
        return APIClient(enforce_csrf_checks=True)
    if caller == "customer":
        return as_customer()
    if caller.startswith("key:"):
        return as_key(Scope(caller.removeprefix("key:")))
    return as_staff(Role(caller))


def content() -> list[str]:
    """All that the database holds, but for what a sign-in or a use of a key itself leaves."""
    tables = sorted(set(connection.introspection.table_names()) - {"django_session", "accounts_apikey"})
    with connection.cursor() as cursor:
        digest = "SELECT '{0}', md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {0} t"
        cursor.execute(" UNION ALL ".join(digest.format(name) for name in tables))
        return sorted(map(str, cursor.fetchall()))


def send(client: APIClient, method: str, call: Call) -> Any:
    return getattr(client, method.lower())(call[0], call[1], format="json")


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("caller", sorted(CALLERS))
def test_each_caller_on_each_route(caller: str) -> None:
    order = place()
    made = calls(order)
    assert set(made) == set(ROUTES)
    client = client_of(caller)
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
    for (method, route), allowed in ROUTES.items():
        if caller in allowed and "logout" not in route:
            answer = send(APIClient() if "login" in route else client, method, made[method, route])
            assert answer.status_code not in {401, 403, 405, 500}, f"{caller}: {answer.status_code} {method} {route}"
            forget_tries()


@pytest.mark.django_db
@pytest.mark.usefixtures("sandbox")
@pytest.mark.parametrize("kind", ["customer", "admin"])
def test_a_session_changes_nothing_without_its_csrf_token(kind: str) -> None:
    order = place()
    made = calls(order)
    if kind == "customer":
        client = as_customer()
        client.credentials()
        Order.objects.update(customer=client.user)
    else:
        client = staff_session(kind)
    before = content()
    checked = 0
    for (method, route), allowed in ROUTES.items():
        by_session = kind in allowed and (allowed != CALLERS or route in {"api/orders", "api/orders/quote"})
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
    client = staff_session(role)
    Order.objects.update(sales_rep=client.user)
    client.credentials(HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value)
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
