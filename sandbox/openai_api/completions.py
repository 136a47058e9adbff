"""Chat completions: answers that fit the schema asked for, made from it, or queued by a test."""

import json
import secrets
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox import faults
from sandbox.context import Sandbox
from sandbox.openai_api.control import take_answer
from sandbox.openai_api.made_answers import SENTENCE, looseness, made
from sandbox.specs import Violation
from sandbox.store import Json

_MODELS = ("gpt-5-mini", "gpt-5")
_KEPT_LETTERS = 4000


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    async def complete(request: Request) -> Response:
        if not _is_known(sandbox, request):
            return _error(401, "Incorrect API key provided.", code="invalid_api_key")
        try:
            asked = json.loads(await request.body())
        except ValueError:
            return _error(400, "We could not parse the JSON body of your request.")
        return await faults.answer(
            sandbox.faults.take("openai", request.method, request.url.path),
            request,
            effect=lambda: _complete(sandbox, asked),
            failure=_failure,
        )

    async def models(request: Request) -> Response:
        if not _is_known(sandbox, request):
            return _error(401, "Incorrect API key provided.", code="invalid_api_key")
        listed = [{"id": name, "object": "model", "created": 0, "owned_by": "openai"} for name in _MODELS]
        return JSONResponse({"object": "list", "data": listed})

    return [
        Route("/openai/v1/chat/completions", complete, methods=["POST"]),
        Route("/openai/v1/models", models, methods=["GET"]),
    ]


def _complete(sandbox: Sandbox, asked: Any) -> Response:
    try:
        sandbox.specs.check("openai", "POST", "/chat/completions", asked, form=False)
    except Violation as violation:
        return _invalid(sandbox, violation.param, str(violation))
    if not isinstance(asked, dict) or not asked.get("model") or not asked.get("messages"):
        return _invalid(sandbox, "messages", "A model and messages are required.")
    shape = (asked.get("response_format") or {}).get("json_schema") or {}
    if shape.get("strict") and (problem := looseness(shape.get("schema", {}))):
        return _invalid(sandbox, "response_format", f"Invalid schema for response_format: {problem}")
    messages = [{"role": message["role"], "text": _text(message)} for message in asked["messages"]]
    order = take_answer(sandbox)
    if order is None:
        order = _own_answer(shape, messages)
    completion = _completion(asked["model"], messages, order)
    with sandbox.store.transaction():
        sandbox.ledger.record(
            "openai",
            "chat_completion",
            completion["id"],
            model=asked["model"],
            messages=[{**message, "text": message["text"][:_KEPT_LETTERS]} for message in messages],
            options={name: value for name, value in asked.items() if name not in {"model", "messages"}},
            answer=str(order.get("content") or order.get("refusal") or order.get("body") or "")[:_KEPT_LETTERS],
        )
    return Response(order.get("body") or json.dumps(completion), media_type="application/json")


def _own_answer(shape: Json, messages: list[Json]) -> Json:
    if "schema" not in shape:
        return {"content": SENTENCE}
    return {"content": json.dumps(made(shape["schema"], [message["text"] for message in messages]))}


def _completion(model: str, messages: list[Json], order: Json) -> Json:
    content, refusal = order.get("content"), order.get("refusal")
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": content, "refusal": refusal, "annotations": []},
        "logprobs": None,
        "finish_reason": order.get("finish_reason", "stop"),
    }
    read, written = sum(len(message["text"]) for message in messages) // 4, len(content or refusal or "") // 4
    return {
        "id": f"chatcmpl-{secrets.token_hex(12)}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": model,
        "choices": [choice] if order.get("choices", 1) else [],
        "usage": {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written},
        "service_tier": "default",
        "system_fingerprint": "fp_sandbox",
    }


def _text(message: Json) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "\n".join(part.get("text", "") for part in content)


def _is_known(sandbox: Sandbox, request: Request) -> bool:
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    return scheme == "Bearer" and key != "" and sandbox.settings.openai_api_key in ("", key)


def _invalid(sandbox: Sandbox, param: str, message: str) -> Response:
    sandbox.ledger.record("openai", "invalid_request", "POST /chat/completions", param=param, message=message)
    return _error(400, message, param=param)


def _failure(status: int) -> Response:
    if status == 429:
        return _error(429, "Rate limit reached.", kind="requests", code="rate_limit_exceeded")
    return _error(status, "The server had an error while processing your request.", kind="server_error")


def _error(
    status: int,
    message: str,
    *,
    kind: str = "invalid_request_error",
    param: str | None = None,
    code: str | None = None,
) -> Response:
    return JSONResponse({"error": {"message": message, "type": kind, "param": param, "code": code}}, status)
