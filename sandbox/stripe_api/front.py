"""The way in: authentication, form decoding, idempotency, faults, error answers."""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox import faults
from sandbox.context import Sandbox
from sandbox.specs import Violation
from sandbox.store import Json
from sandbox.stripe_api import (
    charges,
    checkout,
    customers,
    disputes,
    events,
    intents,
    links,
    payment_methods,
    refunds,
    setup_intents,
)
from sandbox.stripe_api.errors import StripeError, failure, invalid_param, invalid_request
from sandbox.stripe_api.forms import Form, parse
from sandbox.stripe_api.idempotency import IdempotencyKeys, Saved, fingerprint
from sandbox.stripe_api.objects import API_VERSION, Call, Operation, expanded, new_id, public

_OPERATIONS: tuple[tuple[str, str, Operation], ...] = (
    ("POST", "/v1/customers", customers.create),
    ("GET", "/v1/customers", customers.list_all),
    ("GET", "/v1/customers/{customer}", customers.retrieve),
    ("POST", "/v1/customers/{customer}", customers.update),
    ("POST", "/v1/payment_methods", payment_methods.create),
    ("GET", "/v1/payment_methods", payment_methods.list_all),
    ("GET", "/v1/payment_methods/{payment_method}", payment_methods.retrieve),
    ("POST", "/v1/payment_methods/{payment_method}/attach", payment_methods.attach_to_customer),
    ("POST", "/v1/payment_methods/{payment_method}/detach", payment_methods.detach),
    ("POST", "/v1/payment_intents", intents.create),
    ("GET", "/v1/payment_intents", intents.list_all),
    ("GET", "/v1/payment_intents/{intent}", intents.retrieve),
    ("POST", "/v1/payment_intents/{intent}", intents.update),
    ("POST", "/v1/payment_intents/{intent}/confirm", intents.confirm),
    ("POST", "/v1/payment_intents/{intent}/cancel", intents.cancel),
    ("POST", "/v1/setup_intents", setup_intents.create),
    ("GET", "/v1/setup_intents", setup_intents.list_all),
    ("GET", "/v1/setup_intents/{intent}", setup_intents.retrieve),
    ("POST", "/v1/setup_intents/{intent}/confirm", setup_intents.confirm),
    ("POST", "/v1/setup_intents/{intent}/cancel", setup_intents.cancel),
    ("GET", "/v1/charges", charges.list_all),
    ("GET", "/v1/charges/{charge}", charges.retrieve),
    ("POST", "/v1/refunds", refunds.create),
    ("GET", "/v1/refunds", refunds.list_all),
    ("GET", "/v1/refunds/{refund}", refunds.retrieve),
    ("GET", "/v1/disputes", disputes.list_all),
    ("GET", "/v1/disputes/{dispute}", disputes.retrieve),
    ("POST", "/v1/payment_links", links.create),
    ("GET", "/v1/payment_links", links.list_all),
    ("GET", "/v1/payment_links/{payment_link}", links.retrieve),
    ("POST", "/v1/payment_links/{payment_link}", links.update),
    ("GET", "/v1/payment_links/{payment_link}/line_items", links.line_items),
    ("GET", "/v1/checkout/sessions", checkout.list_all),
    ("GET", "/v1/checkout/sessions/{session}", checkout.retrieve),
    ("POST", "/v1/checkout/sessions/{session}/expire", checkout.expire),
    ("GET", "/v1/events", events.list_all),
    ("GET", "/v1/events/{event}", events.retrieve),
)

_RULE_CODES = {"additionalProperties": "parameter_unknown", "required": "parameter_missing"}


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    front = _Front(sandbox)
    known = [Route(path, front.endpoint(operation), methods=[method]) for method, path, operation in _OPERATIONS]
    unknown = Route("/v1/{rest:path}", front.endpoint(_unrecognized), methods=["GET", "POST", "DELETE"])
    return [*known, unknown]


def _unrecognized(call: Call, rest: str) -> Json:
    call.record("invalid_request", f"/v1/{rest}", message="not simulated")
    raise invalid_request(f"Unrecognized request URL: /v1/{rest}", status=404)


class _Front:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._keys = IdempotencyKeys(sandbox.store)

    def endpoint(self, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
        async def handle(request: Request) -> Response:
            request_id = new_id("req")
            try:
                return await self._handle(request, operation, request_id)
            except StripeError as error:
                return _response(error.status, json.dumps(public(error.body)), request_id)

        return handle

    async def _handle(self, request: Request, operation: Operation, request_id: str) -> Response:
        self._authenticate(request)
        text = request.url.query if request.method == "GET" else (await request.body()).decode("ascii", "replace")
        call = Call(
            sandbox=self._sandbox,
            form=Form(parse(text)),
            request_id=request_id,
            idempotency_key=request.headers.get("idempotency-key") if request.method == "POST" else None,
            base_url=f"{request.url.scheme}://{request.url.netloc}",
        )
        with self._keys.claim(call.idempotency_key):
            fault = self._sandbox.faults.take("stripe", request.method, request.url.path)
            response = await faults.answer(
                fault,
                request,
                effect=lambda: self._effect(request, operation, call),
                failure=lambda status: _response(status, json.dumps(failure(status)), request_id),
            )
            if fault and fault.fault == "status_500_after_effect" and call.idempotency_key:
                self._keys.replace_answer(call.idempotency_key, 500, bytes(response.body).decode())
            return response

    def _authenticate(self, request: Request) -> None:
        scheme, _, credential = request.headers.get("authorization", "").partition(" ")
        key = _basic_user(credential) if scheme.lower() == "basic" else credential
        expected = self._sandbox.settings.stripe_api_key
        if not key or (key != expected if expected else not key.startswith("sk_test_")):
            message = f"Invalid API key: {key[:8]}…" if key else "No API key was given."
            raise StripeError(401, saved=False, type="invalid_request_error", message=message)

    def _effect(self, request: Request, operation: Operation, call: Call) -> Response:
        """Runs the operation, or repeats its kept answer. A refusal is an answer too: what it wrote stays."""
        mark = fingerprint(request.method, request.url.path, call.form.values)
        key, request_id = call.idempotency_key, call.request_id or ""
        with self._sandbox.store.transaction():
            if key and (saved := self._keys.find(key, mark)):
                return _response(saved.status, saved.body, request_id, key=key, replayed_from=saved.request_id)
            keep = True
            try:
                self._check_against_spec(request, call)
                status, body = 200, expanded(call, operation(call, **request.path_params))
            except StripeError as error:
                status, body, keep = error.status, public(error.body), error.saved
            text = json.dumps(body, indent=2)
            if key and keep:
                self._keys.keep(key, mark, Saved(status, text, request_id))
            return _response(status, text, request_id, key=key)

    def _check_against_spec(self, request: Request, call: Call) -> None:
        try:
            self._sandbox.specs.check("stripe", request.method, request.url.path, call.form.values)
        except Violation as violation:
            call.record(
                "invalid_request",
                f"{request.method} {request.url.path}",
                param=violation.param,
                message=str(violation),
            )
            code = _RULE_CODES.get(violation.rule)
            raise invalid_param(str(violation), violation.param, code) from violation


def _basic_user(credential: str) -> str:
    try:
        return base64.b64decode(credential, validate=True).decode().partition(":")[0]
    except (binascii.Error, UnicodeDecodeError):
        return ""


def _response(
    status: int, text: str, request_id: str, *, key: str | None = None, replayed_from: str | None = None
) -> Response:
    headers = {"Request-Id": request_id, "Stripe-Version": API_VERSION}
    if key:
        headers["Idempotency-Key"] = key
    if replayed_from:
        headers |= {"Idempotent-Replayed": "true", "Original-Request": replayed_from}
    return Response(text, status, headers, media_type="application/json")
