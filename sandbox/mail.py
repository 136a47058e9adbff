"""The mail server: takes every message, shows it to tests, and sends none on."""

import asyncio
import re
import secrets
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session
from starlette.requests import Request
from starlette.routing import BaseRoute

from sandbox.context import Sandbox
from sandbox.control_routes import control_routes
from sandbox.faults import Fault
from sandbox.store import Json

_MAX_BYTES = 25_000_000


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    async def list_mail(request: Request) -> Json:
        return {"mail": sandbox.store.newest("mail")}

    return control_routes([("GET", "/mail", list_mail)])


class Mailbox:
    """Handler of the SMTP protocol for one sandbox."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def protocol(self) -> SMTP:
        return SMTP(
            self,
            enable_SMTPUTF8=True,
            data_size_limit=_MAX_BYTES,
            ident="sandbox",
            auth_require_tls=False,
            authenticator=_accept,
        )

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        fault = self._fault(envelope)
        kind = fault.fault if fault else None
        if kind == "reject_451":
            return "451 Requested action aborted: try again later"
        if kind == "reject_550":
            return "550 Mailbox unavailable"
        if fault and kind in ("delay", "hang"):
            await asyncio.sleep(fault.seconds)
        if kind == "hang":
            _abort(server)
            return "451 Timed out"
        self._store(envelope)
        if kind == "drop_after_data":
            _abort(server)
        return "250 OK"

    def _fault(self, envelope: Envelope) -> Fault | None:
        """A fault's path is matched against the recipients, joined by commas."""
        return self._sandbox.faults.take("smtp", "DATA", ",".join(envelope.rcpt_tos))

    def _store(self, envelope: Envelope) -> None:
        raw = envelope.original_content or b""
        mail = parsed(raw)
        mail.update(
            {
                "id": f"mail_{secrets.token_hex(12)}",
                "time": datetime.now(UTC).isoformat(),
                "sender": envelope.mail_from,
                "recipients": list(envelope.rcpt_tos),
            }
        )
        with self._sandbox.store.transaction():
            self._sandbox.store.put("mail", mail["id"], mail)
            self._sandbox.ledger.record(
                "smtp",
                "mail",
                mail["id"],
                sender=mail["sender"],
                recipients=mail["recipients"],
                subject=mail["subject"],
                message_id=mail["message_id"],
            )


def parsed(raw: bytes) -> Json:
    """{"subject", "from", "to", "message_id", "headers": [[name, value]], "text", "html", "attachments"}."""
    message = message_from_bytes(raw)
    headers = [[name, _decoded(value)] for name, value in message.items()]
    first = {name.lower(): value for name, value in reversed(headers)}
    mail: Json = {
        "subject": first.get("subject", ""),
        "from": first.get("from", ""),
        "to": first.get("to", ""),
        "message_id": first.get("message-id", ""),
        "headers": headers,
        "text": None,
        "html": None,
        "attachments": [],
    }
    bodies = {"text/plain": "text", "text/html": "html"}
    for part in message.walk():
        if part.is_multipart():
            continue
        payload = part.get_payload(decode=True)
        content = payload if isinstance(payload, bytes) else b""
        kind, name = part.get_content_type(), part.get_filename()
        body = bodies.get(kind)
        if body and mail[body] is None and name is None:
            mail[body] = _text(content, part.get_param("charset"))
        else:
            mail["attachments"].append({"name": name or "", "type": kind, "bytes": len(content)})
    return mail


def _decoded(value: object) -> str:
    """A header's text, unfolded; as it is where its encoding is broken."""
    text = re.sub(r"\r?\n", "", str(value)).strip()
    try:
        return str(make_header(decode_header(text)))
    except (MessageError, LookupError, ValueError):
        return text


def _text(content: bytes, charset: object) -> str:
    try:
        text = content.decode(str(charset or "utf-8"), "replace")
    except (LookupError, ValueError):  # a charset that does not exist
        text = content.decode("utf-8", "replace")
    return re.sub(r"\r\n?", "\n", text)


def _abort(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.Transport):
        server.transport.abort()


def _accept(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
    """Any name and password: which ones are right is not the sandbox's business."""
    return AuthResult(success=True)
