"""Every route's call, and a client for every kind of caller."""

from typing import Any

from rest_framework.test import APIClient

from lld.core.access import Role, Scope
from orders.models import Order
from tests.factories import (
    PASSWORD,
    CategoryFactory,
    CustomerFactory,
    StaffFactory,
    as_customer,
    as_key,
    as_staff,
    order_body,
)

Call = tuple[str, dict[str, Any] | None]


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


def with_csrf_token(client: APIClient) -> APIClient:
    client.credentials(HTTP_X_CSRFTOKEN=client.cookies["csrftoken"].value)
    return client


def client_of(caller: str) -> APIClient:
    if caller == "anonymous":
        return APIClient(enforce_csrf_checks=True)
    if caller == "customer":
        return as_customer()
    if caller.startswith("key:"):
        return as_key(Scope(caller.removeprefix("key:")))
    return as_staff(Role(caller))


def send(client: APIClient, method: str, call: Call) -> Any:
    return getattr(client, method.lower())(call[0], call[1], format="json")
