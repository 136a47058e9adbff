"""Idempotency keys: requests of one caller with one key are one request.

The first request claims the key, and its answer is kept. Between the commit of the effect and the keeping of the
answer a process can die; so the service seals the claim in the effect's own transaction, and a repeat of a sealed
claim whose answer was lost is refused instead of done twice. `lld.core.api.idempotency` is the requests' side of it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from lld.core.errors import Conflict, ErrorCode
from lld.core.models import IdempotencyClaim

# Longer than the longest call of a vendor, with its repeats.
LEASE = timedelta(minutes=5)
KEPT_FOR = timedelta(hours=48)

_claim_of_request: ContextVar[IdempotencyClaim | None] = ContextVar("idempotency_claim", default=None)


def seal() -> None:
    """Called by a service inside the transaction of its effect. Conflict when another request has the key by now."""
    claim = _claim_of_request.get()
    if claim is None:
        return
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("idempotency.seal needs the transaction of the effect")
    if not IdempotencyClaim.objects.filter(pk=claim.pk, locked_until=claim.locked_until).update(sealed=True):
        raise Conflict(
            "This took so long that another request has its Idempotency-Key.", code=ErrorCode.IDEMPOTENCY_CONFLICT
        )


def forget_old_claims() -> int:
    return IdempotencyClaim.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()[0]


@transaction.atomic
def claim_key(*, caller: str, key: str, route: str, fingerprint: str) -> IdempotencyClaim:
    """The claim of `caller` on `key`: answered before (`status` is set), or to be carried out by who asks now.

    `fingerprint` is the SHA-256 of the body, in hex. Conflict while another request has the key, when it was used for
    something else, and when the effect is there but its answer was lost.
    """
    now = timezone.now()
    IdempotencyClaim.objects.bulk_create(
        [IdempotencyClaim(caller=caller, key=key, route=route, fingerprint=fingerprint)], ignore_conflicts=True
    )
    claim = IdempotencyClaim.objects.select_for_update().filter(caller=caller, key=key).first()
    if claim is None:
        # It stood in our way, and its request has just ended with an answer that is not kept.
        raise Conflict("A request with this Idempotency-Key has just ended.", code=ErrorCode.IDEMPOTENCY_CONFLICT)
    if claim.route != route or claim.fingerprint != fingerprint:
        raise Conflict("This Idempotency-Key was used for another request.", code=ErrorCode.IDEMPOTENCY_CONFLICT)
    if claim.status is not None:
        return claim
    if claim.locked_until is not None and claim.locked_until > now:
        raise Conflict("A request with this Idempotency-Key is running.", code=ErrorCode.IDEMPOTENCY_CONFLICT)
    if claim.sealed:
        raise Conflict(
            "This request was carried out, but its answer was lost. Look the result up.",
            code=ErrorCode.IDEMPOTENCY_CONFLICT,
        )
    claim.locked_until = now + LEASE
    claim.save(update_fields=["locked_until"])
    return claim


@contextmanager
def carrying_out(claim: IdempotencyClaim) -> Iterator[None]:
    """Within it, `seal` seals this claim."""
    token = _claim_of_request.set(claim)
    try:
        yield
    finally:
        _claim_of_request.reset(token)


def keep_answer(claim: IdempotencyClaim, *, status: int, answer: bytes) -> None:
    """Keep what a repeat is told."""
    IdempotencyClaim.objects.filter(pk=claim.pk).update(status=status, answer=answer, locked_until=None)


def give_up_claim(claim: IdempotencyClaim) -> None:
    """Let the caller try again with the same key, unless the effect is there."""
    IdempotencyClaim.objects.filter(pk=claim.pk, sealed=False).delete()
    IdempotencyClaim.objects.filter(pk=claim.pk).update(locked_until=None)
