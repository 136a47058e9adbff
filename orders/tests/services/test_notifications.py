"""What customers are told: by mail always, by SMS where they agreed."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import SmsConsent
from lld.core.access import Role
from lld.core.models import OutboxMessage
from orders.models import Order
from sandbox.testing import SandboxClient
from tests.factories import (
    CANCELLING,
    DELIVERY,
    CustomerFactory,
    ProductFactory,
    as_customer,
    as_staff,
    order_body,
    place,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]

PHONE = DELIVERY["delivery_phone"]


def consent(given: bool) -> None:
    SmsConsent.objects.create(phone=PHONE, consented=given, text_version="2026-11", source="checkout")


def ship(order: Order, **body: Any) -> None:
    staff = as_staff(Role.WAREHOUSE)
    path = f"/api/shipping/orders/{order.number}"
    assert staff.post(f"{path}/confirm").status_code == 200
    assert staff.post(f"{path}/ship", body).status_code == 200


def test_order_placed_mail_lists_the_order_in_text_and_html(api: APIClient, sandbox: SandboxClient) -> None:
    dear = ProductFactory(name="Range, 6 burners", unit_price="1299.50", bulk_price=None, bulk_quantity=None)

    order = api.post("/api/orders", order_body((ProductFactory(name="Ladle"), 12), (dear, 1))).json()["order"]

    mail = sandbox.mail()[0]
    assert (mail["to"], mail["subject"]) == ("maria@lamilpa.test", f"Order {order['order_number']} received")
    for part in (mail["text"], mail["html"]):
        for words in (order["order_number"], "Ladle", "Range, 6 burners", "$96.00", "$1299.50", "$1395.50", "free"):
            assert words in part
        assert "once it is paid" in part


def test_order_placed_mail_by_card_asks_for_no_payment(api: APIClient, sandbox: SandboxClient) -> None:
    api.post("/api/orders", order_body((ProductFactory(), 1), payment_method="credit_card"))
    mail = sandbox.mail()[0]
    assert "once it is paid" not in mail["text"] + mail["html"]
    assert "$25.00" in mail["text"]


def test_missing_delivery_email_falls_back_to_the_customers(sandbox: SandboxClient) -> None:
    client = as_customer(CustomerFactory(email="chef@milpa.test"))
    client.post("/api/orders", order_body((ProductFactory(), 1), delivery_email=""))
    client.post("/api/orders", order_body((ProductFactory(), 1)))
    assert [mail["to"] for mail in sandbox.mail()] == ["maria@lamilpa.test", "chef@milpa.test"]


def test_guest_without_email_gets_no_mail(api: APIClient, sandbox: SandboxClient) -> None:
    body = order_body((ProductFactory(), 1))
    del body["delivery_email"]
    assert api.post("/api/orders", body).status_code == 201
    assert sandbox.mail() == []


def test_payment_received_mail_follows_the_full_amount(sandbox: SandboxClient) -> None:
    order = place(payment_method="check")
    staff = as_staff()
    path = f"/api/staff/orders/{order.pk}/mark-paid"

    staff.post(path, {"amount_received": 20})
    assert [mail["subject"] for mail in sandbox.mail()] == [f"Order {order.number} received"]

    staff.post(path, {})
    mail = sandbox.mail()[0]
    assert mail["subject"] == f"Payment for order {order.number} received"
    assert "$45.00" in mail["text"]


def test_shipped_mail_has_the_tracking_number(sandbox: SandboxClient) -> None:
    order = place(payment_method="credit_card")

    ship(order, tracking_number="9400 1000", carrier="USPS")

    mail = sandbox.mail()[0]
    assert mail["subject"] == f"Order {order.number} is on its way"
    assert "Tracking: USPS 9400 1000" in mail["text"]
    assert "9400 1000" in mail["html"]


def test_skipping_to_delivered_sends_no_shipped_mail(sandbox: SandboxClient) -> None:
    order = place(payment_method="credit_card")
    as_staff().put(f"/api/staff/orders/{order.pk}/status", {"status": "delivered"})
    assert [mail["subject"] for mail in sandbox.mail()] == [f"Order {order.number} received"]


@pytest.mark.parametrize(("answers", "texts"), [([], 0), ([True], 1), ([True, False], 0), ([False, True], 1)])
def test_sms_is_sent_by_the_newest_consent(sandbox: SandboxClient, answers: list[bool], texts: int) -> None:
    for answer in answers:
        consent(answer)
    order = place(payment_method="credit_card")

    ship(order, tracking_number="9400", carrier="USPS")

    sent = sandbox.ledger("twilio", "sms")
    assert len(sent) == texts
    for message in sent:
        assert message["to"] == PHONE
        assert message["body"] == (
            f"LLD Restaurant Supply: order {order.number} is on its way. Tracking: USPS 9400 Reply STOP to opt out."
        )


def test_order_without_a_phone_sends_no_sms(sandbox: SandboxClient) -> None:
    consent(True)
    ship(place(payment_method="credit_card", delivery={"delivery_phone": ""}))
    assert sandbox.ledger("twilio", "sms") == []


def test_cancelled_mail_mentions_money_only_if_paid(sandbox: SandboxClient) -> None:
    paid, unpaid = place(payment_method="check"), place(payment_method="check")
    staff = as_staff()
    staff.post(f"/api/staff/orders/{paid.pk}/mark-paid", {})

    for order in (paid, unpaid):
        staff.put(f"/api/staff/orders/{order.pk}/status", CANCELLING)

    second, first = sandbox.mail()[:2]
    assert first["subject"] == f"Order {paid.number} is cancelled"
    assert "being returned" in first["text"]
    assert "being returned" in first["html"]
    assert "being returned" not in second["text"] + second["html"]


def test_deleting_sends_no_mail(sandbox: SandboxClient) -> None:
    order = place(payment_method="check")
    as_staff(Role.MANAGER).delete(f"/api/staff/orders/{order.pk}")
    assert [mail["subject"] for mail in sandbox.mail()] == [f"Order {order.number} received"]


def test_mails_escape_hostile_text(sandbox: SandboxClient) -> None:
    hostile = '<img src=x onerror="alert(1)">'
    product = ProductFactory(name=hostile, sku="<b>")
    where = dict.fromkeys(("delivery_name", "delivery_address", "delivery_city"), hostile)
    order = place((product, 1), payment_method="check", delivery=where)
    as_staff().post(f"/api/staff/orders/{order.pk}/mark-paid", {})
    ship(order, tracking_number=hostile, carrier="<b>")
    other = place((product, 1), payment_method="check", delivery=where)

    as_staff().put(f"/api/staff/orders/{other.pk}/status", CANCELLING)

    mails = sandbox.mail()
    assert len(mails) == 5
    for mail in mails:
        assert "<img" not in mail["html"]
        assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;" in mail["html"]
        assert hostile in mail["text"]


def test_refused_shipping_sends_no_sms_or_mail(api: APIClient) -> None:
    order = place(payment_method="credit_card", delivery={"delivery_email": ""})
    consent(True)
    staff = as_staff()
    assert staff.post(f"/api/shipping/orders/{order.number}/ship", {"tracking_number": "1"}).status_code == 409
    assert not OutboxMessage.objects.filter(channel__in=["sms", "email"]).exists()
