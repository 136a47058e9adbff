"""Idempotency-Key: the answer to a request is kept, and replayed to who repeats it.

Answers 409, 429 and 5xx are forgotten: the caller may try again.
"""

import functools
import hashlib
from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request
from rest_framework.response import Response

from lld.core import idempotency
from lld.core.api.exceptions import handle
from lld.core.api.json import dump
from lld.core.api.views import ApiView
from lld.core.errors import InvalidInput
from lld.core.models import IdempotencyClaim

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
        claim = _claim(view, request, key)
        if claim.status is not None:
            return _replay(claim)
        try:
            with idempotency.carrying_out(claim):
                response = handler(view, request, *args, **kwargs)
        except Exception as error:
            _keep(claim, _refusal(view, error))
            raise
        _keep(claim, response)
        return response

    wrapped.idempotent = True  # type: ignore[attr-defined]  # read by the OpenAPI schema
    return wrapped


def _claim(view: ApiView, request: Request, key: str) -> IdempotencyClaim:
    actor = view.actor
    caller = f"{actor.kind}:{actor.id}" if actor.id else f"guest:{view.client_address}"
    route = f"{request.method} {request.path}"[:300]
    fingerprint = hashlib.sha256(dump(request.data)).hexdigest()
    return idempotency.claim_key(caller=caller, key=key, route=route, fingerprint=fingerprint)


def _replay(claim: IdempotencyClaim) -> HttpResponse:
    response = HttpResponse(bytes(claim.answer or b""), status=claim.status, content_type="application/json")
    response["Idempotent-Replayed"] = "true"
    return response


def _refusal(view: ApiView, error: Exception) -> HttpResponse | None:
    return handle(error, view.get_exception_handler_context())


def _keep(claim: IdempotencyClaim, response: HttpResponse | None) -> None:
    if response is None or response.status_code in {409, 429} or response.status_code >= 500:
        idempotency.give_up_claim(claim)
        return
    answer = dump(response.data) if isinstance(response, Response) else response.content
    idempotency.keep_answer(claim, status=response.status_code, answer=answer)
