"""The control API under /_sandbox: what tests read and order."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox import openai_api, twilio_api
from sandbox.context import Sandbox
from sandbox.store import Json
from sandbox.stripe_api import events, intents, links, refunds
from sandbox.stripe_api.errors import StripeError
from sandbox.stripe_api.objects import Call, public

_MISSING = object()


class _Refused(Exception):
    """An order that makes no sense; the text is for the person who wrote the test."""


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    control = _Control(sandbox)
    table: list[tuple[str, str, Callable[[Request], Awaitable[Any]]]] = [
        ("GET", "/health", control.health),
        ("GET", "/ledger", control.ledger),
        ("DELETE", "/ledger", control.reset),
        ("GET", "/mail", control.mail),
        ("GET", "/faults", control.list_faults),
        ("POST", "/faults", control.add_fault),
        ("DELETE", "/faults", control.clear_faults),
        ("GET", "/webhooks", control.webhooks),
        ("POST", "/webhooks", control.set_webhooks),
        ("POST", "/webhooks/{number:int}/send", control.send_delivery),
        ("POST", "/stripe/payment_intents/{id}/pay", control.pay_intent),
        ("POST", "/stripe/payment_intents/{id}/settle", control.settle_intent),
        ("POST", "/stripe/refunds/{id}/settle", control.settle_refund),
        ("POST", "/stripe/payment_links/{id}/pay", control.pay_link),
        ("POST", "/stripe/events/{id}/resend", control.resend_event),
        ("POST", "/twilio/messages/{id}/status", control.set_message_status),
        ("POST", "/openai/answers", control.queue_answer),
    ]
    return [Route(f"/_sandbox{path}", _json(handler), methods=[method]) for method, path, handler in table]


def _json(handler: Callable[[Request], Awaitable[Any]]) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        try:
            return JSONResponse(await handler(request))
        except _Refused as error:
            return JSONResponse({"error": {"message": str(error)}}, 400)
        except StripeError as error:
            return JSONResponse(public(error.body), error.status)
        except twilio_api.TwilioError as error:
            return error.response()

    return handle


class _Control:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def health(self, request: Request) -> Json:
        return {
            "status": "ok",
            "vendor_specs": bool(self._sandbox.specs),
            "smtp_port": self._sandbox.settings.smtp_port,
        }

    async def ledger(self, request: Request) -> Json:
        query = request.query_params
        return {"entries": self._sandbox.ledger.entries(query.get("vendor"), query.get("kind"))}

    async def reset(self, request: Request) -> Json:
        self._sandbox.reset()
        return {}

    async def mail(self, request: Request) -> Json:
        return {"mail": self._sandbox.store.newest("mail")}

    async def list_faults(self, request: Request) -> Json:
        return {"faults": self._sandbox.faults.list()}

    async def add_fault(self, request: Request) -> Json:
        try:
            fault = self._sandbox.faults.add(await _body(request))
        except ValueError as error:
            raise _Refused(str(error)) from error
        return {"id": fault.id}

    async def clear_faults(self, request: Request) -> Json:
        self._sandbox.faults.clear()
        return {}

    async def webhooks(self, request: Request) -> Json:
        callbacks = self._sandbox.callbacks
        return {
            "enabled": callbacks.enabled,
            "public_url": callbacks.public_url,
            "deliveries": callbacks.list(),
        }

    async def set_webhooks(self, request: Request) -> Json:
        """{"enabled"?: whether callbacks are sent, "public_url"?: base address of the product}."""
        order = await _body(request)
        callbacks = self._sandbox.callbacks
        callbacks.enabled = _field(order, "enabled", bool, callbacks.enabled)
        callbacks.public_url = _field(order, "public_url", str, callbacks.public_url).rstrip("/")
        return {"enabled": callbacks.enabled, "public_url": callbacks.public_url}

    async def send_delivery(self, request: Request) -> Json:
        """Sends a delivery now, once more if it was sent before; answers it with the receiver's status."""
        number = request.path_params["number"]
        delivery = next((item for item in self._sandbox.callbacks.list() if item["id"] == number), None)
        if delivery is None or not delivery["url"]:
            raise _Refused("There is no such delivery, or nobody to send it to.")
        return await run_in_threadpool(self._sandbox.callbacks.send_now, number)

    async def pay_intent(self, request: Request) -> Json:
        """{"payment_method"? = "pm_card_visa", "authenticated"? = true, "deliver"? = true}."""
        order = await _body(request)
        method = _field(order, "payment_method", str, "pm_card_visa")
        authenticates = _field(order, "authenticated", bool, True)
        return self._run(
            request,
            order,
            lambda call: intents.pay(call, request.path_params["id"], method, authenticates=authenticates),
        )

    async def settle_intent(self, request: Request) -> Json:
        """{"outcome": "succeeded" or "failed", "deliver"? = true}."""
        order = await _body(request)
        outcome = _outcome(order)

        def settle(call: Call) -> Json:
            intent = intents.settle(call, request.path_params["id"], outcome)
            links.payment_settled(call, intent)
            return intent

        return self._run(request, order, settle)

    async def settle_refund(self, request: Request) -> Json:
        """{"outcome": "succeeded" or "failed", "deliver"? = true}."""
        order = await _body(request)
        outcome = _outcome(order)
        return self._run(request, order, lambda call: refunds.settle(call, request.path_params["id"], outcome))

    async def pay_link(self, request: Request) -> Json:
        """{"payment_method"? = "pm_card_visa", "deliver"? = true}; answers the checkout session."""
        order = await _body(request)
        method = _field(order, "payment_method", str, "pm_card_visa")
        return self._run(request, order, lambda call: links.pay(call, request.path_params["id"], method))

    async def resend_event(self, request: Request) -> Json:
        """Sends the event once more, now, whatever the switch says; answers the delivery."""
        if not self._sandbox.callbacks.stripe_url:
            raise _Refused("PUBLIC_URL is not set, so there is nobody to send to.")
        call = Call(self._sandbox, deliver=False)
        number = events.queue(call, events.retrieve(call, request.path_params["id"]))
        return await run_in_threadpool(self._sandbox.callbacks.send_now, number)

    async def set_message_status(self, request: Request) -> Json:
        """{"status": "delivered", "undelivered" or "failed", "error_code"?: Twilio's number}."""
        order = await _body(request)
        status = _field(order, "status", str)
        if status not in ("delivered", "undelivered", "failed"):
            raise _Refused("status must be delivered, undelivered or failed.")
        error_code = _field(order, "error_code", int, 0) or None
        with self._sandbox.store.transaction():
            return twilio_api.set_status(self._sandbox, request.path_params["id"], status, error_code)

    async def queue_answer(self, request: Request) -> Json:
        """What the model says to the next call that has no earlier answer waiting; see `openai_api.queue`."""
        try:
            openai_api.queue(self._sandbox, await _body(request))
        except ValueError as error:
            raise _Refused(str(error)) from error
        return {"waiting": len(self._sandbox.answers)}

    def _run(self, request: Request, order: Json, step: Callable[[Call], Json]) -> Json:
        """One step of the customer or the bank. A decline is an outcome: what it wrote stays."""
        call = Call(
            sandbox=self._sandbox,
            base_url=f"{request.url.scheme}://{request.url.netloc}",
            deliver=_field(order, "deliver", bool, True),
        )
        refusal = None
        with self._sandbox.store.transaction():
            try:
                result: Json = public(step(call))
            except StripeError as error:
                refusal = error
        if refusal:
            raise refusal
        return result


async def _body(request: Request) -> Json:
    text = await request.body()
    try:
        order = json.loads(text) if text else {}
    except ValueError as error:
        raise _Refused(f"The body is not JSON: {error}.") from error
    if not isinstance(order, dict):
        raise _Refused("The body is not an object.")
    return order


def _field(order: Json, name: str, kind: type, default: Any = _MISSING) -> Any:
    value = order.get(name, default)
    if value is _MISSING:
        raise _Refused(f"{name} is missing.")
    if not isinstance(value, kind):
        raise _Refused(f"{name} must be of type {kind.__name__}.")
    return value


def _outcome(order: Json) -> str:
    outcome: str = _field(order, "outcome", str)
    if outcome not in ("succeeded", "failed"):
        raise _Refused("outcome must be succeeded or failed.")
    return outcome
