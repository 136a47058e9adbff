"""Idempotency-Key: the answer to a request is kept, and replayed to who repeats it.

Refusals are forgotten: the caller may try again, with a corrected body too.
"""

import functools
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from django.core.files import File
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
            return _replay(view, claim)
        try:
            with idempotency.carrying_out(claim):
                response = handler(view, request, *args, **kwargs)
        except Exception as error:
            _keep(view, claim, _refusal(view, error))
            raise
        _keep(view, claim, response)
        return response

    wrapped.idempotent = True  # type: ignore[attr-defined]  # read by the OpenAPI schema
    return wrapped


def _claim(view: ApiView, request: Request, key: str) -> IdempotencyClaim:
    actor = view.actor
    caller = f"{actor.kind}:{actor.id}" if actor.id else f"guest:{view.client_address}"
    route = f"{request.method} {request.path}"[:300]
    fingerprint = hashlib.sha256(dump(_comparable(request.data))).hexdigest()
    return idempotency.claim_key(caller=caller, key=key, route=route, fingerprint=fingerprint)


def _comparable(value: Any) -> Any:
    """A body with its files as what is in them, and the fields of each object in one order."""
    if isinstance(value, Mapping):
        return {name: _comparable(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_comparable(item) for item in value]
    return _digest(value) if isinstance(value, File) else value


def _digest(file: File) -> str:  # type: ignore[type-arg]  # not generic at run time
    digest = hashlib.sha256()
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()


def _replay(view: ApiView, claim: IdempotencyClaim) -> HttpResponse:
    answer = bytes(claim.answer or b"")
    if view.secrets:
        answer = dump(view.with_secrets(orjson.loads(answer)))
    response = HttpResponse(answer, status=claim.status, content_type="application/json")
    response["Idempotent-Replayed"] = "true"
    return response


def _refusal(view: ApiView, error: Exception) -> HttpResponse | None:
    return handle(error, view.get_exception_handler_context())


def _keep(view: ApiView, claim: IdempotencyClaim, response: HttpResponse | None) -> None:
    if response is None or response.status_code >= 400:
        idempotency.give_up_claim(claim)
        return
    if isinstance(response, Response):
        kept = response.data
        if view.secrets:
            kept = {name: value for name, value in kept.items() if name not in view.secrets}
        answer = dump(kept)
    else:
        answer = response.content
    idempotency.keep_answer(claim, status=response.status_code, answer=answer)
