"""Addresses on the network: whose they are, seen through the proxies that we were told to trust and no others."""

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from django.conf import settings

# Some proxies write the port behind the address.
_WITH_PORT = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::\d+)?|(\d+\.\d+\.\d+\.\d+):\d+")


def address_behind_proxies(peer: str, forwarded_for: str) -> str:
    """The last address in the chain that is not one of TRUSTED_PROXIES.

    `forwarded_for`, the value of X-Forwarded-For, is read from the right: each trusted proxy vouches for the entry it
    appended, so whatever a stranger wrote further left never counts. What is no address ends the reading. Behind a
    Unix socket there is no peer address: "".
    """
    nearest = _parsed(peer)
    chain = [part for part in forwarded_for.split(",") if part.strip()]
    while chain and nearest is not None and _is_trusted(nearest):
        further = _parsed(chain.pop())
        if further is None:
            break
        nearest = further
    return str(nearest or "")


def subscriber(address: str) -> str:
    """What one subscriber holds: the address itself, or of IPv6 its /64, in which anyone has 2^64 to choose from."""
    parsed = _parsed(address)
    if isinstance(parsed, IPv6Address):
        return str(ip_network(f"{parsed}/64", strict=False))
    return address


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    with_port = _WITH_PORT.fullmatch(text.strip())
    try:
        address = ip_address((with_port[1] or with_port[2]) if with_port else text.strip())
    except ValueError:
        return None
    # A dual-stack socket shows IPv4 like this; it is the same machine.
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_trusted(address: IPv4Address | IPv6Address) -> bool:
    return any(address in network for network in settings.TRUSTED_PROXIES)
