"""Finish everything that a lost answer, a lost message or a dead worker left open, without waiting for its moment."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import structlog
from django.core.management.base import BaseCommand
from django.utils import timezone

from lld.core import outbox
from lld.core.errors import DomainError
from lld.core.models import OutboxMessage, WebhookEvent
from orders.models import Payment, Refund
from orders.services import intents, lapsing, links, overpaid, refund_delivery, stripe_events

log = structlog.get_logger(__name__)

K = TypeVar("K", bound=Hashable)


class Command(BaseCommand):
    help = (
        "Finish what is open: webhook events, payments, refunds, payment links, unpaid and overpaid orders, messages."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        self._finish("payments", _open_payments, intents.check_payment)
        self._finish("refunds", _open_refunds, refund_delivery.carry_out_refund_now)
        self._finish("payment links", links.find_spent_links, links.take_down_link)
        self._catch_up()
        self._finish("webhook events", _open_events, stripe_events.process_event)
        # After all that may have brought their money.
        self._finish("last days", lapsing.find_due_notices, lapsing.announce_lapse)
        self._finish("unpaid orders", lapsing.find_lapsed, lapsing.lapse_order)
        self._finish("overpaid orders", overpaid.find_overpaid, overpaid.attend_overpaid)
        self._finish("messages", _open_messages, outbox.deliver_now)

    def _catch_up(self) -> None:
        """Also what was lost here, with a database that was put back to an older day."""
        try:
            heard = stripe_events.catch_up(since=timezone.now() - stripe_events.KEPT_FOR)
        except DomainError as error:
            self.stderr.write(f"Stripe's events: {error.sentence}")
        else:
            self.stdout.write(f"Stripe's events: {len(heard)} had not been heard of")

    def _finish(self, what: str, find_open: Callable[[], list[K]], finish: Callable[[K], object]) -> None:
        keys = find_open()
        for key in keys:
            try:
                finish(key)
            except Exception as error:
                # Whatever is wrong with one, the others are finished.
                log.warning("reconcile_failed", what=what, key=key, exc_info=True)
                reason = error.sentence if isinstance(error, DomainError) else type(error).__name__
                self.stderr.write(f"{what}, {key}: {reason}")
        # Looked up, not counted: a service that schedules its next try does not raise.
        left = set(keys).intersection(find_open())
        self.stdout.write(f"{what}: {len(keys)} were open, {len(left)} still are")


def _open_events() -> list[int]:
    events = WebhookEvent.objects.filter(vendor=stripe_events.VENDOR, processed_at=None)
    return list(events.order_by("received_at").values_list("pk", flat=True))


def _open_payments() -> list[int]:
    return list(Payment.objects.exclude(next_check_at=None).order_by("pk").values_list("pk", flat=True))


def _open_refunds() -> list[int]:
    return list(Refund.objects.exclude(next_try_at=None).order_by("pk").values_list("pk", flat=True))


def _open_messages() -> list[str]:
    waiting = OutboxMessage.objects.filter(state__in=[OutboxMessage.State.PENDING, OutboxMessage.State.SENDING])
    return list(waiting.order_by("pk").values_list("key", flat=True))
