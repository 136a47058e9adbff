"""What all of the control API under /_sandbox is made of: its addresses, the orders it takes and their refusal."""

import json
from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.store import Json

Handler = Callable[[Request], Awaitable[Json]]
_MISSING = object()


class Refused(Exception):
    """An order that is not carried out.

    It is answered with 400 and a text for the person who wrote the test, or with the vendor's own `answer`.
    """

    def __init__(self, message: str, answer: Response | None = None) -> None:
        super().__init__(message)
        self.answer = answer or JSONResponse({"error": {"message": message}}, 400)


def control_routes(table: Iterable[tuple[str, str, Handler]]) -> list[BaseRoute]:
    """`table`: method, path below /_sandbox, and the handler, which returns the answer's object or raises Refused."""
    return [Route(f"/_sandbox{path}", _answering(handler), methods=[method]) for method, path, handler in table]


async def read_order(request: Request) -> Json:
    """The object in the body; an empty one without a body. Raises Refused."""
    text = await request.body()
    try:
        order = json.loads(text) if text else {}
    except ValueError as error:
        raise Refused(f"The body is not JSON: {error}.") from error
    if not isinstance(order, dict):
        raise Refused("The body is not an object.")
    return order


def field(order: Json, name: str, kind: type, default: Any = _MISSING) -> Any:
    """The value of type `kind`; `default`, if there is one, where it is missing. Raises Refused."""
    value = order.get(name, default)
    if value is _MISSING:
        raise Refused(f"{name} is missing.")
    if not isinstance(value, kind):
        raise Refused(f"{name} must be of type {kind.__name__}.")
    return value


def _answering(handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        try:
            return JSONResponse(await handler(request))
        except Refused as refusal:
            return refusal.answer

    return handle
