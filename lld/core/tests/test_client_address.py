"""Whose request it is, behind proxies or not."""

from typing import Any

import pytest

from lld.core.client_address import client_address


@pytest.mark.parametrize(
    ("proxies", "peer", "forwarded", "expected"),
    [
        ("", "203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("10.0.0.0/8", "203.0.113.9", "1.2.3.4", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.1", "1.2.3.4, 198.51.100.7", "198.51.100.7"),
        ("10.0.0.0/8", "10.0.0.1", "1.2.3.4, 198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.0/8", "10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "rubbish", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "9.9.9.9, rubbish", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "198.51.100.7:4711", "198.51.100.7"),
        ("10.0.0.0/8", "10.0.0.1", "[2001:db8::7]:4711", "2001:db8::7"),
        ("10.0.0.0/8", "::ffff:10.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
        ("10.0.0.0/8", "", "1.2.3.4", ""),
    ],
)
def test_client_address_trusts_only_known_proxies(
    rf: Any, settings: Any, proxies: str, peer: str, forwarded: str, expected: str
) -> None:
    from ipaddress import ip_network

    settings.TRUSTED_PROXIES = [ip_network(proxies)] if proxies else []
    request = rf.get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR=forwarded)
    assert client_address(request) == expected
