"""Idempotency-Key: requests of one caller with one key are one request.

The first request claims the key, and its answer is kept and replayed. Answers 409, 429 and 5xx are forgotten:
the caller may try again. Between the commit of the effect and the keeping of the answer a process can die; so
the service seals the claim in the effect's own transaction, and a repeat of a sealed claim whose answer was
lost is refused instead of done twice.
"""

import functools
import hashlib
from collections.abc import Callable
from contextvars import ContextVar
from datetime import timedelta
from typing import Any, TypeVar

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response

from lld.core.api.exceptions import handle
from lld.core.api.json import dump
from lld.core.api.views import ApiView
from lld.core.errors import Conflict, ErrorCode, InvalidInput
from lld.core.models import IdempotencyClaim

LEASE = timedelta(minutes=2)
KEPT_FOR = timedelta(hours=48)

_claim_of_request: ContextVar[int | None] = ContextVar("idempotency_claim", default=None)

V = TypeVar("V", bound=ApiView)
ViewHandler = Callable[..., HttpResponse]


def idempotent(handler: ViewHandler) -> ViewHandler:
    """Honour the Idempotency-Key header on a handler of an ApiView."""

    @functools.wraps(handler)
    def wrapped(view: ApiView, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return handler(view, request, *args, **kwargs)
        # The web server gives a header with other letters as an empty one.
        if not key or len(key) > 200 or not key.isprintable():
            raise InvalidInput("Idempotency-Key must be 1 to 200 printable ASCII characters.")
        claim, answer = _claim(view, request, key)
        if answer is not None:
            return answer
        token = _claim_of_request.set(claim.pk)
        try:
            response = handler(view, request, *args, **kwargs)
        except Exception as error:
            _keep(claim, _refusal(view, error))
            raise
        finally:
            _claim_of_request.reset(token)
        _keep(claim, response)
        return response

    wrapped.idempotent = True  # type: ignore[attr-defined]  # read by the OpenAPI schema
    return wrapped


def seal() -> None:
    """Called by a service inside the transaction of its effect."""
    claim = _claim_of_request.get()
    if claim is not None:
        if not transaction.get_connection().in_atomic_block:
            raise RuntimeError("idempotency.seal needs the transaction of the effect")
        IdempotencyClaim.objects.filter(pk=claim).update(sealed=True)


def forget_old_claims() -> int:
    return IdempotencyClaim.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _claim(view: ApiView, request: Request, key: str) -> tuple[IdempotencyClaim, HttpResponse | None]:
    actor = view.actor
    caller = f"{actor.kind}:{actor.id}" if actor.id else f"guest:{view.client_address}"
    route = f"{request.method} {request.path}"[:300]
    fingerprint = hashlib.sha256(dump(request.data)).hexdigest()
    now = timezone.now()
    with transaction.atomic():
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
            return claim, _replay(claim)
        if claim.locked_until is not None and claim.locked_until > now:
            raise Conflict("A request with this Idempotency-Key is running.", code=ErrorCode.IDEMPOTENCY_CONFLICT)
        if claim.sealed:
            raise Conflict(
                "This request was carried out, but its answer was lost. Look the result up.",
                code=ErrorCode.IDEMPOTENCY_CONFLICT,
            )
        claim.locked_until = now + LEASE
        claim.save(update_fields=["locked_until"])
    return claim, None


def _replay(claim: IdempotencyClaim) -> HttpResponse:
    response = HttpResponse(bytes(claim.answer or b""), status=claim.status, content_type="application/json")
    response["Idempotent-Replayed"] = "true"
    return response


def _refusal(view: ApiView, error: Exception) -> HttpResponse | None:
    return handle(error, view.get_exception_handler_context())


def _keep(claim: IdempotencyClaim, response: HttpResponse | None) -> None:
    if response is None or response.status_code in {409, 429} or response.status_code >= 500:
        IdempotencyClaim.objects.filter(pk=claim.pk, sealed=False).delete()
        IdempotencyClaim.objects.filter(pk=claim.pk).update(locked_until=None)
        return
    answer = dump(response.data) if isinstance(response, Response) else response.content
    IdempotencyClaim.objects.filter(pk=claim.pk).update(status=response.status_code, answer=answer, locked_until=None)
