"""What the faults need: orders that wait for a card, and a way to make time pass for what is due."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from lld.core.models import OutboxMessage
from orders.models import Payment, PaymentLink, Refund


@pytest.fixture(autouse=True)
def _no_pause(no_pause: None) -> None:
    """Lost calls are what all these tests are about."""


@pytest.fixture
def later() -> Callable[[], None]:
    """Makes everything that waits for a moment due now."""

    def pass_time() -> None:
        past = timezone.now() - timedelta(seconds=1)
        Payment.objects.exclude(next_check_at=None).update(next_check_at=past)
        Refund.objects.exclude(next_try_at=None).update(next_try_at=past)
        PaymentLink.objects.filter(state="creating").update(created_at=past - timedelta(minutes=6))
        OutboxMessage.objects.filter(state="pending").update(due_at=past - timedelta(minutes=1))
        OutboxMessage.objects.filter(state="sending").update(claimed_until=past)

    return pass_time
