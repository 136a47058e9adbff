"""Answers of a language model by OpenAI, each in a shape of our own.

Asking has no effect that could be looked up later, so no failure here is `unknown` but the timeout that all
gateways share. What a model says is data: the caller checks it before anything acts on it.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, ValidationError

from lld.core.errors import GatewayError, GatewayTimeout
from lld.gateways.bulkhead import MODEL_CALLS
from lld.gateways.configuration import need, optional

# The SDK is imported by the functions that ask, since most processes never do: it takes almost a second, and
# tens of megabytes.

VENDOR = "OpenAI"
CONNECT_SECONDS = 3
DEADLINE_SECONDS = 15
PAUSE_SECONDS = 0.3
# Of text and of the thinking before it, which a reasoning model counts too.
MOST_TOKENS = 4000
MOST_BYTES = 256 * 1024

T = TypeVar("T", bound=BaseModel)


@dataclass(frozen=True)
class Turn:
    """Something said earlier in a conversation, or now."""

    role: Literal["user", "assistant"]
    text: str


class _Message(BaseModel):
    content: str | None = None
    refusal: str | None = None


class _Choice(BaseModel):
    message: _Message
    finish_reason: str | None = None


class _Completion(BaseModel):
    choices: list[_Choice]


def ask(answer: type[T], *, instructions: str, turns: Sequence[Turn], name: str, wait_seconds: float = 0) -> T:
    """What the model says to `turns` under our `instructions`, as an `answer` and nothing else.

    `name` is the shape's, of letters, digits, _ and -, for OpenAI. `wait_seconds` is for a worker, which may wait
    for a place. NotConfigured without a key; Overloaded when too many are asking; GatewayTimeout after 15 s, whatever
    the server does (a resolver of names that hangs comes on top); GatewayError for everything else, refusals and
    unusable answers included.
    """
    key = need("OPENAI_API_KEY")
    request = _request(answer, instructions, turns, name)
    with MODEL_CALLS.place(wait_seconds=wait_seconds):
        body = asyncio.run(_exchange(key, request))
    return _read(answer, body)


def _request(answer: type[BaseModel], instructions: str, turns: Sequence[Turn], name: str) -> dict[str, Any]:
    from openai.lib._pydantic import to_strict_json_schema

    shape = {"name": name, "strict": True, "schema": to_strict_json_schema(answer)}
    return {
        "model": need("OPENAI_MODEL"),
        "messages": [
            {"role": "system", "content": instructions},
            *({"role": turn.role, "content": turn.text} for turn in turns),
        ],
        "response_format": {"type": "json_schema", "json_schema": shape},
        "max_completion_tokens": MOST_TOKENS,
        "store": False,
    }


async def _exchange(key: str, request: dict[str, Any]) -> bytes:
    """The body of OpenAI's answer.

    Asynchronous for the deadline's sake: the timeouts of a blocking client count anew from each byte, and a
    server that sends one now and then would hold us for ever.
    """
    import httpx2
    import openai

    client = openai.AsyncOpenAI(
        api_key=key,
        base_url=optional("OPENAI_BASE_URL"),
        timeout=openai.Timeout(DEADLINE_SECONDS, connect=CONNECT_SECONDS),
        # The SDK would wait as long as a 429 asks for, with our place held.
        max_retries=0,
    )
    # Without their causes: those hold the key, and may quote what was said.
    try:
        async with asyncio.timeout(DEADLINE_SECONDS), client:
            try:
                return await _fetch(client, request)
            except openai.APIConnectionError as error:
                if isinstance(error, openai.APITimeoutError):
                    raise
            except openai.InternalServerError:
                pass
            await asyncio.sleep(PAUSE_SECONDS)
            return await _fetch(client, request)
    except (TimeoutError, openai.APITimeoutError, httpx2.TimeoutException):
        raise GatewayTimeout(VENDOR) from None
    except openai.APIStatusError as error:
        raise _refused(error.status_code, error.code or "") from None
    except (openai.APIError, httpx2.HTTPError):
        raise GatewayError(VENDOR, "The connection to OpenAI broke.") from None


async def _fetch(client: Any, request: dict[str, Any]) -> bytes:
    body = bytearray()
    async with client.chat.completions.with_streaming_response.create(**request) as response:
        async for piece in response.iter_bytes():
            body += piece
            if len(body) > MOST_BYTES:
                raise GatewayError(VENDOR, "OpenAI's answer is too long.")
    return bytes(body)


def _refused(status: int, code: str) -> GatewayError:
    return GatewayError(
        VENDOR,
        f"OpenAI refused the request ({status}).",
        # A key, an address or a model that OpenAI does not know is our mistake, and is mended.
        permanent=400 <= status < 500 and status not in {401, 403, 404, 408, 409, 429},
        vendor_code=code,
    )


def _read(answer: type[T], body: bytes) -> T:
    try:
        choices = _Completion.model_validate_json(body).choices
    except ValidationError:
        raise GatewayError(VENDOR, "OpenAI's answer cannot be read.") from None
    if not choices:
        raise GatewayError(VENDOR, "OpenAI answered nothing.")
    message, end = choices[0].message, choices[0].finish_reason
    if message.refusal or end == "content_filter":
        raise GatewayError(VENDOR, "The model declined to answer.", permanent=True)
    if end != "stop":
        raise GatewayError(VENDOR, "The model's answer is incomplete.")
    try:
        return answer.model_validate_json(message.content or "", strict=True, extra="forbid")
    except ValidationError:
        raise GatewayError(VENDOR, "The model's answer does not have the shape asked for.") from None
