"""What tests order of Stripe's customers and banks, under /_sandbox/stripe."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute

from sandbox.context import Sandbox
from sandbox.control_routes import Refused, control_routes, field, read_order
from sandbox.store import Json
from sandbox.stripe_api import checkout, disputes, events, intents, refunds
from sandbox.stripe_api.errors import StripeError
from sandbox.stripe_api.objects import Call, public

_SETTLEMENTS = ("succeeded", "failed")


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    control = _Control(sandbox)
    return control_routes(
        [
            ("POST", "/stripe/payment_intents/{id}/pay", control.pay_intent),
            ("POST", "/stripe/payment_intents/{id}/settle", control.settle_intent),
            ("POST", "/stripe/payment_intents/{id}/refund", control.refund_intent),
            ("POST", "/stripe/payment_intents/{id}/dispute", control.dispute_intent),
            ("POST", "/stripe/refunds/{id}/settle", control.settle_refund),
            ("POST", "/stripe/disputes/{id}/contest", control.contest_dispute),
            ("POST", "/stripe/disputes/{id}/close", control.close_dispute),
            ("POST", "/stripe/payment_links/{id}/open", control.open_link),
            ("POST", "/stripe/payment_links/{id}/pay", control.pay_link),
            ("POST", "/stripe/checkout/sessions/{id}/pay", control.pay_session),
            ("GET", "/stripe/objects", control.list_objects),
            ("POST", "/stripe/events", control.make_event),
            ("POST", "/stripe/events/{id}/resend", control.resend_event),
        ]
    )


class _Control:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def pay_intent(self, request: Request) -> Json:
        """{"payment_method"? = "pm_card_visa", "authenticated"? = true, "microdeposits"? = false: a bank account that
        has yet to be verified, and pays when it is paid with again, "deliver"? = true}."""
        order = await read_order(request)
        method = field(order, "payment_method", str, "pm_card_visa")
        how = {
            "authenticates": field(order, "authenticated", bool, True),
            "microdeposits": field(order, "microdeposits", bool, False),
        }
        return self._run(request, order, lambda call: intents.pay(call, request.path_params["id"], method, **how))

    async def settle_intent(self, request: Request) -> Json:
        """{"outcome": "succeeded" or "failed", "deliver"? = true}."""
        order = await read_order(request)
        outcome = _choice(order, "outcome", _SETTLEMENTS)

        def settle(call: Call) -> Json:
            intent = intents.settle(call, request.path_params["id"], outcome)
            checkout.payment_settled(call, intent)
            return intent

        return self._run(request, order, settle)

    async def refund_intent(self, request: Request) -> Json:
        """{"amount"? = all that is left, in cents, "deliver"? = true}; answers the refund."""
        order = await read_order(request)
        amount = _amount(order)
        return self._run(
            request, order, lambda call: refunds.create_in_dashboard(call, request.path_params["id"], amount)
        )

    async def dispute_intent(self, request: Request) -> Json:
        """{"amount"? = what was not refunded, in cents, "reason"? = "fraudulent", "status"? = "needs_response" or
        "lost" (as the payment method has it), "deliver"? = true}; answers the dispute."""
        order = await read_order(request)
        amount = _amount(order)
        reason = _choice({"reason": "fraudulent", **order}, "reason", disputes.REASONS)
        status = _choice(order, "status", ("needs_response", "lost")) if "status" in order else None
        return self._run(
            request,
            order,
            lambda call: disputes.create(
                call, request.path_params["id"], amount=amount, reason=reason, status=status
            ),
        )

    async def contest_dispute(self, request: Request) -> Json:
        """{"deliver"? = true}; evidence goes to the bank, and the dispute is under review."""
        order = await read_order(request)
        return self._run(request, order, lambda call: disputes.submit_evidence(call, request.path_params["id"]))

    async def close_dispute(self, request: Request) -> Json:
        """{"outcome": "won" or "lost", "deliver"? = true}."""
        order = await read_order(request)
        outcome = _choice(order, "outcome", ("won", "lost"))
        return self._run(request, order, lambda call: disputes.close(call, request.path_params["id"], outcome))

    async def settle_refund(self, request: Request) -> Json:
        """{"outcome": "succeeded" or "failed", "deliver"? = true}."""
        order = await read_order(request)
        outcome = _choice(order, "outcome", _SETTLEMENTS)
        return self._run(request, order, lambda call: refunds.settle(call, request.path_params["id"], outcome))

    async def pay_link(self, request: Request) -> Json:
        """{"payment_method"? = "pm_card_visa", "deliver"? = true}; answers the checkout session."""
        order = await read_order(request)
        method = field(order, "payment_method", str, "pm_card_visa")
        return self._run(request, order, lambda call: checkout.pay_link(call, request.path_params["id"], method))

    async def open_link(self, request: Request) -> Json:
        """Answers the checkout session, which is open and not yet paid."""
        order = await read_order(request)
        return self._run(request, order, lambda call: checkout.open_link(call, request.path_params["id"]))

    async def pay_session(self, request: Request) -> Json:
        """{"payment_method"? = "pm_card_visa", "deliver"? = true}; answers the checkout session."""
        order = await read_order(request)
        method = field(order, "payment_method", str, "pm_card_visa")
        return self._run(request, order, lambda call: checkout.pay(call, request.path_params["id"], method))

    async def list_objects(self, request: Request) -> Json:
        """?kind=payment_intent&after=0: all of a kind that were made after the one of this number, as they are now,
        oldest first. `last` is the number to go on from."""
        kind, after = request.query_params.get("kind", ""), request.query_params.get("after", "0")
        if not after.isdecimal():
            raise Refused("after must be a number.")
        made = self._sandbox.store.made_after(kind, int(after))
        return {"objects": [public(document) for _, document in made], "last": made[-1][0] if made else int(after)}

    async def make_event(self, request: Request) -> Json:
        """{"type": the event's kind, "object": what it tells of, "deliver"? = true}; answers the event."""
        order = await read_order(request)
        kind, resource = field(order, "type", str), field(order, "object", dict)
        return self._run(request, order, lambda call: events.emit(call, kind, resource))

    async def resend_event(self, request: Request) -> Json:
        """Sends the event once more, now, whatever the switch says; answers the delivery."""
        if not events.webhook_url(self._sandbox):
            raise Refused("PUBLIC_URL is not set, so there is nobody to send to.")
        event = self._run(request, {}, lambda call: events.retrieve(call, request.path_params["id"]))
        number = events.queue(Call(self._sandbox, deliver=False), event)
        return await run_in_threadpool(self._sandbox.callbacks.send_now, number)

    def _run(self, request: Request, order: Json, step: Callable[[Call], Json]) -> Json:
        """One step of the customer or the bank. A decline is an outcome: what it wrote stays. Raises Refused."""
        call = Call(
            sandbox=self._sandbox,
            base_url=f"{request.url.scheme}://{request.url.netloc}",
            deliver=field(order, "deliver", bool, True),
        )
        refusal = None
        with self._sandbox.store.transaction():
            try:
                result: Json = public(step(call))
            except StripeError as error:
                refusal = error
        if refusal:
            raise Refused(str(refusal), JSONResponse(public(refusal.body), refusal.status))
        return result


def _amount(order: Json) -> int | None:
    return None if order.get("amount") is None else field(order, "amount", int)


def _choice(order: Json, name: str, allowed: tuple[str, ...]) -> str:
    value: str = field(order, name, str)
    if value not in allowed:
        raise Refused(f"{name} must be {', '.join(allowed[:-1])} or {allowed[-1]}.")
    return value
