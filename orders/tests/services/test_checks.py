"""Checks that customers send as pictures."""

import io
import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.db import transaction
from django.utils import timezone

from lld.core.access import Role
from lld.core.actors import GUEST, SYSTEM
from lld.core.errors import Conflict, InvalidInput
from lld.core.money import ZERO
from lld.core.throttles import TEN_MINUTES, spend_address_try, spend_try
from lld.gateways import files
from orders import tokens
from orders.enums import PaymentMethod
from orders.models import Check, Order, Payment
from orders.services import checks, giving_back, notifications, payments, progress
from orders.services.checks import Written
from sandbox.testing import SandboxClient
from tests.factories import CustomerFactory, ProductFactory, as_customer, as_staff, order_body, place
from tests.pictures import picture, upload

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox", "folder")]


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def send(order: Order, *, back: bool = False) -> Check:
    pictures = {"front": io.BytesIO(picture()), "back": io.BytesIO(picture(1)) if back else None}
    return checks.upload_check(order.number, actor=GUEST, **pictures)


def unpaid() -> Order:
    return place(payment_method="check", customer=CustomerFactory(), released=False)


def test_check_in_review_is_shown_as_such_and_kept_privately() -> None:
    order = unpaid()

    check = send(order, back=True)

    order.refresh_from_db()
    assert order.payment_status == "check_review"
    assert files.read(check.front)
    assert check.front.startswith("checks/")
    assert check.front != check.back


def test_approved_check_pays_and_confirms() -> None:
    order = unpaid()
    send(order)

    order, others = checks.approve_check(order.number, Written(number="1207"), actor=SYSTEM)

    assert (order.status, order.payment_status, order.balance, others) == ("confirmed", "paid", ZERO, [])
    assert (Check.objects.get().payment, Payment.objects.get().note) == (Payment.objects.get(), "Check 1207")


def test_check_over_less_leaves_the_rest_owed_and_the_order_pending() -> None:
    order = unpaid()
    send(order)

    order, _ = checks.approve_check(order.number, Written(amount=Decimal("40.00")), actor=SYSTEM)

    assert (order.status, order.payment_status, order.balance) == ("pending", "unpaid", Decimal("5.00"))


def test_second_check_with_the_same_number_is_told() -> None:
    first, second = unpaid(), unpaid()
    for order in (first, second):
        send(order)
    checks.approve_check(first.number, Written(number="1207"), actor=SYSTEM)

    _, others = checks.approve_check(second.number, Written(number="1207"), actor=SYSTEM)

    assert others == [first.number]


def test_rejected_check_leaves_the_order_unpaid_and_another_may_come() -> None:
    order = unpaid()
    send(order)

    order = checks.reject_check(order.number, actor=SYSTEM, reason="Unsigned")

    assert (order.status, order.payment_status) == ("pending", "unpaid")
    send(order)
    order.refresh_from_db()
    assert order.payment_status == "check_review"


def test_newer_picture_replaces_one_in_review() -> None:
    order = unpaid()
    old, new = send(order), send(order)

    old.refresh_from_db()
    assert (old.state, new.state) == ("replaced", "review")


def test_only_a_check_in_review_is_decided() -> None:
    number = unpaid().number

    with pytest.raises(Conflict):
        checks.reject_check(number, actor=SYSTEM)
    with pytest.raises(Conflict):
        checks.approve_check(number, Written(), actor=SYSTEM)


def test_what_is_no_picture_is_refused() -> None:
    order = unpaid()
    with pytest.raises(InvalidInput) as refusal:
        checks.upload_check(order.number, front=io.BytesIO(b"%PDF-1.4"), back=None, actor=GUEST)
    assert "check_front" in refusal.value.fields
    assert not Check.objects.exists()


def test_stranger_needs_a_link_for_this_order(api: Any) -> None:
    order = unpaid()

    def send_as_stranger(token: str) -> int:
        body = {"order_number": order.number, "check_front": upload(), "token": token}
        return int(api.post("/api/payments/upload-check", body, format="multipart").status_code)

    assert send_as_stranger("") == 401
    assert send_as_stranger(tokens.make_upload_token("LLD-AAAA-AAAA")) == 401
    assert send_as_stranger(tokens.make_upload_token(order.number)) == 200


def mailed_link(mail: dict[str, Any]) -> tuple[str, str]:
    """The order and the token of the link to send a check that stands in both parts of a mail."""
    link = re.search(r"http://storefront\.test/upload-check/(\S+)\?token=(\S+)", mail["text"])
    assert link is not None, mail["text"]
    assert link[0] in mail["html"]
    return link[1], link[2]


def test_guest_sends_a_check_by_the_link_in_the_mail_of_the_order(api: Any, sandbox: SandboxClient) -> None:
    with time_machine.travel(datetime(2026, 3, 5, 18, tzinfo=UTC)):
        answer = api.post("/api/orders", order_body((ProductFactory(), 1), payment_method="check"))
    mail = sandbox.mail()[0]
    number, token = mailed_link(mail)
    assert "until Thursday, March 19, 1:00 PM CDT" in mail["text"]
    assert "until Thursday, March 19, 1:00 PM CDT" in mail["html"]

    with time_machine.travel(datetime(2026, 3, 19, 17, tzinfo=UTC)):
        body = {"order_number": number, "check_front": upload(), "token": token}
        assert api.post("/api/payments/upload-check", body, format="multipart").status_code == 200

    assert Order.objects.get(number=answer.json()["order"]["order_number"]).payment_status == "check_review"


def test_mails_of_an_open_order_by_check_have_a_link_to_send_one(sandbox: SandboxClient) -> None:
    order = place(payment_method="check")
    order.lapse_notice_at = timezone.now()
    with transaction.atomic():
        notifications.notify_order_lapses(order, timezone.now())
        notifications.notify_order_changed(order)

    for mail in sandbox.mail():
        number, token = mailed_link(mail)
        assert number == order.number
        assert tokens.may_upload(token, number)
    assert len(sandbox.mail()) == 3


def test_mails_of_an_order_that_no_check_is_to_pay_have_no_such_link(sandbox: SandboxClient) -> None:
    place(payment_method="credit_card")
    paid = place(payment_method="check")
    payments.record_manual_payment(paid.pk, actor=SYSTEM, method=PaymentMethod.CHECK)
    paid.refresh_from_db()
    with transaction.atomic():
        notifications.notify_order_changed(paid)

    changed, received, _, by_card = sandbox.mail()
    for mail in (changed, received, by_card):
        assert "upload-check" not in mail["text"] + mail["html"]


def send_as(client: Any, order: Order, **more: str) -> int:
    body = {"order_number": order.number, "check_front": upload(), **more}
    return int(client.post("/api/payments/upload-check", body, format="multipart").status_code)


def test_customer_sends_checks_for_own_orders_only() -> None:
    order = unpaid()

    assert send_as(as_customer(order.customer), order) == 200
    assert send_as(as_customer(), order) == 401


@pytest.mark.parametrize("role", [Role.SALES_REP, Role.WAREHOUSE])
def test_staff_who_take_no_money_send_checks_by_a_link_only(role: Role) -> None:
    client, order = as_staff(role), unpaid()
    Order.objects.filter(pk=order.pk).update(sales_rep=client.user)

    assert send_as(client, order) == 403
    assert not Check.objects.exists()
    assert send_as(client, order, token=tokens.make_upload_token(order.number)) == 200


def test_uploads_of_staff_are_counted_by_account() -> None:
    one, other, order = as_staff(Role.STAFF), as_staff(Role.STAFF), unpaid()
    for _ in range(120):
        spend_try("staff-upload-check", str(one.user.pk), limit=120, seconds=TEN_MINUTES)
    for _ in range(30):
        spend_address_try("upload-check", "127.0.0.1", limit=30, seconds=TEN_MINUTES)

    assert send_as(one, order) == 429
    assert send_as(other, order) == 200
    assert send_as(as_customer(order.customer), order) == 429


def test_staff_see_the_pictures() -> None:
    order = unpaid()
    send(order)
    client = as_staff()

    front = client.get(f"/api/staff/checks/{order.number}")

    assert (front.status_code, front["Content-Type"], front["Cache-Control"]) == (
        200,
        "image/jpeg",
        "private, no-store",
    )
    assert client.get(f"/api/staff/checks/{order.number}/back").status_code == 404


def test_decision_is_about_the_picture_that_was_looked_at() -> None:
    order = unpaid()
    seen = send(order)
    send(order)

    with pytest.raises(Conflict):
        checks.approve_check(order.number, Written(check_id=seen.pk), actor=SYSTEM)
    with pytest.raises(Conflict):
        checks.reject_check(order.number, actor=SYSTEM, check_id=seen.pk)


def test_cancelling_ends_the_review() -> None:
    order = unpaid()
    check = send(order)

    progress.cancel_order(order.pk, actor=SYSTEM)

    check.refresh_from_db()
    assert (check.state, check.reason) == ("rejected", "Order cancelled")


def test_check_that_came_for_another_sum_needs_its_amount_typed() -> None:
    order = unpaid()
    send(order)
    giving_back.adjust_order(order.pk, Decimal(900), actor=SYSTEM, reason="Express")

    with pytest.raises(InvalidInput, match="check's own"):
        checks.approve_check(order.number, Written(number="1207"), actor=SYSTEM)

    order, _ = checks.approve_check(order.number, Written(amount=Decimal(45)), actor=SYSTEM)
    assert (order.balance, order.status) == (Decimal(900), "pending")
