"""SMS by Twilio. There is no way to tell a repeat from a new message, so we never repeat one ourselves."""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.datastructures import MultiValueDict
from requests.exceptions import ConnectionError as RequestsConnectionError
from requests.exceptions import ConnectTimeout, RequestException
from twilio.base.exceptions import TwilioRestException
from twilio.http.http_client import TwilioHttpClient
from twilio.request_validator import RequestValidator
from twilio.rest import Client

from lld.core.errors import GatewayError, GatewayTimeout
from lld.gateways.configuration import need, optional

VENDOR = "Twilio"
TIMEOUT_SECONDS = 10
_BODY_HASH = re.compile(r"[?&]bodySHA256=[0-9a-f]{64}(&|$)")


@cache
def _client(sid: str, token: str, base: str | None) -> Client:
    client = Client(sid, token, http_client=TwilioHttpClient(timeout=TIMEOUT_SECONDS, max_retries=0))
    if base:
        client.api.base_url = base
    return client


def check_configured() -> None:
    """NotConfigured unless texts can be sent."""
    for variable in ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM"):
        need(variable)


def is_signed(url: str, said: MultiValueDict[str, str] | str, signature: str) -> bool | None:
    """Whether Twilio signed this call of `url` with this form or JSON; None when there is no token to tell it by."""
    token = optional("TWILIO_AUTH_TOKEN")
    if token is None:
        return None
    validator = RequestValidator(token)
    if isinstance(said, str) and _BODY_HASH.search(url) is None:
        # The signature of JSON is over the address alone, which carries the hash of it.
        return False
    return bool(validator.validate(url, said, signature))


def send_message(key: str, payload: Mapping[str, Any]) -> str:
    """Send `to, body` and return the message's sid.

    GatewayError with `unknown` when the connection broke after the request may have arrived; with `permanent`
    when Twilio refused the number or the text.
    """
    client = _client(need("TWILIO_ACCOUNT_SID"), need("TWILIO_AUTH_TOKEN"), optional("TWILIO_API_BASE"))
    try:
        message = client.messages.create(
            to=payload["to"],
            from_=need("TWILIO_FROM"),
            body=payload["body"],
            status_callback=f"{settings.PUBLIC_URL}/api/sms/status-callback",
        )
    except TwilioRestException as error:
        # Twilio documents that a message may have been accepted behind a 5xx.
        raise GatewayError(
            VENDOR,
            f"Twilio refused the message (code {error.code}).",
            permanent=400 <= error.status < 500 and error.status != 429,
            unknown=error.status >= 500,
            vendor_code=str(error.code),
        ) from error
    except ConnectTimeout as error:
        raise GatewayError(VENDOR, "Twilio cannot be reached.") from error
    except RequestsConnectionError as error:
        refused = "refused" in str(error).lower() or "name resolution" in str(error).lower()
        raise GatewayError(VENDOR, "The connection to Twilio broke.", unknown=not refused) from error
    except RequestException as error:
        raise GatewayTimeout(VENDOR) from error
    except ValueError as error:
        raise GatewayError(VENDOR, "Twilio's answer cannot be read.", unknown=True) from error
    return str(message.sid)
