"""Orders that owe their customer: what nobody has given back for a day is put before a person, until it has gone."""

from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.utils import timezone

from orders import locks
from orders.enums import AttentionKind
from orders.models import AttentionEntry, LedgerEntry, Order
from orders.services.attention import raise_attention, settle_attention

# Who lowers an order sends the money back, or sells more, within it.
PATIENCE = timedelta(days=1)


def find_overpaid() -> list[int]:
    """Orders whose open matter is missing, over, or of another sum; by the index order_overpaid."""
    said = _matters().exclude(order__balance=-F("amount")).values_list("order_id", flat=True)
    known = (
        _matters().filter(order=OuterRef("pk")),
        LedgerEntry.objects.filter(order=OuterRef("pk"), created_at__gt=timezone.now() - PATIENCE),
    )
    silent = Order.objects.filter(*(~Exists(rows) for rows in known), balance__lt=0)
    return sorted({pk for pk in said if pk is not None}.union(silent.values_list("pk", flat=True)))


@transaction.atomic
def attend_overpaid(order_id: int) -> None:
    """Put before a person what an order owes its customer, and nobody gives back; and put aside what is over."""
    order = locks.lock_order_even_deleted(order_id)
    surplus = -order.balance
    if _matters().filter(order=order).exclude(amount=surplus).exists():
        settle_attention(order=order, kind=AttentionKind.OVERPAID)
    if surplus > 0:
        detail = f"{surplus} more was paid than this order costs: give it back, as money or as store credit."
        key = f"overpaid:{order.pk}:{order.version}"
        raise_attention(order, AttentionKind.OVERPAID, detail, key=key, amount=surplus)


def _matters() -> QuerySet[AttentionEntry]:
    return AttentionEntry.objects.filter(kind=AttentionKind.OVERPAID, resolved_at=None)
