"""The address of the caller, seen through the proxies that we were told to trust and no others."""

from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The last address in the chain that is not one of TRUSTED_PROXIES.

    X-Forwarded-For is read from the right: each trusted proxy vouches for the entry it appended, so whatever
    a stranger wrote further left never counts. Behind a Unix socket there is no peer address: "".
    """
    nearest: str = request.META.get("REMOTE_ADDR", "")
    chain = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    while chain and _is_trusted(nearest):
        nearest = chain.pop()
    return nearest


def _is_trusted(address: str) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in settings.TRUSTED_PROXIES)
