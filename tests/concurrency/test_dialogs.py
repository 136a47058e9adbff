"""Buttons of the console that are pressed twice at once."""

from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from lld.core import idempotency
from lld.core.access import Role
from lld.core.actors import SYSTEM
from lld.core.models import IdempotencyClaim
from orders.enums import PaymentMethod
from orders.services import payments
from tests.concurrency.storm import storm
from tests.factories import as_console, filled_in, place

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("sandbox")]


def refund_pressed_twice() -> list[Decimal]:
    """One refund dialog, sent by four requests at once: what went back."""
    order = place(payment_method="check")
    payments.record_manual_payment(order.pk, actor=SYSTEM, method=PaymentMethod.CASH)
    user = as_console(Role.STAFF).user
    address = reverse("admin:orders_order_refund", args=[order.pk])
    fields = filled_in(amount="5.00", reason="Dented")
    browsers = [Client() for _ in range(4)]
    for browser in browsers:
        browser.force_login(user)

    answers = storm(4, lambda number: browsers[number].post(address, fields))

    assert [answer.status_code for answer in answers] == [200] * 4
    return list(order.refunds.values_list("amount", flat=True))


def test_refund_pressed_twice_at_once_goes_back_once() -> None:
    for _ in range(4):
        assert refund_pressed_twice() == [5]


def test_control_without_its_token_a_refund_pressed_twice_goes_back_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    def claim_anew(**named: Any) -> IdempotencyClaim:
        return claim_key(**named | {"key": uuid4().hex})

    claim_key = idempotency.claim_key
    monkeypatch.setattr(idempotency, "claim_key", claim_anew)

    assert len(refund_pressed_twice()) > 1
