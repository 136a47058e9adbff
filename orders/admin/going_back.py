"""What the console says of money that goes back: a sentence for each way."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal

from django.contrib import messages
from django.http import HttpRequest

from lld.core.money import ZERO
from orders.enums import PaymentMethod, RefundDestination, RefundState
from orders.models import Order, Refund
from orders.services.standings import name_in_sentence

_WAITS = {RefundState.FAILED, RefundState.MANUAL}


def tell_refunds(request: HttpRequest, order: Order, refunds: Iterable[Refund], *, credit: Decimal = ZERO) -> None:
    """One message a way of `refunds` as they are by now, and of `credit` that went back to store credit."""
    sums: defaultdict[tuple[str, bool], Decimal] = defaultdict(lambda: ZERO)
    for refund in Refund.objects.filter(pk__in=[row.pk for row in refunds]).select_related("payment").order_by("pk"):
        sums[_say(refund), refund.state in _WAITS] += refund.amount
    if credit:
        sums["went back to store credit", False] += credit
    for (way, waits), amount in sums.items():
        messages.add_message(request, messages.WARNING if waits else messages.INFO, f"{order}: {amount} {way}.")


def _say(refund: Refund) -> str:
    if refund.state == RefundState.WITHDRAWN:
        return "does not go back"
    if refund.destination == RefundDestination.CREDIT:
        return "went back to store credit"
    came_by = refund.payment.method
    if refund.destination == RefundDestination.HAND:
        if refund.state == RefundState.SUCCEEDED:
            return "was handed back"
        return f"waits to be handed back: it came as {name_in_sentence(PaymentMethod(came_by))}"
    whence = f"the {'bank account' if came_by == PaymentMethod.ACH else 'card'} it came from"
    if refund.state == RefundState.FAILED:
        return f"could not be sent back to {whence}: {refund.error or 'no reason given'}".removesuffix(".")
    if refund.state == RefundState.SUCCEEDED:
        return f"went back to {whence}"
    why = f" ({refund.error.removesuffix('.')})" if refund.error else ""
    return f"is on its way back to {whence}{why}"
