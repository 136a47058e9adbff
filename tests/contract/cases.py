"""How to call each built row of the contract."""

from typing import Any

from accounts.enums import CodePurpose
from accounts.services import keys, links, phones
from lld.core.access import Role
from lld.core.actors import SYSTEM
from orders.enums import OrderStatus, PaymentMethod
from orders.models import Order
from orders.services import intents, progress
from sandbox.testing import SandboxClient
from tests import twilio
from tests.contract import catalogue_cases as catalogue_cases  # registers its own
from tests.contract.reference import Row
from tests.contract.registry import CASES, Case, case
from tests.factories import (
    DELIVERY,
    PASSWORD,
    CustomerFactory,
    ProductFactory,
    StaffFactory,
    as_customer,
    as_staff,
    place,
)


def card_order(**options: Any) -> Order:
    return place(payment_method=PaymentMethod.CREDIT_CARD, **options)


@case("POST /api/login")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"username": CustomerFactory().username, "password": PASSWORD})


@case("POST /api/logout")
@case("GET /api/me")
def _(sandbox: SandboxClient) -> Case:
    return Case()


@case("GET /api/auth/verify-email/<token>")
def _(sandbox: SandboxClient) -> Case:
    return Case({"token": "nothing"})


@case("POST /api/register")
def _(sandbox: SandboxClient) -> Case:
    person = {"username": "lamilpa", "email": "maria@lamilpa.test", "phone": "(312) 555-0147", "password": PASSWORD}
    business = {"company_name": "La Milpa", "business_type": "restaurant", "business_ein": "36-1234567"}
    return Case(body={**person, **business, "resale_certificate": "IL-1", "state_of_operation": "il"})


@case("GET /api/users")
def _(sandbox: SandboxClient) -> Case:
    return Case()


@case("GET /api/users/<int:user_id>")
@case("DELETE /api/users/<int:user_id>")
def _(sandbox: SandboxClient) -> Case:
    customer = CustomerFactory()
    return Case({"user_id": customer.pk}, client=as_customer(customer))


@case("PUT /api/users/<int:user_id>")
def _(sandbox: SandboxClient) -> Case:
    customer = CustomerFactory()
    body = {"email": "new@lamilpa.test", "company_name": "La Milpa", "phone": "312-555-0111"}
    addresses = {"shipping_address": "1 Main St", "billing_address": "2 Main St"}
    return Case({"user_id": customer.pk}, {**body, **addresses}, client=as_customer(customer))


@case("POST /api/auth/resend-verification")
def _(sandbox: SandboxClient) -> Case:
    return Case()


@case("POST /api/auth/change-password")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"current_password": PASSWORD, "new_password": "a-new-good-one"})


@case("POST /api/auth/forgot-password")
@case("POST /api/customer/forgot-password")
@case("POST /api/staff/forgot-password")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"identifier": CustomerFactory().email})


@case("POST /api/auth/forgot-username")
@case("POST /api/customer/forgot-username")
@case("POST /api/staff/forgot-username")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"email": CustomerFactory().email})


@case("POST /api/auth/reset-password")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"token": links.send_reset(CustomerFactory()), "password": "a-new-good-one"})


@case("POST /api/staff/reset-password")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"token": links.send_reset(StaffFactory()), "password": "a-new-good-one"})


@case("POST /api/auth/phone/send-code")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"phone": CustomerFactory().phone})


@case("POST /api/auth/phone/verify-code")
def _(sandbox: SandboxClient) -> Case:
    code = phones.send_code("+13125550147", CodePurpose.RECOVER)
    return Case(body={"phone": "(312) 555-0147", "code": code})


@case("POST /api/auth/phone/lookup-username")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"phone_session_token": phones.open_phone_session(CustomerFactory().phone)})


@case("POST /api/auth/phone/reset-password")
def _(sandbox: SandboxClient) -> Case:
    token = phones.open_phone_session(CustomerFactory().phone)
    return Case(body={"phone_session_token": token, "password": "a-new-good-one"})


@case("POST /api/sms-optin")
def _(sandbox: SandboxClient) -> Case:
    name = {"first_name": "Maria", "last_name": "Lopez"}
    return Case(body={**name, "phone": "312-555-0147", "email": "maria@lamilpa.test", "consent": True})


@case("POST /api/sms/status-callback")
def _(sandbox: SandboxClient) -> Case:
    return Case(body=twilio.report())


@case("GET /api/staff/profile")
@case("POST /api/shipping/logout")
@case("GET /api/shipping/me")
@case("POST /api/staff/smtp-debug")
def _(sandbox: SandboxClient) -> Case:
    return Case()


@case("POST /api/staff/profile/change-password")
def _(sandbox: SandboxClient) -> Case:
    new = "a-new-good-one"
    return Case(body={"current_password": PASSWORD, "new_password": new, "confirm_password": new})


@case("POST /api/staff/profile/update-email")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"new_email": "new@lld.test"})


@case("POST /api/staff/test-email")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"to": "ops@lld.test"})


@case("GET /api/staff/users")
def _(sandbox: SandboxClient) -> Case:
    """Both rows of the contract: which of them it is, the query says."""
    CustomerFactory()
    return Case()


@case("POST /api/staff/users")
def _(sandbox: SandboxClient) -> Case:
    names = {"first_name": "Hector", "last_name": "Ruiz", "full_name": "Hector Ruiz"}
    account = {"username": "hector", "email": "hector@lld.test", "password": PASSWORD, "role": "warehouse"}
    return Case(body={**account, **names})


@case("PUT /api/staff/users/<int:user_id>")
def _(sandbox: SandboxClient) -> Case:
    names = {"first_name": "Hector", "last_name": "Ruiz", "full_name": "Hector Ruiz"}
    account = {"email": "hector@lld.test", "password": "a-new-good-one", "role": "warehouse", "is_active": False}
    return Case({"user_id": StaffFactory().pk}, {**account, **names})


@case("DELETE /api/staff/users/<int:user_id>")
def _(sandbox: SandboxClient) -> Case:
    return Case({"user_id": StaffFactory().pk})


@case("POST /api/shipping/login")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"username": StaffFactory().username, "password": PASSWORD})


@case("GET /api/admin/keys")
def _(sandbox: SandboxClient) -> Case:
    keys.create_api_key(actor=SYSTEM, name="n8n")
    return Case()


@case("POST /api/admin/keys")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"name": "n8n", "prefix": "n8n", "description": "Automations", "expires_at": "2099-12-31"})


@case("POST /api/admin/keys/<int:key_id>/revoke")
def _(sandbox: SandboxClient) -> Case:
    return Case({"key_id": keys.create_api_key(actor=SYSTEM, name="n8n")[0].pk})


@case("POST /api/admin/keys/<int:key_id>/activate")
@case("DELETE /api/admin/keys/<int:key_id>")
def _(sandbox: SandboxClient) -> Case:
    key, _ = keys.create_api_key(actor=SYSTEM, name="n8n")
    keys.revoke_api_key(key.pk, actor=SYSTEM, by=StaffFactory())
    return Case({"key_id": key.pk})


@case("POST /api/admin/keys/verify")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"raw_key": keys.create_api_key(actor=SYSTEM, name="n8n")[1]})


@case("POST /api/payments/create-intent")
def _(sandbox: SandboxClient) -> Case:
    body = {"amount": 45.0, "order_number": card_order().number}
    return Case(body={**body, "customer_name": "Ana", "customer_email": "ana@example.test"})


@case("POST /api/payments/confirm")
def _(sandbox: SandboxClient) -> Case:
    order = card_order()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, deliver=False)
    return Case(body={"order_number": order.number, "payment_intent_id": intent.id})


@case("POST /api/payments/create-link")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"order_number": card_order().number, "expires_in_hours": 24})


@case("POST /api/orders")
def _(sandbox: SandboxClient) -> Case:
    extra = {"special_notes": "Back door", "payment_method": "net30", "billing_address": "Same"}
    names = {"delivery_first_name": "Maria", "delivery_last_name": "Lopez"}
    return Case(body={"items": [{"product_id": ProductFactory().pk, "quantity": 2}], **DELIVERY, **names, **extra})


@case("GET /api/orders")
def _(sandbox: SandboxClient) -> Case:
    customer = CustomerFactory()
    card_order(customer=customer)
    return Case(client=as_customer(customer))


@case("GET /api/orders/<string:order_number>")
def _(sandbox: SandboxClient) -> Case:
    return Case({"order_number": card_order().number})


@case("POST /api/orders/<string:order_number>/reorder")
def _(sandbox: SandboxClient) -> Case:
    customer = CustomerFactory()
    return Case({"order_number": card_order(customer=customer).number}, client=as_customer(customer))


@case("GET /api/orders/by-phone/<string:phone>")
def _(sandbox: SandboxClient) -> Case:
    card_order()
    return Case({"phone": "(312) 555-0147"})


@case("POST /api/orders/create-account")
def _(sandbox: SandboxClient) -> Case:
    names = ("name", "address", "city", "state", "zip", "phone", "company")
    delivery = {f"delivery_{name}": DELIVERY[f"delivery_{name}"] for name in names}
    account = {"email": DELIVERY["delivery_email"], "password": PASSWORD, "order_number": card_order().number}
    return Case(body={**delivery, **account})


@case("POST /api/staff/login")
def _(sandbox: SandboxClient) -> Case:
    return Case(body={"username": StaffFactory().username, "password": PASSWORD})


@case("POST /api/staff/logout")
@case("GET /api/staff/me")
def _(sandbox: SandboxClient) -> Case:
    return Case()


@case("GET /api/staff/orders")
def _(sandbox: SandboxClient) -> Case:
    staff = as_staff(Role.ADMIN)
    card_order(sales_rep=staff.user)
    filters = {"status": "pending", "from_date": "2020-01-01", "to_date": "2099-01-01", "search": "LLD"}
    return Case(query={"page": 1, "per_page": 10, "rep_id": staff.user.pk, **filters}, client=staff)


@case("POST /api/staff/orders")
def _(sandbox: SandboxClient) -> Case:
    staff = as_staff(Role.ADMIN)
    names = {"delivery_first_name": "Maria", "delivery_last_name": "Lopez"}
    money = {"discount_amount": 1.0, "delivery_fee": 5.0, "payment_method": "cash", "payment_status": "paid"}
    entry = {"order_number": "PHONE-1", "created_at": "2026-01-02T10:00:00Z", "status": "confirmed"}
    people = {"sales_rep_id": staff.user.pk, "assigned_to": "Ana", "upsert_customer": True}
    notes = {"special_notes": "Back door", "staff_notes": "By phone"}
    items = [{"sku": ProductFactory().sku, "quantity": 3}]
    return Case(body={"items": items, **DELIVERY, **names, **money, **entry, **people, **notes}, client=staff)


@case("DELETE /api/staff/orders/<int:order_id>")
def _(sandbox: SandboxClient) -> Case:
    return Case({"order_id": card_order().pk})


@case("PUT /api/staff/orders/<int:order_id>/address")
def _(sandbox: SandboxClient) -> Case:
    names = {"delivery_first_name": "Ana", "delivery_last_name": "Ruiz"}
    return Case({"order_id": card_order().pk}, {**DELIVERY, **names, "delivery_name": "Ana Ruiz"})


@case("POST /api/staff/orders/<int:order_id>/mark-paid")
def _(sandbox: SandboxClient) -> Case:
    return Case({"order_id": card_order().pk}, {"payment_method": "check", "note": "No. 12", "amount_received": 45})


@case("PUT /api/staff/orders/<int:order_id>/notes")
def _(sandbox: SandboxClient) -> Case:
    order = card_order()
    progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
    return Case({"order_id": order.pk}, {"staff_notes": "Call", "assigned_to": "Ana", "tracking_number": "9400"})


@case("PUT /api/staff/orders/<int:order_id>/status")
def _(sandbox: SandboxClient) -> Case:
    return Case({"order_id": card_order().pk}, {"status": "confirmed", "staff_notes": "Go", "assigned_to": "Ana"})


@case("GET /api/shipping/orders")
def _(sandbox: SandboxClient) -> Case:
    order = card_order()
    progress.advance_order(order.pk, OrderStatus.CONFIRMED, actor=SYSTEM)
    return Case(query={"status": "active", "q": "LLD", "sort": "created_at", "dir": "asc"})


@case("GET /api/shipping/orders/<order_number>")
@case("GET /api/shipping/orders/<order_number>/packing-slip")
@case("POST /api/shipping/orders/<order_number>/confirm")
def _(sandbox: SandboxClient) -> Case:
    return Case({"order_number": card_order().number})


@case("POST /api/shipping/orders/<order_number>/ship")
def _(sandbox: SandboxClient) -> Case:
    order = card_order()
    progress.advance_order(order.pk, OrderStatus.PACKED, actor=SYSTEM)
    return Case({"order_number": order.number}, {"tracking_number": "9400", "carrier": "USPS"})


@case("POST /api/shipping/orders/<order_number>/deliver")
def _(sandbox: SandboxClient) -> Case:
    order = card_order()
    progress.advance_order(order.pk, OrderStatus.SHIPPED, actor=SYSTEM)
    return Case({"order_number": order.number})


@case("GET /api/v1/health")
def _(sandbox: SandboxClient) -> Case:
    return Case()


def case_of(row: Row, sandbox: SandboxClient) -> Case:
    made = CASES[row.name](sandbox)
    if row.name == "GET /api/staff/users":
        made.query = {"page": 1, "per_page": 10, "search": "maria"} if row.params else {"type": "staff"}
    return made
