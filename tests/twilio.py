"""Twilio's status reports, as it sends and signs them."""

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from twilio.request_validator import RequestValidator

PATH = "/api/sms/status-callback"


def report(**changes: str) -> dict[str, str]:
    fields = {
        "MessageSid": "SM" + "0" * 32,
        "MessageStatus": "delivered",
        "To": "+13125550147",
        "From": "+13125550100",
        "ErrorCode": "",
        "ErrorMessage": "",
    }
    return fields | changes


TOKEN = "test-token"  # of the test settings


def signature(fields: Any, *, path: str = PATH, token: str = TOKEN, host: str = "") -> str:
    return str(RequestValidator(token).compute_signature(f"{host or settings.PUBLIC_URL}{path}", fields))


def body_hash(body: str) -> str:
    return str(RequestValidator(TOKEN).compute_hash(body))


def send_report(client: Any, fields: dict[str, str], *, signed: str | None = None, path: str = PATH) -> Any:
    """`signed` is the signature, ours unless given."""
    return client.post(
        path,
        urlencode(fields),
        content_type="application/x-www-form-urlencoded",
        HTTP_X_TWILIO_SIGNATURE=signature(fields, path=path) if signed is None else signed,
    )
