"""Payments, and what needs attention, in the console."""

from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import AuditEntry
from orders.enums import AttentionKind, PaymentMethod
from orders.models import AttentionEntry
from orders.services import giving_back, payments
from orders.services.attention import raise_attention
from orders.tests.situations import approved_order
from tests.factories import as_console, filled_in, told

pytestmark = pytest.mark.django_db


def test_payment_search_finds_by_order_number() -> None:
    client, order, other = as_console(Role.STAFF), approved_order(), approved_order()
    for paid in (order, other):
        payments.record_manual_payment(paid.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    address = reverse("admin:orders_payment_changelist")

    found = client.get(address, {"q": order.number.lower()}).context["cl"].result_list

    assert [payment.order for payment in found] == [order]
    assert not client.get(address, {"q": order.number[:-1]}).context["cl"].result_list


def test_attention_is_resolved_once_and_audited() -> None:
    client = as_console(Role.STAFF)
    raise_attention(approved_order(), AttentionKind.LATE_PAYMENT, "Look", key="look")
    entry = AttentionEntry.objects.get()
    address = reverse("admin:orders_attentionentry_changelist")

    for answer in ("Dealt with", "was dealt with before"):
        data = {"action": "resolve", "_selected_action": [entry.pk], "index": 0}
        assert answer in client.post(address, data, follow=True).content.decode()

    entry.refresh_from_db()
    assert entry.resolved_by == client.user
    assert AuditEntry.objects.filter(action="attention.resolve").count() == 1


def press(client: Client, model: str, button: str, pk: int, **fields: str) -> list[str]:
    """Press a button of a row's page: the messages of the page that it leads to."""
    address = reverse(f"admin:orders_{model}_{button}", args=[pk])
    answer = client.post(address, filled_in(**fields))
    return told(client.get(answer["HX-Redirect"]))


def test_check_bounces_by_its_button() -> None:
    client, order = as_console(Role.STAFF), approved_order()
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CHECK)
    payment = order.payments.get()
    page = reverse("admin:orders_payment_change", args=[payment.pk])
    assert "Bounced" in client.get(page).content.decode()

    [answer] = press(client, "payment", "bounced", payment.pk, reason="No funds")

    assert answer.startswith("Recorded as bounced: ")
    assert "Bounced" not in client.get(page).content.decode()


def test_payment_is_voided_by_a_managers_button() -> None:
    order = approved_order()
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    payment = order.payments.get()
    page = reverse("admin:orders_payment_change", args=[payment.pk])
    button = reverse("admin:orders_payment_void", args=[payment.pk])
    assert button not in as_console(Role.STAFF).get(page).content.decode()
    client = as_console(Role.MANAGER)
    assert button in client.get(page).content.decode()

    [answer] = press(client, "payment", "void", payment.pk, reason="Wrong order")

    assert answer.startswith("Voided: ")
    assert button not in client.get(page).content.decode()
    assert as_console(Role.STAFF).post(button, {"_form_submitted": "True", "reason": "x"}).status_code == 403


def test_refund_is_withdrawn_once() -> None:
    client, order = as_console(Role.STAFF), approved_order()
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    _, [refund] = giving_back.refund_order(order.pk, actor=SYSTEM, reason="x", amount=Decimal("5.00"))
    page = reverse("admin:orders_refund_change", args=[refund.pk])
    assert "Withdraw" in client.get(page).content.decode()

    [first] = press(client, "refund", "withdraw", refund.pk, reason="Wrong order")
    [second] = press(client, "refund", "withdraw", refund.pk, reason="Wrong order")

    assert first.startswith("Withdrawn: ")
    assert second.endswith("The refund is withdrawn, and waits for nobody.")
    assert "Withdraw<" not in client.get(page).content.decode()
