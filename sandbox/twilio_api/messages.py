"""Messages: sent, read, reported on by status callbacks."""

import base64
import binascii
import hashlib
import hmac
import math
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox import faults
from sandbox.context import Sandbox
from sandbox.specs import Violation
from sandbox.store import Json

_MESSAGES = "/2010-04-01/Accounts/{account}/Messages.json"
_MESSAGE = "/2010-04-01/Accounts/{account}/Messages/{sid}.json"
_E164 = re.compile(r"\+[1-9]\d{6,14}\Z", re.ASCII)
_SENT_AFTER, _DELIVERED_AFTER = 0.2, 0.5  # seconds
_MAX_BODY = 1600

# The numbers that Twilio's test credentials react to.
_MAGIC_TO = {
    "+15005550001": (21211, "The 'To' number is not a valid phone number."),
    "+15005550002": (21612, "There is no route to the 'To' number."),
    "+15005550003": (21408, "Sending to the region of the 'To' number is not permitted."),
    "+15005550004": (21610, "The recipient has unsubscribed."),
    "+15005550009": (21614, "The 'To' number cannot receive SMS."),
}
_MAGIC_FROM = {
    "+15005550001": (21212, "The 'From' number is not a valid phone number."),
    "+15005550007": (21606, "The 'From' number is not owned by the account or cannot send SMS."),
    "+15005550008": (21611, "The queue of the 'From' number is full."),
}
FINAL = ("delivered", "undelivered", "failed")


@dataclass
class TwilioError(Exception):
    status: int
    code: int
    message: str

    def response(self) -> Response:
        body = {
            "code": self.code,
            "message": self.message,
            "more_info": f"https://www.twilio.com/docs/errors/{self.code}",
            "status": self.status,
        }
        return JSONResponse(body, self.status)


def routes(sandbox: Sandbox) -> list[BaseRoute]:
    async def handle(request: Request, operation: Callable[[dict[str, str]], Json], status: int) -> Response:
        try:
            _authenticate(sandbox, request)
        except TwilioError as error:
            return error.response()
        form = dict(parse_qsl((await request.body()).decode("ascii", "replace"), keep_blank_values=True))

        def effect() -> Response:
            with sandbox.store.transaction():
                try:
                    return JSONResponse(public(operation(form)), status)
                except TwilioError as error:
                    return error.response()

        return await faults.answer(
            sandbox.faults.take("twilio", request.method, request.url.path),
            request,
            effect=effect,
            failure=lambda code: TwilioError(code, 20429 if code == 429 else 20500, "Injected fault.").response(),
        )

    async def create(request: Request) -> Response:
        account = request.path_params["account"]
        return await handle(request, lambda form: send(sandbox, account, request.url.path, form), 201)

    async def retrieve(request: Request) -> Response:
        return await handle(request, lambda _: _find(sandbox, request.path_params["sid"]), 200)

    return [Route(_MESSAGES, create, methods=["POST"]), Route(_MESSAGE, retrieve, methods=["GET"])]


def send(sandbox: Sandbox, account: str, path: str, form: dict[str, str]) -> Json:
    """Accepts a message and queues its status callbacks. Raises TwilioError."""
    try:
        sandbox.specs.check("twilio", "POST", path, form)
    except Violation as violation:
        sandbox.ledger.record(
            "twilio", "invalid_request", f"POST {path}", param=violation.param, message=str(violation)
        )
        raise TwilioError(400, 20001, f"{violation.param}: {violation}") from violation
    recipient, sender = form.get("To", ""), form.get("From", "")
    _check(form, recipient, sender)
    # Random enough and of the form Twilio's own ids have.
    sid = "SM" + hashlib.sha256(f"{time.time_ns()}{recipient}".encode()).hexdigest()[:32]
    message: Json = {
        "sid": sid,
        "account_sid": account,
        "api_version": "2010-04-01",
        "body": form.get("Body", ""),
        "date_created": formatdate(),
        "date_sent": None,
        "date_updated": formatdate(),
        "direction": "outbound-api",
        "error_code": None,
        "error_message": None,
        "from": sender or None,
        "messaging_service_sid": form.get("MessagingServiceSid") or None,
        "num_media": "0",
        "num_segments": str(_segments(form.get("Body", ""))),
        "price": None,
        "price_unit": "USD",
        "status": "queued",
        "subresource_uris": {},
        "to": recipient,
        "uri": _MESSAGE.format(account=account, sid=sid),
        "_created": time.time(),
        "_callback": form.get("StatusCallback", ""),
    }
    sandbox.store.put("message", sid, message)
    sandbox.ledger.record("twilio", "sms", sid, to=recipient, sender=sender, body=message["body"])
    for status, after in (("sent", _SENT_AFTER), ("delivered", _DELIVERED_AFTER)):
        _queue_callback(sandbox, message, status, after)
    return message


def set_status(sandbox: Sandbox, sid: str, status: str, error_code: int | None) -> Json:
    """What the carrier says: moves a message to a final status and sends the callback."""
    message = _find(sandbox, sid)
    message.update(status=status, error_code=error_code)
    sandbox.store.put("message", sid, message)
    _queue_callback(sandbox, message, status, 0.0)
    return public(message)


def sign(auth_token: str, url: str, form: bytes) -> Mapping[str, str]:
    """Base64 HMAC-SHA1 over the address followed by every name and value, sorted by name."""
    fields = sorted(parse_qsl(form.decode(), keep_blank_values=True))
    text = url + "".join(name + value for name, value in fields)
    # Twilio's scheme is SHA-1; there is no choice here.
    digest = hmac.new(auth_token.encode(), text.encode(), hashlib.sha1).digest()
    return {"X-Twilio-Signature": base64.b64encode(digest).decode()}


def public(message: Json) -> Json:
    """The resource as of now: a message is sent and delivered as time passes."""
    shown = {name: value for name, value in message.items() if not name.startswith("_")}
    age = time.time() - message["_created"]
    if shown["status"] not in FINAL and age >= _SENT_AFTER:
        shown["status"] = "delivered" if age >= _DELIVERED_AFTER else "sent"
        shown["date_sent"] = shown["date_created"]
    return shown


def _check(form: dict[str, str], recipient: str, sender: str) -> None:
    if not recipient:
        raise TwilioError(400, 21604, "A 'To' phone number is required.")
    if not _E164.match(recipient):
        raise TwilioError(400, 21211, f"Invalid 'To' phone number: {recipient}")
    if recipient in _MAGIC_TO:
        raise TwilioError(400, *_MAGIC_TO[recipient])
    if not sender and not form.get("MessagingServiceSid"):
        raise TwilioError(400, 21603, "A 'From' phone number is required.")
    if sender in _MAGIC_FROM:
        raise TwilioError(400, *_MAGIC_FROM[sender])
    if not form.get("Body") and not form.get("MediaUrl"):
        raise TwilioError(400, 21602, "A message body is required.")
    if len(form.get("Body", "")) > _MAX_BODY:
        raise TwilioError(400, 21617, f"The message body exceeds {_MAX_BODY} characters.")
    callback = form.get("StatusCallback")
    if callback and (urlsplit(callback).scheme not in ("http", "https") or not urlsplit(callback).hostname):
        raise TwilioError(400, 21609, "The 'StatusCallback' is not a valid URL.")


def _segments(body: str) -> int:
    """160 characters in one, 153 in several; 70 and 67 where the text needs Unicode."""
    single, several = (160, 153) if body.isascii() else (70, 67)
    return 1 if len(body) <= single else math.ceil(len(body) / several)


def _queue_callback(sandbox: Sandbox, message: Json, status: str, after: float) -> None:
    if not message["_callback"]:
        return
    fields = {
        "AccountSid": message["account_sid"],
        "ApiVersion": message["api_version"],
        "From": message["from"] or "",
        "MessageSid": message["sid"],
        "MessageStatus": status,
        "SmsSid": message["sid"],
        "SmsStatus": status,
        "To": message["to"],
    }
    if message["error_code"]:
        fields["ErrorCode"] = str(message["error_code"])
    sandbox.callbacks.queue(
        "twilio",
        message["sid"],
        status,
        url=message["_callback"],
        content_type="application/x-www-form-urlencoded",
        body=urlencode(fields),
        after=after,
    )


def _find(sandbox: Sandbox, sid: str) -> Json:
    message = sandbox.store.find(sid, "message")
    if message is None:
        raise TwilioError(404, 20404, f"The message {sid} was not found.")
    return message


def _authenticate(sandbox: Sandbox, request: Request) -> None:
    scheme, _, credential = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, password = base64.b64decode(credential, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        user = password = ""
    settings = sandbox.settings
    accepted = (
        scheme.lower() == "basic"
        and user == request.path_params["account"]
        and settings.twilio_account_sid in ("", user)
        and settings.twilio_auth_token in ("", password)
    )
    if not accepted:
        raise TwilioError(401, 20003, "Authentication failed.")
