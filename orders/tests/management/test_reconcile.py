"""`manage.py reconcile` finishes what is open now, and says what it did."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from lld.core.actors import SYSTEM
from lld.core.models import OutboxMessage, WebhookEvent
from orders.enums import PaymentMethod
from orders.models import Payment, Refund
from orders.services import intents, payments, progress
from orders.tests.situations import strange
from sandbox.testing import SandboxClient
from tests.clock import later
from tests.factories import place

pytestmark = pytest.mark.django_db(transaction=True)


def test_reconcile_finishes_everything_open(sandbox: SandboxClient) -> None:
    order = place(payment_method=PaymentMethod.CREDIT_CARD)
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, deliver=False)
    refunded = place(payment_method=PaymentMethod.CREDIT_CARD)
    other = intents.open_intent(amount=refunded.balance, order_number=refunded.number)
    sandbox.pay_intent(other.id, deliver=False)
    payments.apply_intent(other.id)
    progress.cancel_order(refunded.pk, actor=SYSTEM)
    in_an_hour = timezone.now() + timedelta(hours=1)
    OutboxMessage.objects.filter(channel="email").update(state="pending", due_at=in_an_hour)
    Refund.objects.update(next_try_at=in_an_hour)
    Payment.objects.exclude(next_check_at=None).update(next_check_at=in_an_hour)

    out = StringIO()
    call_command("reconcile", stdout=out)

    order.refresh_from_db()
    assert order.payment_status == "paid"
    assert Refund.objects.get().state == "succeeded"
    assert not Payment.objects.exclude(next_check_at=None).exists()
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"sent"}
    assert "payments: 1 were open, 0 still are" in out.getvalue()
    assert "refunds: 1 were open, 0 still are" in out.getvalue()


def test_reconcile_leaves_work_open_while_stripe_is_down(sandbox: SandboxClient) -> None:
    refunded = place(payment_method=PaymentMethod.CREDIT_CARD)
    intent = intents.open_intent(amount=refunded.balance, order_number=refunded.number)
    sandbox.pay_intent(intent.id, deliver=False)
    payments.apply_intent(intent.id)
    progress.cancel_order(refunded.pk, actor=SYSTEM)
    order = place(payment_method=PaymentMethod.CREDIT_CARD)
    intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.fault("stripe", "status_500", path="/v1/", times=None)
    out, problems = StringIO(), StringIO()

    call_command("reconcile", stdout=out, stderr=problems)

    assert "payments: 1 were open, 1 still are" in out.getvalue()
    assert "refunds: 1 were open, 1 still are" in out.getvalue()
    assert "Stripe" in problems.getvalue()


def test_reconcile_passes_over_a_broken_webhook_event(sandbox: SandboxClient) -> None:
    WebhookEvent.objects.create(vendor="stripe", vendor_event_id="evt_broken", kind="broken", payload={})
    order = place(payment_method=PaymentMethod.CREDIT_CARD)
    intent = intents.open_intent(amount=order.balance, order_number=order.number)
    sandbox.pay_intent(intent.id, deliver=False)
    out, problems = StringIO(), StringIO()

    call_command("reconcile", stdout=out, stderr=problems)

    order.refresh_from_db()
    assert order.payment_status == "paid"
    assert "webhook events: 2 were open, 1 still are" in out.getvalue()
    assert "KeyError" in problems.getvalue()


def test_reconcile_lapses_what_nobody_has_paid_and_nothing_else(sandbox: SandboxClient) -> None:
    paid, unpaid = strange(), strange()
    intent = intents.open_intent(amount=paid.balance, order_number=paid.number)
    with later(hours=49):
        call_command("reconcile", stdout=StringIO())
    sandbox.pay_intent(intent.id, deliver=False)
    out = StringIO()

    with later(hours=74):
        call_command("reconcile", stdout=out)

    paid.refresh_from_db()
    unpaid.refresh_from_db()
    assert (paid.status, paid.payment_status, unpaid.status) == ("pending", "paid", "cancelled")
    assert "unpaid orders: 1 were open, 0 still are" in out.getvalue()
