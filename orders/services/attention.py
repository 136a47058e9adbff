"""What a person must look at: put before them once, given to one of them, and put aside when it is over."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from lld.core import audit
from lld.core.actors import Actor
from lld.core.errors import Conflict, NotFound, raise_if
from orders import locks, rules
from orders.enums import AttentionKind
from orders.models import AttentionEntry, Order


def raise_attention(order: Order | None, kind: AttentionKind, detail: str, *, key: str, **about: Any) -> None:
    """Put something before a person, once a `key`. `about`: the payment or refund, and the amount."""
    AttentionEntry.objects.get_or_create(
        key=key, defaults={"order": order, "kind": kind, "detail": detail[:500], **about}
    )


def settle_attention(**about: Any) -> None:
    """What was wrong with this payment or refund is over: nobody need look any more."""
    AttentionEntry.objects.filter(resolved_at=None, **about).update(resolved_at=timezone.now())


@transaction.atomic
def assign_attention(entry_id: int, *, actor: Actor, to: User | None) -> AttentionEntry:
    """Give a matter to a member of staff, or back to all. NotFound; Conflict once it is over."""
    entry = _open(entry_id)
    entry.assigned_to = to
    entry.save(update_fields=["assigned_to"])
    audit.record("attention.assign", actor=actor, target=entry, after={"to": to.username if to else None})
    return entry


@transaction.atomic
def resolve_attention(entry_id: int, *, actor: Actor, by: User) -> AttentionEntry:
    """Mark as dealt with. NotFound; Conflict when someone has done so before, or while the matter stands."""
    entry = _open(entry_id)
    raise_if(rules.why_not_resolve(entry))
    entry.resolved_at, entry.resolved_by = timezone.now(), by
    entry.save(update_fields=["resolved_at", "resolved_by"])
    audit.record("attention.resolve", actor=actor, target=entry)
    return entry


def _open(entry_id: int) -> AttentionEntry:
    entry = locks.lock_attention(entry_id)
    if entry is None:
        raise NotFound("There is no such matter.")
    if entry.resolved_at is not None:
        raise Conflict("This was dealt with before.")
    return entry
