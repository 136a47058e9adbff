"""Payments, and what needs attention, in the console."""

import pytest
from django.urls import reverse

from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import AuditEntry
from orders.enums import AttentionKind, PaymentMethod
from orders.models import AttentionEntry
from orders.services import payments
from orders.services.attention import raise_attention
from orders.tests.situations import approved_order
from tests.factories import as_console

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

    for told in ("Dealt with", "was dealt with before"):
        data = {"action": "resolve", "_selected_action": [entry.pk], "index": 0}
        assert told in client.post(address, data, follow=True).content.decode()

    entry.refresh_from_db()
    assert entry.resolved_by == client.user
    assert AuditEntry.objects.filter(action="attention.resolve").count() == 1
