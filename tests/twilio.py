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


def signature(fields: dict[str, str], *, path: str = PATH, token: str = "test-token") -> str:  # noqa: S107  # of the test settings
    return str(RequestValidator(token).compute_signature(f"{settings.PUBLIC_URL}{path}", fields))


def send_report(client: Any, fields: dict[str, str], *, signed: str | None = None, path: str = PATH) -> Any:
    """`signed` is the signature, ours unless given."""
    return client.post(
        path,
        urlencode(fields),
        content_type="application/x-www-form-urlencoded",
        HTTP_X_TWILIO_SIGNATURE=signature(fields, path=path) if signed is None else signed,
    )
