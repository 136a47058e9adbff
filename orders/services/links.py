"""Payment links: a Stripe page for an order's balance, with an end that we see to."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from lld.core import idempotency
from lld.core.actors import Actor
from lld.core.errors import GatewayError, raise_if
from lld.gateways import stripe
from orders import locks, rules
from orders.enums import LinkState
from orders.models import PaymentLink
from orders.services import payments


def create_link(order_number: str, *, actor: Actor, expires_in_hours: int = 72) -> PaymentLink:
    """A link for the balance. GatewayError when Stripe would not make it; its row then says `failed`."""
    link = _claim_link(order_number, actor=actor, expires_in_hours=expires_in_hours)
    try:
        made = _ask_stripe(link)
    except GatewayError as error:
        if error.permanent:
            PaymentLink.objects.filter(pk=link.pk).update(state=LinkState.FAILED)
        raise
    with transaction.atomic():
        PaymentLink.objects.filter(pk=link.pk).update(link_id=made.id, url=made.url, state=LinkState.ACTIVE)
        idempotency.seal()
    link.refresh_from_db()
    return link


def make_fallback_url(order_number: str) -> str:
    """Our own pay page, for when Stripe's link could not be made."""
    return f"{settings.FRONTEND_URL}/pay/{order_number}"


def take_down_link(link_id: int) -> None:
    """Deactivate one link whose time is over, with the pages of it that are open, and take what was paid by it.

    The payment's own webhook comes long before; where it was lost, this is how we hear of it.
    """
    link = PaymentLink.objects.select_related("order").get(pk=link_id)
    if link.state not in {LinkState.CREATING, LinkState.ACTIVE}:
        return
    try:
        # The answer that named the link was lost: the same key names it again.
        stripe_id = link.link_id or _ask_stripe(link).id
        stripe.deactivate_link(stripe_id)
        stripe.expire_sessions(stripe_id)
    except GatewayError as error:
        if not error.permanent:
            raise
        # Stripe has no such link, so nothing is left to take down.
        PaymentLink.objects.filter(pk=link.pk).update(state=LinkState.FAILED)
        return
    for intent_id in stripe.paid_intents(stripe_id):
        payments.apply_intent(intent_id)
    PaymentLink.objects.filter(pk=link.pk).update(state=LinkState.EXPIRED, link_id=stripe_id)


def find_spent_links(*, order_id: int | None = None) -> list[int]:
    """Links that are to be taken down: of all orders, or of one."""
    now = timezone.now()
    # What changes a balance ends the links for the old one.
    spent = Q(expires_at__lte=now)
    # One that is being made right now is left to its maker.
    unanswered = Q(state=LinkState.CREATING, created_at__lt=now - timedelta(minutes=5))
    due = PaymentLink.objects.filter(Q(state=LinkState.ACTIVE) & spent | unanswered)
    if order_id is not None:
        due = due.filter(order=order_id)
    return list(due.order_by("pk").values_list("pk", flat=True)[:200])


@transaction.atomic
def _claim_link(order_number: str, *, actor: Actor, expires_in_hours: int) -> PaymentLink:
    order = locks.lock_order_by_number(order_number)
    raise_if(rules.why_not_ask_for_payment(order, actor))
    unanswered = PaymentLink.objects.filter(
        order=order, amount=order.balance, state=LinkState.CREATING, expires_at__gt=timezone.now()
    ).first()
    if unanswered is not None:
        # Its key names the link that Stripe may have made.
        return unanswered
    return PaymentLink.objects.create(
        order=order,
        amount=order.balance,
        expires_at=timezone.now() + timedelta(hours=expires_in_hours),
        created_by=str(actor),
    )


def _ask_stripe(link: PaymentLink) -> stripe.Link:
    return stripe.create_link(
        amount=link.amount,
        key=link.stripe_key,
        name=f"Order {link.order.number}",
        metadata={"order": link.order.number, "link": link.stripe_key},
    )
