"""The audit log of privileged actions."""

from collections.abc import Mapping
from typing import Any

import structlog
from django.db.models import Model

from lld.core.actors import Actor
from lld.core.models import AuditEntry


def record(
    action: str,
    *,
    actor: Actor,
    target: Model,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    reason: str = "",
) -> AuditEntry:
    """Write one row in the caller's transaction. `before` and `after` hold only what changed, and no secrets."""
    return AuditEntry.objects.create(
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=(actor.label or str(actor))[:150],
        action=action,
        object_type=target._meta.label_lower,
        object_id=str(target.pk),
        before=_plain(before),
        after=_plain(after),
        reason=reason[:500],
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
    )


def _plain(values: Mapping[str, Any] | None) -> dict[str, Any]:
    simple = (str, int, float, bool, type(None))
    return {name: value if isinstance(value, simple) else str(value) for name, value in (values or {}).items()}
