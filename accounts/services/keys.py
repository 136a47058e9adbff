"""API keys."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.tokens import hash_api_key, new_secret
from lld.core import audit
from lld.core.access import DEFAULT_SCOPES, Scope
from lld.core.actors import Actor
from lld.core.errors import Conflict


@transaction.atomic
def create_api_key(
    *,
    actor: Actor,
    name: str,
    prefix: str = "lld",
    scopes: Sequence[Scope] = DEFAULT_SCOPES,
    description: str = "",
    expires_at: datetime | None = None,
    created_by: User | None = None,
) -> tuple[ApiKey, str]:
    """The key's row and the raw key, which exists nowhere else from here on."""
    raw = f"{prefix}_{new_secret()}"
    key = ApiKey.objects.create(
        name=name,
        prefix=prefix,
        key_hash=hash_api_key(raw),
        key_preview=f"{raw[: len(prefix) + 5]}…{raw[-4:]}",
        description=description,
        scopes=[str(scope) for scope in scopes],
        expires_at=expires_at,
        created_by=created_by,
    )
    audit.record("api_key.create", actor=actor, target=key, after={"name": name, "scopes": ",".join(key.scopes)})
    return key, raw


@transaction.atomic
def revoke_api_key(key_id: int, *, actor: Actor, by: User) -> None:
    """End a key at once. Conflict when it was ended before."""
    active = ApiKey.objects.filter(pk=key_id, is_active=True)
    if not active.update(is_active=False, revoked_at=timezone.now(), revoked_by=by):
        raise Conflict("The key is revoked already.")
    key = ApiKey.objects.get(pk=key_id)
    audit.record("api_key.revoke", actor=actor, target=key, before={"name": key.name})
