"""Finish everything that a lost answer, a lost message or a dead worker left open, without waiting for its moment."""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import Q

from lld.core import outbox
from lld.core.errors import DomainError
from lld.core.models import OutboxMessage, WebhookEvent
from orders.models import Payment, Refund
from orders.services import intents, links, refunds, stripe_events


class Command(BaseCommand):
    help = "Finish what is open: webhook events, payments, refunds, payment links, messages."

    def handle(self, *args: Any, **options: Any) -> None:
        events = WebhookEvent.objects.filter(vendor=stripe_events.VENDOR, processed_at=None).order_by("received_at")
        self._each("webhook events", self._keys(events), stripe_events.process_event)
        self._each("payments", self._keys(Payment.objects.exclude(next_check_at=None)), intents.check)
        self._each("refunds", self._keys(Refund.objects.exclude(next_try_at=None)), refunds.carry_out_now)
        self._each("payment links", links.links_to_take_down(), links.take_down)
        waiting = OutboxMessage.objects.filter(Q(state="pending") | Q(state="sending"))
        self._each("messages", list(waiting.values_list("key", flat=True)), outbox.deliver)

    def _each(self, what: str, keys: Iterable[Any], finish: Callable[[Any], object]) -> None:
        done = failed = 0
        for key in keys:
            try:
                finish(key)
            except DomainError as error:
                failed += 1
                self.stderr.write(f"{what} {key}: {error.sentence}")
            else:
                done += 1
        self.stdout.write(f"{what}: {done} looked at, {failed} still open")

    def _keys(self, rows: Any) -> list[int]:
        return list(rows.values_list("pk", flat=True))
