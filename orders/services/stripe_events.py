"""What Stripe tells us: the event only says where to look, the object is read anew from Stripe."""

from typing import Any

from django.db import transaction

from lld.core import webhooks
from lld.core.models import WebhookEvent
from lld.gateways import stripe
from orders.models import Payment, Refund
from orders.services import adopting, payments, refunds

VENDOR = "stripe"


@transaction.atomic
def store_event(event: stripe.Event) -> int | None:
    """The stored event's key; None for a repeat."""
    stored = webhooks.store(VENDOR, event_id=event.id, kind=event.kind, payload=_facts(event))
    return stored.pk if stored else None


def process_event(event_pk: int) -> None:
    """Work on one stored event. Doing it again changes nothing."""
    webhooks.process(event_pk, _handle)


def _facts(event: stripe.Event) -> dict[str, Any]:
    """Only what processing needs: the body holds the names and cards of people."""
    subject = event.body["data"]["object"]
    return {
        "object_type": event.object_type,
        "object_id": event.object_id,
        "payment_intent": subject.get("payment_intent"),
    }


def _handle(event: WebhookEvent) -> None:
    facts = event.payload
    if facts["object_type"] == "payment_intent":
        payments.apply_intent(facts["object_id"])
    elif facts["object_type"] == "refund":
        _apply_refund(facts["object_id"])
    elif isinstance(facts["payment_intent"], str):
        # Charges and checkout sessions: what counts is the intent behind them.
        payments.apply_intent(facts["payment_intent"])


def _apply_refund(refund_id: str) -> None:
    found = stripe.fetch_refund(refund_id)
    refund = Refund.objects.filter(refund_id=refund_id).first()
    if refund is not None:
        refunds.record_refund(refund.pk, found)
        return
    payment_id = Payment.objects.filter(intent_id=found.intent_id).values_list("pk", flat=True).first()
    if payment_id is not None:
        adopting.adopt_refunds(payment_id)
