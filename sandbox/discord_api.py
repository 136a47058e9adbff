"""Discord's webhooks: posting a message to a channel."""

import json
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox import faults
from sandbox.context import Sandbox
from sandbox.specs import Violation
from sandbox.store import Json

_MAX_CONTENT = 2000
_MAX_EMBEDS = 10
_DISCORD_EPOCH_MS = 1_420_070_400_000


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    async def execute(request: Request) -> Response:
        try:
            payload = json.loads(await request.body())
        except ValueError:
            return JSONResponse({"message": "The request body contains invalid JSON.", "code": 50109}, 400)
        return await faults.answer(
            sandbox.faults.take("discord", request.method, request.url.path),
            request,
            effect=lambda: _post(sandbox, request, payload),
            failure=_failure,
        )

    return [Route("/discord/api/webhooks/{webhook}/{token}", execute, methods=["POST"])]


def _post(sandbox: Sandbox, request: Request, payload: Any) -> Response:
    webhook, token = request.path_params["webhook"], request.path_params["token"]
    try:
        sandbox.specs.check("discord", "POST", f"/webhooks/{webhook}/{token}", payload, form=False)
    except Violation as violation:
        sandbox.ledger.record(
            "discord", "invalid_request", "POST webhook", param=violation.param, message=str(violation)
        )
        return _invalid_form(violation.param or "content", "BASE_TYPE_BAD", str(violation))
    if not isinstance(payload, dict):
        return _invalid_form("content", "BASE_TYPE_BAD", "The body is an object.")
    content, embeds = payload.get("content") or "", payload.get("embeds") or []
    if not content and not embeds:
        return JSONResponse({"message": "Cannot send an empty message", "code": 50006}, 400)
    if not isinstance(content, str) or len(content) > _MAX_CONTENT:
        return _invalid_form("content", "BASE_TYPE_MAX_LENGTH", f"Text of at most {_MAX_CONTENT} characters.")
    if not isinstance(embeds, list) or len(embeds) > _MAX_EMBEDS:
        return _invalid_form("embeds", "BASE_TYPE_MAX_LENGTH", f"A list of at most {_MAX_EMBEDS} embeds.")
    post: Json = {
        "id": str((time.time_ns() // 1_000_000 - _DISCORD_EPOCH_MS) << 22 | time.time_ns() % (1 << 22)),
        "type": 0,
        "content": content,
        "channel_id": webhook,
        "webhook_id": webhook,
        "embeds": embeds,
        "attachments": [],
        "mentions": [],
        "author": {"id": webhook, "username": payload.get("username") or "sandbox", "bot": True},
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime()),
    }
    with sandbox.store.transaction():
        sandbox.store.put("post", post["id"], post)
        sandbox.ledger.record("discord", "post", post["id"], content=content, embeds=embeds)
    if request.query_params.get("wait") == "true":
        return JSONResponse(post)
    return Response(status_code=204)


def _invalid_form(field: str, code: str, message: str) -> Response:
    errors = {field: {"_errors": [{"code": code, "message": message}]}}
    return JSONResponse({"message": "Invalid Form Body", "code": 50035, "errors": errors}, 400)


def _failure(status: int) -> Response:
    if status == 429:
        body = {"message": "You are being rate limited.", "retry_after": 0.2, "global": False}
        return JSONResponse(body, 429, {"Retry-After": "1", "X-RateLimit-Remaining": "0"})
    return JSONResponse({"message": "Internal Server Error", "code": 0}, status)
