"""What tests order of the carrier, under /_sandbox/twilio."""

from starlette.requests import Request
from starlette.routing import BaseRoute

from sandbox.context import Sandbox
from sandbox.control_routes import Refused, control_routes, field, read_order
from sandbox.store import Json
from sandbox.twilio_api import messages


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    async def set_status(request: Request) -> Json:
        """{"status": "delivered", "undelivered" or "failed", "error_code"?: Twilio's number}."""
        order = await read_order(request)
        status = field(order, "status", str)
        if status not in messages.FINAL:
            raise Refused("status must be delivered, undelivered or failed.")
        error_code = field(order, "error_code", int, 0) or None
        try:
            with sandbox.store.transaction():
                return messages.set_status(sandbox, request.path_params["id"], status, error_code)
        except messages.TwilioError as error:
            raise Refused(error.message, error.response()) from error

    return control_routes([("POST", "/twilio/messages/{id}/status", set_status)])
