"""Promises to strangers: when they lapse, after which notice, and that nobody loses an order that is paid."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import SmsConsent
from lld.core.actors import SYSTEM
from lld.core.clock import business_zone
from lld.core.errors import GatewayError
from lld.core.models import AuditEntry, OutboxMessage
from orders import rules
from orders.enums import PaymentMethod
from orders.models import Order, Payment, Refund
from orders.services import editing, intents, item_editing, lapsing, links, payments, progress
from orders.services.quoting import Item
from orders.tasks import sweep_unpaid_orders
from orders.tests.situations import strange
from sandbox.testing import SandboxClient
from tests.clock import later
from tests.factories import DELIVERY, StaffFactory, counted, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def swept(order: Order, **after: float) -> str:
    """The order's status after a sweep so much later than now."""
    with later(**after):
        sweep_unpaid_orders()
    order.refresh_from_db()
    return order.status


def subjects(sandbox: SandboxClient) -> list[str]:
    """Of the mails after the one that confirmed the order, oldest first."""
    return [mail["subject"] for mail in reversed(sandbox.mail())][1:]


def test_unpaid_order_of_a_guest_is_announced_and_a_day_later_cancelled(sandbox: SandboxClient) -> None:
    product = counted(5)
    order = strange((product, 2))

    assert swept(order, hours=47) == "pending"
    assert subjects(sandbox) == []
    assert swept(order, hours=49) == "pending"
    assert subjects(sandbox) == [f"Order {order.number} is not paid yet"]
    assert swept(order, hours=72.9) == "pending"
    assert swept(order, hours=73.1) == "cancelled"

    assert subjects(sandbox)[1:] == [f"Order {order.number} is cancelled"]
    assert "not paid in time" in sandbox.mail()[0]["text"]
    product.refresh_from_db()
    assert (product.stock_quantity, product.stock_reserved) == (5, 0)
    entry = AuditEntry.objects.get(action="order.cancel")
    assert (entry.actor_kind, entry.reason) == ("system", "Not paid in time")


def test_hours_are_a_setting(settings: Any) -> None:
    settings.UNPAID_ORDER_HOURS = 24
    order = strange()

    swept(order, hours=0)

    assert swept(order, hours=23) == "pending"
    assert swept(order, hours=25) == "cancelled"


def test_check_has_two_weeks(sandbox: SandboxClient) -> None:
    order = strange(payment_method=PaymentMethod.CHECK)

    assert swept(order, days=12.9) == "pending"
    assert subjects(sandbox) == []
    swept(order, days=13)
    assert "Is your check in the post?" in sandbox.mail()[0]["text"]
    assert swept(order, days=13.9) == "pending"
    assert swept(order, days=14.1) == "cancelled"


def test_notice_says_until_when_and_how_to_pay(sandbox: SandboxClient) -> None:
    order = strange()

    swept(order, hours=60)

    ends = rules.lapses_at(order)
    assert ends is not None
    mail = sandbox.mail()[0]
    for part in (mail["text"], mail["html"]):
        for words in (order.number, "$45.00", f"http://storefront.test/pay/{order.number}"):
            assert words in part
        assert f"{ends.astimezone(business_zone()):%A, %B %-d, %-I:%M %p}" in part


def test_worker_that_slept_a_week_cancels_nothing_unannounced(sandbox: SandboxClient) -> None:
    order = strange()

    assert swept(order, days=7) == "pending"
    assert subjects(sandbox) == [f"Order {order.number} is not paid yet"]
    assert swept(order, days=7, hours=23) == "pending"
    assert swept(order, days=8, minutes=1) == "cancelled"


def test_last_day_begins_when_the_notice_has_left(sandbox: SandboxClient) -> None:
    order = strange()
    swept(order, hours=49)
    notice = OutboxMessage.objects.filter(key__startswith="order_lapses:")
    notice.update(state="pending", sent_at=None)

    assert swept(order, hours=80) == "pending"
    notice.update(state="sent", sent_at=timezone.now() + timedelta(hours=80))
    assert swept(order, hours=103) == "pending"
    assert swept(order, hours=105) == "cancelled"


def test_notice_that_cannot_be_delivered_keeps_no_order_for_ever() -> None:
    order = strange()
    swept(order, hours=49)
    OutboxMessage.objects.filter(key__startswith="order_lapses:").update(state="failed", sent_at=None)

    assert swept(order, hours=74) == "cancelled"


@pytest.mark.parametrize("consented", [True, False])
def test_guest_without_a_mailbox_is_told_by_text_where_agreed(consented: bool) -> None:
    SmsConsent.objects.create(
        phone=DELIVERY["delivery_phone"], consented=consented, text_version="2026-11", source="checkout"
    )
    order = strange(delivery={"delivery_email": ""})

    swept(order, hours=49)

    texts = OutboxMessage.objects.filter(channel="sms")
    assert [f"/pay/{order.number}" in text.payload["body"] for text in texts] == [True] * consented
    assert swept(order, hours=74) == "cancelled"


def test_notice_is_given_once(sandbox: SandboxClient) -> None:
    order = strange()

    for hours in (49, 50, 60):
        swept(order, hours=hours)
        with later(hours=hours):
            lapsing.announce_lapse(order.pk)

    assert len(subjects(sandbox)) == 1


def test_one_who_has_paid_keeps_the_order_when_the_webhook_was_lost(sandbox: SandboxClient) -> None:
    order = strange()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    swept(order, hours=49)
    sandbox.pay_intent(intent.id, deliver=False)

    assert swept(order, hours=74) == "pending"

    assert (order.payment_status, Refund.objects.exists()) == ("paid", False)


@pytest.mark.parametrize(("method", "status"), [("pm_card_visa", "paid"), ("pm_usBankAccount", "processing")])
def test_one_who_has_paid_by_a_link_keeps_the_order(sandbox: SandboxClient, method: str, status: str) -> None:
    order = strange()
    link = links.create_link(order.number, actor=SYSTEM, expires_in_hours=200)
    swept(order, hours=49)
    sandbox.pay_link(str(link.link_id), method, deliver=False)

    assert swept(order, hours=74) == "pending"

    assert order.payment_status == status


def test_what_could_still_pay_is_ended_before_the_order_is_cancelled(sandbox: SandboxClient) -> None:
    order = strange()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    link = links.create_link(order.number, actor=SYSTEM, expires_in_hours=200)
    session = sandbox.open_link(str(link.link_id))
    swept(order, hours=49)

    assert swept(order, hours=74) == "cancelled"

    assert "error" in sandbox.pay_intent(intent.id, deliver=False)
    assert "error" in sandbox.pay_link(str(link.link_id), deliver=False)
    assert "error" in sandbox.pay_session(session["id"], deliver=False)
    assert not Payment.objects.exclude(next_check_at=None).exists()


def test_declined_card_lapses(sandbox: SandboxClient) -> None:
    order = strange()
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, "pm_card_chargeDeclined", deliver=False)
    payments.apply_intent(intent.id)
    swept(order, hours=49)
    assert order.payment_status == "failed"

    assert swept(order, hours=74) == "cancelled"


def test_intent_that_stripe_does_not_know_keeps_no_order_for_ever() -> None:
    order = strange()
    intents.open_intent(amount=order.balance, order_number=order.number)
    Payment.objects.update(intent_id="pi_of_another_account")
    swept(order, hours=49)

    assert swept(order, hours=74) == "cancelled"


def test_nothing_is_cancelled_while_stripe_cannot_be_asked_and_others_are(sandbox: SandboxClient) -> None:
    asked, other = strange(), strange()
    intents.open_intent(amount=asked.balance, order_number=asked.number)
    swept(asked, hours=49)
    sandbox.fault("stripe", "status_500", path="/v1/", times=None)

    assert swept(asked, hours=74) == "pending"
    assert swept(other, hours=74) == "cancelled"
    with later(hours=74), pytest.raises(GatewayError):
        lapsing.lapse_order(asked.pk)

    sandbox.clear_faults()
    assert swept(asked, hours=75) == "cancelled"


def test_money_that_failed_begins_a_new_last_day(sandbox: SandboxClient) -> None:
    order = strange(payment_method=PaymentMethod.ACH)
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    swept(order, hours=49)
    sandbox.pay_intent(intent.id, "pm_usBankAccount", deliver=False)
    payments.apply_intent(intent.id)
    assert swept(order, hours=100) == "pending"
    sandbox.settle_intent(intent.id, "failed", deliver=False)
    payments.apply_intent(intent.id)

    assert swept(order, hours=101) == "pending"

    assert order.payment_status == "failed"
    assert [subject for subject in subjects(sandbox) if "not paid yet" in subject] == [
        f"Order {order.number} is not paid yet"
    ] * 2
    assert swept(order, hours=124) == "pending"
    assert swept(order, hours=126) == "cancelled"


def test_release_that_an_edit_undoes_begins_a_new_last_day(sandbox: SandboxClient) -> None:
    product = counted(9)
    order = strange((product, 2))
    swept(order, hours=49)
    editing.release_hold(order.pk, actor=SYSTEM, by=StaffFactory(role="manager"), reason="known")
    assert swept(order, hours=100) == "pending"
    item_editing.edit_items(order.pk, [Item(4, product.pk)], actor=SYSTEM)

    assert swept(order, hours=101) == "pending"

    assert subjects(sandbox).count(f"Order {order.number} is not paid yet") == 2
    assert swept(order, hours=126) == "cancelled"


def test_kept_order_waits_for_as_long_as_it_takes() -> None:
    order = strange()
    swept(order, hours=49)

    editing.keep_order(order.pk, actor=SYSTEM, reason="They called")

    assert swept(order, days=60) == "pending"
    assert rules.lapses_at(order) is None


def test_order_that_was_cancelled_meanwhile_is_passed_over(sandbox: SandboxClient) -> None:
    order = strange()
    swept(order, hours=49)
    progress.cancel_order(order.pk, actor=SYSTEM, delete=True)

    with later(hours=74):
        lapsing.lapse_order(order.pk)

    assert "Not paid in time" not in AuditEntry.objects.values_list("reason", flat=True)


def test_lapses_at_is_never_less_than_a_day_ahead_of_the_notice() -> None:
    order = strange()
    assert rules.lapses_at(order) == order.created_at + timedelta(hours=72)

    with later(days=7):
        ends = rules.lapses_at(order)
        assert ends is not None
        assert ends >= timezone.now() + rules.LAST_DAY - timedelta(seconds=1)
        lapsing.announce_lapse(order.pk)
    order.refresh_from_db()
    assert order.lapse_notice_at is not None
    assert rules.lapses_at(order) == order.lapse_notice_at + rules.LAST_DAY


def test_orders_without_a_stranger_are_not_announced() -> None:
    place(payment_method=PaymentMethod.CREDIT_CARD)

    with later(days=30):
        assert lapsing.find_due_notices() == []
