"""Posts to a Discord channel. The URL is the secret, so it is never logged or shown."""

from collections.abc import Mapping
from typing import Any

import requests

from lld.core.errors import GatewayError, GatewayTimeout
from lld.gateways.configuration import need

VENDOR = "Discord"
TIMEOUT = (3, 10)
LONGEST = 2000


def send_message(key: str, payload: Mapping[str, Any]) -> str:
    """Post `content`, cut to what Discord takes; nobody is pinged by what it says. GatewayError otherwise."""
    url = need("DISCORD_WEBHOOK_URL")
    body = {"content": str(payload["content"])[:LONGEST], "allowed_mentions": {"parse": []}}
    try:
        response = requests.post(url, json=body, params={"wait": "true"}, timeout=TIMEOUT)
    except requests.Timeout as error:
        raise GatewayTimeout(VENDOR) from error
    except requests.RequestException:
        # The exception's text holds the URL.
        raise GatewayError(VENDOR, "The connection to Discord broke.", unknown=True) from None
    if response.status_code >= 300:
        raise GatewayError(
            VENDOR,
            f"Discord answered {response.status_code}.",
            permanent=400 <= response.status_code < 500 and response.status_code != 429,
            unknown=response.status_code >= 500,
        )
    try:
        return str(response.json()["id"])
    except (ValueError, KeyError, TypeError) as error:
        raise GatewayError(VENDOR, "Discord's answer cannot be read.", unknown=True) from error
