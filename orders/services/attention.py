"""What a person must look at: put before them once, and put aside by them."""

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from lld.core import audit
from lld.core.actors import Actor
from lld.core.errors import Conflict
from orders.enums import AttentionKind
from orders.models import AttentionEntry, Order


def raise_attention(order: Order | None, kind: AttentionKind, detail: str, *, key: str) -> None:
    """Put something before a person, once a `key`."""
    AttentionEntry.objects.get_or_create(key=key, defaults={"order": order, "kind": kind, "detail": detail[:500]})


@transaction.atomic
def resolve_attention(entry_id: int, *, actor: Actor, by: User) -> None:
    """Mark as dealt with. Conflict when someone has done so before."""
    done = AttentionEntry.objects.filter(pk=entry_id, resolved_at=None).update(
        resolved_at=timezone.now(), resolved_by=by
    )
    if not done:
        raise Conflict("This was dealt with before.")
    audit.record("attention.resolve", actor=actor, target=AttentionEntry.objects.get(pk=entry_id))
