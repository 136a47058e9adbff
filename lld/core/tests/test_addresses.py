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
def test_of_ipv6_a_whole_network_is_one_subscriber(address: str, expected: str) -> None:
    assert subscriber(address) == expected
