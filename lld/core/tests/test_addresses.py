"""Who counts as one caller."""

import pytest

from lld.core.addresses import subscriber


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:198.51.100.7", "::ffff:198.51.100.7"),
    ],
)
def test_subscriber_of_ipv6_is_the_whole_network(address: str, expected: str) -> None:
    assert subscriber(address) == expected
