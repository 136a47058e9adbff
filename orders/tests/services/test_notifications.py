"""What customers are told: by mail always, by SMS where they agreed."""

from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import SmsConsent
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import OutboxMessage
from orders.enums import PaymentMethod
from orders.models import Order, Payment
from orders.services import bouncing, checks, credit, giving_back, item_editing, payments, progress, refund_delivery
from orders.services.quoting import Item
from sandbox.testing import SandboxClient
from tests.factories import (
    CANCELLING,
    DELIVERY,
    CustomerFactory,
    ProductFactory,
    as_customer,
    as_staff,
    card_order,
    order_body,
    paid_by_card,
    place,
)
from tests.pictures import picture

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]

PHONE = DELIVERY["delivery_phone"]


def record(order: Order, method: PaymentMethod, received: str = "0") -> None:
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=method, received=Decimal(received))


def transfer_under_way(sandbox: SandboxClient) -> tuple[Order, Payment]:
    """An order of 45.00 that a bank is paying."""
    order = paid_by_card(sandbox, card_order(), "pm_usBankAccount")
    return order, order.payments.get()


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


def test_payment_received_mail_says_what_came_now_and_how_the_order_stands(sandbox: SandboxClient) -> None:
    order = place(payment_method="check")
    staff = as_staff()
    path = f"/api/staff/orders/{order.pk}/mark-paid"

    staff.post(path, {"amount_received": 20})
    mail = sandbox.mail()[0]
    assert mail["subject"] == f"Payment for order {order.number} received"
    for part in (mail["text"], mail["html"]):
        for words in ("$20.00", "−$20.00", "Still to pay", "$25.00", f"/pay/{order.number}"):
            assert words in part
        assert "Nothing is owed" not in part

    staff.post(path, {})
    mail = sandbox.mail()[0]
    assert "Thank you: $25.00 for" in mail["text"]
    assert "Thank you: <b>$25.00</b> for" in mail["html"]
    for part in (mail["text"], mail["html"]):
        for words in ("$45.00", "−$45.00", "Nothing is owed."):
            assert words in part


def test_payment_received_mail_after_money_has_left_says_what_came_and_left(sandbox: SandboxClient) -> None:
    order = place(payment_method="check")
    record(order, PaymentMethod.CHECK)
    bouncing.bounce_payment(order.payments.get().pk, actor=SYSTEM, reason="No funds")

    record(order, PaymentMethod.CASH)

    mail = sandbox.mail()[0]
    assert "Thank you: $45.00 for" in mail["text"]
    for words in ("Paid: −$90.00", "Taken back by your bank: $45.00", "Nothing is owed."):
        assert words in mail["text"]


def test_payment_received_mail_knows_store_credit_and_a_surplus(sandbox: SandboxClient) -> None:
    order = place(payment_method="check", customer=(customer := CustomerFactory()))
    credit.issue_credit(customer, Decimal("15.00"), actor=SYSTEM)
    credit.apply_credit(order.pk, Decimal("15.00"), actor=SYSTEM)

    record(order, PaymentMethod.CASH, "50.00")

    text = sandbox.mail()[0]["text"]
    assert "Thank you: $50.00 for" in text
    assert "$20.00 of it is more than was owed: it is your store credit now." in text
    assert "From your store credit: −$15.00" in text
    assert "Paid: −$30.00" in text


def test_still_to_pay_leaves_out_a_transfer_under_way(sandbox: SandboxClient) -> None:
    order, _ = transfer_under_way(sandbox)

    item_editing.edit_items(order.pk, [Item(3, order.lines.get().product_id)], actor=SYSTEM)

    mail = sandbox.mail()[0]
    assert mail["subject"] == f"Order {order.number} has changed"
    assert "A bank transfer of $45.00 is under way: please do not pay that again." in mail["text"]
    assert "Still to pay besides: $10.00" in mail["text"]
    assert "A bank transfer of <b>$45.00</b> is under way" in mail["html"]
    assert "/pay/" not in mail["text"] + mail["html"]


def test_failed_transfer_is_told_once(sandbox: SandboxClient) -> None:
    order, payment = transfer_under_way(sandbox)
    sandbox.settle_intent(str(payment.intent_id), "failed", deliver=False)

    for _ in range(2):
        payments.apply_intent(str(payment.intent_id))

    failed, _ = sandbox.mail()
    assert failed["subject"] == f"The bank transfer for order {order.number} failed"
    assert "$45.00" in failed["text"]
    assert f"Still to pay: $45.00\nPay it here: http://storefront.test/pay/{order.number}" in failed["text"]


def test_bounced_check_is_told(sandbox: SandboxClient) -> None:
    order = place(payment_method="check")
    record(order, PaymentMethod.CHECK)

    bouncing.bounce_payment(order.payments.get().pk, actor=SYSTEM, reason="No funds")

    mail = sandbox.mail()[0]
    assert mail["subject"] == f"Your check for order {order.number} came back"
    assert "over $45.00" in mail["text"]
    assert "Still to pay: $45.00" in mail["text"]


def test_rejected_check_is_told_with_its_reason(sandbox: SandboxClient, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)
    order = place(payment_method="check")
    checks.upload_check(order.number, front=BytesIO(picture()), back=None, actor=SYSTEM)

    checks.reject_check(order.number, actor=SYSTEM, reason="It is not signed")

    mail = sandbox.mail()[0]
    assert mail["subject"] == f"Your check for order {order.number} could not be taken"
    assert "could not take your check for order" in mail["text"]
    assert ": It is not signed\n" in mail["text"]
    assert "Still to pay: $45.00" in mail["text"]


@pytest.mark.parametrize(
    ("checks_to", "words"),
    [("LLD, Box 7, Chicago", "Send it to: LLD, Box 7, Chicago"), ("", "Answer this mail, and we tell you where")],
)
def test_mail_of_an_order_by_check_says_where_to_send_it(
    sandbox: SandboxClient, settings: Any, checks_to: str, words: str
) -> None:
    settings.CHECKS_TO = checks_to

    order = place(payment_method="check")
    card_order()

    by_card, by_check = sandbox.mail()
    for part in (by_check["text"], by_check["html"]):
        assert words in part
        assert order.number in part
    assert "make your check out" not in by_card["text"] + by_card["html"]


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


def test_cancelled_mail_names_what_goes_back_and_how(sandbox: SandboxClient) -> None:
    customer = CustomerFactory()
    paid, unpaid = card_order(customer=customer), place(payment_method="check")
    credit.issue_credit(customer, Decimal("10.00"), actor=SYSTEM)
    credit.apply_credit(paid.pk, Decimal("10.00"), actor=SYSTEM)
    record(paid, PaymentMethod.CASH, "20.00")
    paid_by_card(sandbox, Order.objects.get(pk=paid.pk))
    staff = as_staff()

    for order in (paid, unpaid):
        staff.put(f"/api/staff/orders/{order.pk}/status", CANCELLING)

    second, first = sandbox.mail()[:2]
    assert first["subject"] == f"Order {paid.number} is cancelled"
    for part in (first["text"], first["html"]):
        assert "$20.00 that came as cash we hand back to you" in part
        assert "$15.00 goes back to the card that it came from, usually within 5 to 10 business days." in part
        assert "$10.00 is store credit of yours again." in part
    assert "goes back" not in second["text"] + second["html"]


def test_cancelled_mail_knows_a_transfer_under_way(sandbox: SandboxClient) -> None:
    order, _ = transfer_under_way(sandbox)

    progress.cancel_order(order.pk, actor=SYSTEM, reason="Closed")

    text = sandbox.mail()[0]["text"]
    assert "$45.00 of a bank transfer that is still under way goes back once it has arrived." in text


def test_refund_is_told_once_when_it_goes(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order())

    _, [refund] = giving_back.refund_order(order.pk, actor=SYSTEM, reason="Dented", amount=Decimal("5.00"))
    assert not any("Refund" in mail["subject"] for mail in sandbox.mail())
    for _ in range(2):
        refund_delivery.carry_out_refund_now(refund.pk)

    told = [mail for mail in sandbox.mail() if mail["subject"] == f"Refund for order {order.number}"]
    assert len(told) == 1
    for part in (told[0]["text"], told[0]["html"]):
        assert "$5.00 goes back to the card that it came from, usually within 5 to 10 business days." in part


@pytest.mark.parametrize(
    ("how", "words"),
    [
        (PaymentMethod.CASH, "$5.00 was handed back to you."),
        (PaymentMethod.STORE_CREDIT, "$5.00 is store credit of yours now."),
    ],
)
def test_refund_by_hand_is_told_when_it_was_handed_out(
    sandbox: SandboxClient, how: PaymentMethod, words: str
) -> None:
    order = place(payment_method="check", customer=CustomerFactory())
    record(order, PaymentMethod.CASH)
    _, [refund] = giving_back.refund_order(order.pk, actor=SYSTEM, reason="Dented", amount=Decimal("5.00"))

    refund_delivery.hand_out_refund(refund.pk, how=how, actor=SYSTEM)

    mail = sandbox.mail()[0]
    assert mail["subject"] == f"Refund for order {order.number}"
    assert words in mail["text"]


def test_what_a_cancellation_told_is_not_told_again(sandbox: SandboxClient) -> None:
    order = paid_by_card(sandbox, card_order())

    progress.cancel_order(order.pk, actor=SYSTEM, reason="Closed")
    refund_delivery.carry_out_refunds(order.pk)

    assert sandbox.mail()[0]["subject"] == f"Order {order.number} is cancelled"


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
