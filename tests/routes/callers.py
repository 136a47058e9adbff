"""Every route's call, and a client for every kind of caller."""

from typing import Any

from rest_framework.test import APIClient

from accounts.enums import CodePurpose
from accounts.models import User
from accounts.services.keys import create_api_key, revoke_api_key
from accounts.services.links import send_confirmation, send_reset
from accounts.services.phones import open_phone_session, send_code
from lld.core.access import Role, Scope
from lld.core.actors import SYSTEM
from orders.models import Order
from tests import twilio
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
)
from tests.pictures import picture, shown, upload

Call = tuple[str, dict[str, Any] | None]


def calls(order: Order, caller: User | None = None) -> dict[tuple[str, str], Call]:
    """A call of every route that would have an effect if `caller` got through."""
    product, category = order.lines.get().product, CategoryFactory()
    item = {"items": [{"product_id": product.pk, "quantity": 1}]}
    body = order_body((product, 1))
    account = {**body, "email": "new@example.test", "password": PASSWORD}
    login = {"username": CustomerFactory().username, "password": PASSWORD}
    staff_login = {"username": StaffFactory().username, "password": PASSWORD}
    goods = {"name": "Ladle", "category_id": category.pk, "sku": "LD-1", "unit_price": 5}
    key, _ = create_api_key(actor=SYSTEM, name="other")
    revoked, raw_key = create_api_key(actor=SYSTEM, name="revoked")
    revoke_api_key(revoked.pk, actor=SYSTEM, by=StaffFactory())
    member = StaffFactory()
    # Someone else's account, unless the caller has one.
    own = f"/api/users/{caller.pk if caller else CustomerFactory().pk}"
    new_password = {"current_password": PASSWORD, "new_password": "a-new-good-one"}
    reset = {"token": send_reset(CustomerFactory()), "password": "a-new-good-one"}
    staff_reset = {"token": send_reset(StaffFactory()), "password": "a-new-good-one"}
    holder = CustomerFactory()
    gallery, (first, second) = f"/api/staff/products/{product.pk}/images", shown(product, 2)
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
        ("POST", "api/register"): (
            "/api/register",
            {"username": "newcomer", "password": PASSWORD, "email": "newcomer@example.test"},
        ),
        ("GET", "api/users"): ("/api/users", None),
        ("GET", "api/users/<int:user_id>"): (own, None),
        ("PUT", "api/users/<int:user_id>"): (own, {"company_name": "Other"}),
        ("DELETE", "api/users/<int:user_id>"): (own, None),
        ("POST", "api/auth/resend-verification"): (
            "/api/auth/resend-verification",
            {"identifier": CustomerFactory(email_verified=False).username},
        ),
        ("POST", "api/auth/change-password"): ("/api/auth/change-password", new_password),
        ("POST", "api/auth/forgot-password"): ("/api/auth/forgot-password", {"identifier": holder.username}),
        ("POST", "api/auth/forgot-username"): ("/api/auth/forgot-username", {"email": holder.email}),
        ("POST", "api/auth/reset-password"): ("/api/auth/reset-password", reset),
        ("POST", "api/auth/phone/send-code"): ("/api/auth/phone/send-code", {"phone": holder.phone}),
        ("POST", "api/auth/phone/verify-code"): (
            "/api/auth/phone/verify-code",
            {"phone": "+13125550198", "code": send_code("+13125550198", CodePurpose.RECOVER)},
        ),
        ("POST", "api/auth/phone/lookup-username"): (
            "/api/auth/phone/lookup-username",
            {"phone_session_token": open_phone_session(holder.phone)},
        ),
        ("POST", "api/auth/phone/reset-password"): (
            "/api/auth/phone/reset-password",
            {"phone_session_token": open_phone_session(holder.phone), "password": "a-new-good-one"},
        ),
        ("POST", "api/customer/forgot-password"): ("/api/customer/forgot-password", {"identifier": holder.email}),
        ("POST", "api/customer/forgot-username"): ("/api/customer/forgot-username", {"email": holder.email}),
        ("POST", "api/staff/forgot-password"): ("/api/staff/forgot-password", {"identifier": member.email}),
        ("POST", "api/staff/forgot-username"): ("/api/staff/forgot-username", {"email": member.email}),
        ("POST", "api/staff/reset-password"): ("/api/staff/reset-password", staff_reset),
        ("GET", "api/staff/profile"): ("/api/staff/profile", None),
        ("POST", "api/staff/profile/change-password"): (
            "/api/staff/profile/change-password",
            {**new_password, "confirm_password": "a-new-good-one"},
        ),
        ("POST", "api/staff/profile/update-email"): (
            "/api/staff/profile/update-email",
            {"new_email": "moved@lld.test"},
        ),
        ("POST", "api/staff/confirm-email"): (
            "/api/staff/confirm-email",
            {"token": send_confirmation(StaffFactory(), "confirmed@lld.test")},
        ),
        ("POST", "api/shipping/login"): ("/api/shipping/login", staff_login),
        ("POST", "api/shipping/logout"): ("/api/shipping/logout", None),
        ("GET", "api/shipping/me"): ("/api/shipping/me", None),
        ("GET", "api/admin/keys"): ("/api/admin/keys", None),
        ("POST", "api/admin/keys"): ("/api/admin/keys", {"name": "n8n", "prefix": "n8n"}),
        ("POST", "api/admin/keys/verify"): ("/api/admin/keys/verify", {"raw_key": raw_key}),
        ("DELETE", "api/admin/keys/<int:key_id>"): (f"/api/admin/keys/{revoked.pk}", None),
        ("POST", "api/admin/keys/<int:key_id>/activate"): (f"/api/admin/keys/{revoked.pk}/activate", None),
        ("POST", "api/admin/keys/<int:key_id>/revoke"): (f"/api/admin/keys/{key.pk}/revoke", None),
        ("POST", "api/sms-optin"): (
            "/api/sms-optin",
            {"first_name": "Ana", "phone": "+13125550177", "consent": True},
        ),
        ("POST", "api/sms/status-callback"): (twilio.PATH, twilio.report()),
        ("GET", "api/staff/users"): ("/api/staff/users", None),
        ("POST", "api/staff/users"): ("/api/staff/users", {"username": "hired", "password": PASSWORD}),
        ("PUT", "api/staff/users/<int:user_id>"): (f"/api/staff/users/{member.pk}", {"role": "manager"}),
        ("DELETE", "api/staff/users/<int:user_id>"): (f"/api/staff/users/{member.pk}", None),
        ("GET", "api/staff/team"): ("/api/staff/team", None),
        ("GET", "api/staff/website-users"): ("/api/staff/website-users", None),
        ("POST", "api/staff/test-email"): ("/api/staff/test-email", {"to": "ops@lld.test"}),
        ("POST", "api/staff/smtp-debug"): ("/api/staff/smtp-debug", None),
        ("GET", "api/categories"): ("/api/categories", None),
        ("GET", "api/products"): ("/api/products", None),
        ("GET", "api/products/suggest"): ("/api/products/suggest?q=pan", None),
        ("GET", "api/products/sales-catalog"): ("/api/products/sales-catalog", None),
        ("GET", "api/products/<int:product_id>"): (f"/api/products/{product.pk}", None),
        ("GET", "api/products/<int:product_id>/thumbnail"): (f"/api/products/{product.pk}/thumbnail", None),
        ("GET", "media/images/<str:name>.jpg"): (f"/media/images/{first.image.name}.jpg", None),
        ("GET", "media/thumbnails/<str:name>.jpg"): (f"/media/thumbnails/{first.image.name}.jpg", None),
        ("GET", "api/products/sku/<str:sku>"): (f"/api/products/sku/{product.sku}", None),
        ("POST", "api/admin/categories"): ("/api/admin/categories", {"name": "Ladles"}),
        ("POST", "api/admin/products"): ("/api/admin/products", goods),
        ("GET", "api/v1/categories"): ("/api/v1/categories", None),
        ("POST", "api/search/ai"): ("/api/search/ai", {"query": "pan"}),
        ("POST", "api/chat"): ("/api/chat", {"message": "pan"}),
        ("POST", "api/chat/session"): ("/api/chat/session", None),
        ("GET", "api/v1/products"): ("/api/v1/products", None),
        ("GET", "api/v1/products/<str:identifier>"): (f"/api/v1/products/{product.sku}", None),
        ("PATCH", "api/v1/products/<str:identifier>/inventory"): (
            f"/api/v1/products/{product.sku}/inventory",
            {"in_stock": False},
        ),
        ("PATCH", "api/v1/products/<str:identifier>/price"): (
            f"/api/v1/products/{product.sku}/price",
            {"unit_price": 11.5},
        ),
        ("PUT", "api/v1/products/<str:identifier>"): (f"/api/v1/products/{product.sku}", {"name": "Other"}),
        ("POST", "api/v1/products/bulk-update"): (
            "/api/v1/products/bulk-update",
            {"products": [{"sku": product.sku, "brand": "Winco"}]},
        ),
        ("POST", "api/v1/products/<str:identifier>/image"): (
            f"/api/v1/products/{product.sku}/image",
            {"image": upload(picture(9))},
        ),
        ("GET", "api/staff/products"): ("/api/staff/products", None),
        ("POST", "api/staff/products"): ("/api/staff/products", {**goods, "sku": "LD-2"}),
        ("POST", "api/staff/products/bulk-save"): (
            "/api/staff/products/bulk-save",
            {"products": [{"id": product.pk, "brand": "Winco"}]},
        ),
        ("PUT", "api/staff/products/<int:product_id>"): (f"/api/staff/products/{product.pk}", {"name": "Other"}),
        ("DELETE", "api/staff/products/<int:product_id>"): (f"/api/staff/products/{ProductFactory().pk}", None),
        ("POST", "api/staff/products/upload-image"): ("/api/staff/products/upload-image", {"image": upload()}),
        ("POST", "api/staff/products/<int:product_id>/image"): (
            f"/api/staff/products/{product.pk}/image",
            {"image": upload(picture(7))},
        ),
        ("DELETE", "api/staff/products/<int:product_id>/image"): (f"/api/staff/products/{product.pk}/image", None),
        ("GET", "api/staff/products/<int:product_id>/images"): (gallery, None),
        ("POST", "api/staff/products/<int:product_id>/images"): (gallery, {"image": upload(picture(8))}),
        ("POST", "api/staff/products/<int:product_id>/images/reorder"): (
            f"{gallery}/reorder",
            {"order": [second.pk, first.pk]},
        ),
        ("DELETE", "api/staff/products/<int:product_id>/images/<int:image_id>"): (f"{gallery}/{second.pk}", None),
        ("POST", "api/staff/products/<int:product_id>/images/<int:image_id>/set-primary"): (
            f"{gallery}/{second.pk}/set-primary",
            None,
        ),
        ("GET", "api/staff/categories"): ("/api/staff/categories", None),
        ("POST", "api/staff/categories"): ("/api/staff/categories", {"name": "Tongs"}),
        ("GET", "api/staff/inventory"): ("/api/staff/inventory", None),
        ("PUT", "api/staff/inventory/<int:product_id>"): (
            f"/api/staff/inventory/{product.pk}",
            {"stock_quantity": 7},
        ),
        ("GET", "api/orders"): ("/api/orders", None),
        ("POST", "api/orders"): ("/api/orders", body),
        ("POST", "api/orders/quote"): ("/api/orders/quote", item),
        ("POST", "api/orders/create-account"): ("/api/orders/create-account", account),
        ("GET", "api/orders/by-phone/<str:phone>"): ("/api/orders/by-phone/3125550147", None),
        ("GET", "api/orders/<order_number:order_number>"): (f"/api/orders/{order.number}", None),
        ("POST", "api/orders/<order_number:order_number>/reorder"): (f"/api/orders/{order.number}/reorder", None),
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
        ("GET", "api/shipping/orders/<order_number:order_number>"): (shipping, None),
        ("POST", "api/shipping/orders/<order_number:order_number>/confirm"): (f"{shipping}/confirm", None),
        ("POST", "api/shipping/orders/<order_number:order_number>/ship"): (f"{shipping}/ship", {}),
        ("POST", "api/shipping/orders/<order_number:order_number>/deliver"): (f"{shipping}/deliver", None),
        ("GET", "api/shipping/orders/<order_number:order_number>/packing-slip"): (f"{shipping}/packing-slip", None),
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
    if call[0] == twilio.PATH:
        return twilio.send_report(client, call[1])
    sent_as = "multipart" if "image" in (call[1] or {}) else "json"
    return getattr(client, method.lower())(call[0], call[1], format=sent_as)
