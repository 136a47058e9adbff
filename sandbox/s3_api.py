"""A bucket as R2 has it: one object a request, signed, without the checksums that newer SDKs add by themselves."""

import base64
import hashlib
from email.utils import formatdate
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from sandbox import faults
from sandbox.context import Sandbox

_MOST_BYTES = 16 * 1024 * 1024
_KIND = "r2_object"


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    async def handle(request: Request) -> Response:
        if int(request.headers.get("content-length") or 0) > _MOST_BYTES:
            return _error(request, 400, "EntityTooLarge", "Your proposed upload exceeds the maximum size.")
        body = await request.body()
        return await faults.answer(
            sandbox.faults.take("r2", request.method, request.url.path),
            request,
            effect=lambda: _answer(sandbox, request, body),
            failure=lambda status: _failure(request, status),
        )

    return [Route("/r2/{bucket}/{key:path}", handle, methods=["PUT", "GET", "HEAD", "DELETE"])]


def _answer(sandbox: Sandbox, request: Request, body: bytes) -> Response:
    key = sandbox.settings.r2_access_key_id
    signature = f"AWS4-HMAC-SHA256 Credential={key}{'/' if key else ''}"
    if not request.headers.get("authorization", "").startswith(signature):
        return _error(request, 403, "AccessDenied", "Access Denied")
    with sandbox.store.transaction():
        return _METHODS[request.method](sandbox, request, body)


def _put(sandbox: Sandbox, request: Request, body: bytes) -> Response:
    added = [name for name in request.headers if name.startswith("x-amz-checksum-") or name == "x-amz-trailer"]
    if added or "aws-chunked" in request.headers.get("content-encoding", ""):
        sandbox.ledger.record("r2", "invalid_request", _place(request), message=f"Checksums: {', '.join(added)}.")
        return _error(request, 501, "NotImplemented", "A header you provided implies functionality not implemented.")
    etag = f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"'
    kind = request.headers.get("content-type", "binary/octet-stream")
    document = {"body": base64.b64encode(body).decode(), "etag": etag, "type": kind, "time": formatdate(usegmt=True)}
    sandbox.store.put(_KIND, f"r2:{_place(request)}", document)
    sandbox.ledger.record("r2", "put", _place(request), bytes=len(body), content_type=kind)
    return Response(headers={"ETag": etag})


def _get(sandbox: Sandbox, request: Request, body: bytes) -> Response:
    found = sandbox.store.find(f"r2:{_place(request)}", _KIND)
    if found is None:
        return _error(request, 404, "NoSuchKey", "The specified key does not exist.")
    headers = {"ETag": found["etag"], "Last-Modified": found["time"], "Content-Type": found["type"]}
    # The server leaves the body of a HEAD's answer out, and keeps its length.
    return Response(base64.b64decode(found["body"]), headers=headers)


def _delete(sandbox: Sandbox, request: Request, body: bytes) -> Response:
    sandbox.store.execute("DELETE FROM objects WHERE id = ? AND kind = ?", (f"r2:{_place(request)}", _KIND))
    sandbox.ledger.record("r2", "delete", _place(request))
    return Response(status_code=204)


_METHODS = {"PUT": _put, "GET": _get, "HEAD": _get, "DELETE": _delete}


def _place(request: Request) -> str:
    return f"{request.path_params['bucket']}/{request.path_params['key']}"


def _failure(request: Request, status: int) -> Response:
    if status == 429:
        return _error(request, 429, "TooManyRequests", "Reduce your request rate.")
    return _error(request, status, "InternalError", "We encountered an internal error. Please try again.")


def _error(request: Request, status: int, code: str, message: str) -> Response:
    if request.method == "HEAD":
        return Response(status_code=status)
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f"<Error><Code>{code}</Code><Message>{escape(message)}</Message>"
        f"<Resource>{escape(_place(request))}</Resource></Error>"
    )
    return Response(body, status, media_type="application/xml")
