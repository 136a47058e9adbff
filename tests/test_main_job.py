"""From placement to delivery and back, over the API, with the sandbox as Stripe and mail server."""

import pytest
from rest_framework.test import APIClient

from catalog.enums import StockReason
from lld.core.access import Role
from lld.core.actors import SYSTEM
from orders.models import Order
from sandbox.testing import SandboxClient
from tests import stock
from tests.factories import CANCELLING, ProductFactory, as_staff, order_body

pytestmark = pytest.mark.django_db(transaction=True)


def test_card_order_is_paid_packed_shipped_and_delivered(api: APIClient, sandbox: SandboxClient) -> None:
    product = ProductFactory()
    stock.count(product.pk, 30, reason=StockReason.OPENING, actor=SYSTEM)

    answer = api.post("/api/orders", order_body((product, 12), payment_method="credit_card"))
    assert answer.status_code == 201, answer.content
    order = answer.json()["order"]
    assert (order["subtotal"], order["delivery_fee"], order["total_amount"]) == (96.0, 25.0, 121.0)

    intent = api.post("/api/payments/create-intent", {"amount": 121.00, "order_number": order["order_number"]})
    assert intent.status_code == 200, intent.content

    sandbox.pay_intent(intent.json()["payment_intent_id"], deliver=False)
    confirm = {"order_number": order["order_number"], "payment_intent_id": intent.json()["payment_intent_id"]}
    assert api.post("/api/payments/confirm", confirm).status_code == 200

    staff = as_staff(Role.WAREHOUSE)
    path = f"/api/shipping/orders/{order['order_number']}"
    assert staff.post(f"{path}/confirm").json()["order"]["status"] == "confirmed"

    shipped = staff.post(f"{path}/ship", {"tracking_number": "9400", "carrier": "USPS"}).json()
    assert shipped["order"]["tracking_number"] == "9400"

    assert staff.post(f"{path}/deliver").json()["order"]["status"] == "delivered"

    product.refresh_from_db()
    assert (product.stock_quantity, product.stock_reserved) == (18, 0)
    subjects = [mail["subject"] for mail in sandbox.mail()]
    assert sorted(subjects) == sorted(
        f"{start} {order['order_number']} {end}"
        for start, end in [("Order", "received"), ("Payment for order", "received"), ("Order", "is on its way")]
    )


def test_cancelling_a_paid_order_refunds_once(api: APIClient, sandbox: SandboxClient) -> None:
    product = ProductFactory()
    stock.count(product.pk, 30, reason=StockReason.OPENING, actor=SYSTEM)
    order = api.post("/api/orders", order_body((product, 2), payment_method="credit_card")).json()["order"]
    intent = api.post("/api/payments/create-intent", {"amount": 45, "order_number": order["order_number"]}).json()
    sandbox.pay_intent(intent["payment_intent_id"], deliver=False)
    confirm = {"order_number": order["order_number"], "payment_intent_id": intent["payment_intent_id"]}
    api.post("/api/payments/confirm", confirm)

    staff = as_staff(Role.MANAGER)
    answer = staff.put(f"/api/staff/orders/{order['id']}/status", CANCELLING)
    assert answer.status_code == 200, answer.content
    refund = answer.json()["refund"]
    assert (refund["amount"], refund["status"], refund["error"]) == (45.0, "succeeded", None)
    assert len(sandbox.ledger("stripe", "refund")) == 1

    assert staff.put(f"/api/staff/orders/{order['id']}/status", CANCELLING).status_code == 409
    stored = Order.objects.get(pk=order["id"])
    assert (stored.status, stored.payment_status, str(stored.amount_refunded)) == ("cancelled", "refunded", "45.00")
    product.refresh_from_db()
    assert (product.stock_quantity, product.stock_reserved) == (30, 0)
