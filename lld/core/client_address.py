"""The address of the caller of a request."""

from django.http import HttpRequest

from lld.core.addresses import address_behind_proxies


def client_address(request: HttpRequest) -> str:
    """Seen through the proxies that we trust; "" behind a Unix socket."""
    return address_behind_proxies(request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", ""))
