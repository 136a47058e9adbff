"""What tests have the model say, under /_sandbox/openai."""

import secrets

from starlette.requests import Request
from starlette.routing import BaseRoute

from sandbox.context import Sandbox
from sandbox.control_routes import Refused, control_routes, read_order
from sandbox.store import Json

_KIND = "model_answer"
_FIELDS: dict[str, tuple[type, ...]] = {
    "content": (str, type(None)),
    "finish_reason": (str,),
    "refusal": (str,),
    "choices": (int,),
    "body": (str,),
}


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    async def queue_answer(request: Request) -> Json:
        """What the model says to the next call that has no earlier answer waiting.

        {"content": text or null, "finish_reason"? = "stop", "refusal"?, "choices"?: 0 for none, "body"?: the whole
        answer's text instead}.
        """
        order = await read_order(request)
        for name, value in order.items():
            if name not in _FIELDS:
                raise Refused(f"Unknown field: {name}.")
            if not isinstance(value, _FIELDS[name]):
                raise Refused(f"{name} is of the wrong type.")
        sandbox.store.put(_KIND, f"answer_{secrets.token_hex(12)}", order)
        return {"waiting": len(sandbox.store.newest(_KIND))}

    return control_routes([("POST", "/openai/answers", queue_answer)])


def take_answer(sandbox: Sandbox) -> Json | None:
    """The order of the answer that waits longest, which then waits no more."""
    return sandbox.store.take_oldest(_KIND)
