"""API keys."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import ApiKey, User
from accounts.tokens import hash_api_key, new_secret
from lld.core import audit
from lld.core.access import DEFAULT_SCOPES, Scope
from lld.core.actors import Actor
from lld.core.errors import Conflict, NotFound


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
def revoke_api_key(key_id: int, *, actor: Actor, by: User) -> ApiKey:
    """End a key at once. Conflict when it was ended before."""
    active = ApiKey.objects.filter(pk=key_id, is_active=True)
    changed = active.update(is_active=False, revoked_at=timezone.now(), revoked_by=by)
    return _changed(key_id, bool(changed), "revoke", actor, "The key is revoked already.")


@transaction.atomic
def activate_api_key(key_id: int, *, actor: Actor) -> ApiKey:
    """Let a revoked key in again. Conflict when it is active."""
    revoked = ApiKey.objects.filter(pk=key_id, is_active=False)
    changed = revoked.update(is_active=True, revoked_at=None, revoked_by=None)
    return _changed(key_id, bool(changed), "activate", actor, "The key is active.")


def _changed(key_id: int, changed: bool, action: str, actor: Actor, refusal: str) -> ApiKey:
    key = _key(key_id)
    if not changed:
        raise Conflict(refusal)
    audit.record(f"api_key.{action}", actor=actor, target=key, before={"name": key.name})
    return key


@transaction.atomic
def delete_api_key(key_id: int, *, actor: Actor) -> None:
    """Forget a revoked key. Conflict while it is active."""
    key = _key(key_id)
    audit.record("api_key.delete", actor=actor, target=key, before={"name": key.name, "preview": key.key_preview})
    # In one statement with its condition: somebody may be activating it.
    deleted, _ = ApiKey.objects.filter(pk=key_id, is_active=False).delete()
    if not deleted:
        raise Conflict("Revoke the key first.")


@transaction.atomic
def verify_api_key(raw: str) -> tuple[ApiKey | None, str]:
    """The key that this is, and why it does not open anything: "" when it does. Counts as a use of a valid key."""
    key = ApiKey.objects.select_related("created_by", "revoked_by").filter(key_hash=hash_api_key(raw)).first()
    now = timezone.now()
    if key is None:
        return None, "There is no such key."
    if not key.is_active:
        return key, "The key is revoked."
    if not key.is_usable(now):
        return key, "The key has expired."
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=now, use_count=F("use_count") + 1)
    key.refresh_from_db(fields=["last_used_at", "use_count"])
    return key, ""


def _key(key_id: int) -> ApiKey:
    key = ApiKey.objects.select_related("created_by", "revoked_by").filter(pk=key_id).first()
    if key is None:
        raise NotFound("There is no such key.")
    return key
