"""What Stripe tells us: the event only says where to look, the object is read anew from Stripe."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from lld.core import webhooks
from lld.core.models import WebhookEvent
from lld.gateways import stripe
from orders.models import Payment, Refund
from orders.services import adopting, disputes, payments, refunds

VENDOR = "stripe"
# What moves money of ours, or tells that it will.
KINDS = (
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.payment_failed",
    "payment_intent.canceled",
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "charge.refunded",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
)
# For as long as Stripe keeps events.
KEPT_FOR = timedelta(days=30)
# A webhook that fails is repeated for three days; longer than that nobody tells us.
REPEATED_FOR = timedelta(days=4)


@transaction.atomic
def store_event(event: stripe.Event) -> int | None:
    """The stored event's key; None for a repeat."""
    stored = webhooks.store(VENDOR, event_id=event.id, kind=event.kind, payload=_facts(event))
    return stored.pk if stored else None


def catch_up(*, since: datetime, undelivered: bool = False) -> list[int]:
    """Store what Stripe has told meanwhile and we have not heard: the keys of those events. GatewayError.

    `undelivered`: only events whose webhooks failed; without it also those that we have lost ourselves.
    """
    told = list(stripe.list_events(since, KINDS, undelivered=undelivered))
    known = WebhookEvent.objects.filter(vendor=VENDOR, vendor_event_id__in=[event.id for event in told])
    heard = set(known.values_list("vendor_event_id", flat=True))
    stored = [store_event(event) for event in reversed(told) if event.id not in heard]
    return [event_pk for event_pk in stored if event_pk is not None]


def process_event(event_pk: int) -> None:
    """Work on one stored event. Doing it again changes nothing."""
    webhooks.process(event_pk, _handle)


def _facts(event: stripe.Event) -> dict[str, Any]:
    """Only what processing needs: the body holds the names and cards of people."""
    intent = event.body["data"]["object"].get("payment_intent")
    # Its id or, where it was asked for in full, all of it.
    intent = intent.get("id") if isinstance(intent, dict) else intent
    return {
        "object_type": event.object_type,
        "object_id": event.object_id,
        "payment_intent": intent if isinstance(intent, str) else None,
    }


def _handle(event: WebhookEvent) -> None:
    facts = event.payload
    if not facts["object_id"] and facts["object_type"] in {"payment_intent", "dispute", "refund"}:
        return
    if facts["object_type"] == "payment_intent":
        payments.apply_intent(facts["object_id"])
    elif facts["object_type"] == "dispute":
        _know(facts["payment_intent"])
        disputes.apply_dispute(facts["object_id"])
    elif facts["object_type"] == "refund":
        _apply_refund(facts["object_id"])
    elif isinstance(facts["payment_intent"], str):
        # Charges and checkout sessions: what counts is the intent behind them.
        payments.apply_intent(facts["payment_intent"])
        if event.kind == "charge.refunded":
            _adopt(facts["payment_intent"])


def _apply_refund(refund_id: str) -> None:
    found = stripe.fetch_refund(refund_id)
    _know(found.intent_id)
    refund = Refund.objects.filter(refund_id=refund_id).first()
    if refund is not None:
        refunds.record_refund(refund.pk, found)
        return
    _adopt(found.intent_id)


def _know(intent_id: str | None) -> None:
    """Hear of a payment first whose refund or dispute is told before itself."""
    if intent_id and not Payment.objects.filter(intent_id=intent_id).exists():
        payments.apply_intent(intent_id)


def _adopt(intent_id: str) -> None:
    payment_id = Payment.objects.filter(intent_id=intent_id).values_list("pk", flat=True).first()
    if payment_id is not None:
        adopting.adopt_refunds(payment_id)
