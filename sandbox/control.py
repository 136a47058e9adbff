"""What tests read and order of the sandbox as a whole, under /_sandbox. A vendor's own stand beside its routes."""

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.routing import BaseRoute

from sandbox.context import Sandbox
from sandbox.control_routes import Refused, control_routes, field, read_order
from sandbox.store import Json


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    control = _Control(sandbox)
    return control_routes(
        [
            ("GET", "/health", control.health),
            ("GET", "/ledger", control.ledger),
            ("DELETE", "/ledger", control.reset),
            ("GET", "/faults", control.list_faults),
            ("POST", "/faults", control.add_fault),
            ("DELETE", "/faults", control.clear_faults),
            ("GET", "/webhooks", control.webhooks),
            ("POST", "/webhooks", control.set_webhooks),
            ("POST", "/webhooks/{number:int}/send", control.send_delivery),
        ]
    )


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

    async def list_faults(self, request: Request) -> Json:
        return {"faults": self._sandbox.faults.list()}

    async def add_fault(self, request: Request) -> Json:
        try:
            fault = self._sandbox.faults.add(await read_order(request))
        except ValueError as error:
            raise Refused(str(error)) from error
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
        order = await read_order(request)
        callbacks = self._sandbox.callbacks
        callbacks.enabled = field(order, "enabled", bool, callbacks.enabled)
        callbacks.public_url = field(order, "public_url", str, callbacks.public_url).rstrip("/")
        return {"enabled": callbacks.enabled, "public_url": callbacks.public_url}

    async def send_delivery(self, request: Request) -> Json:
        """Sends a delivery now, once more if it was sent before; answers it with the receiver's status."""
        number = request.path_params["number"]
        delivery = next((item for item in self._sandbox.callbacks.list() if item["id"] == number), None)
        if delivery is None or not delivery["url"]:
            raise Refused("There is no such delivery, or nobody to send it to.")
        return await run_in_threadpool(self._sandbox.callbacks.send_now, number)
