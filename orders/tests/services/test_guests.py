"""Who counts as the same guest."""

import pytest

from orders.services.guests import find_marks


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ana@lamilpa.test", "Ana@LaMilpa.TEST", True),
        ("ana@lamilpa.test", "ana+2@lamilpa.test", True),
        ("ana@lamilpa.test", "ana+@lamilpa.test", True),
        ("ana@lamilpa.test", "anna@lamilpa.test", False),
        ("ana@lamilpa.test", "ana@milpa.test", False),
        ("+a@lamilpa.test", "+b@lamilpa.test", False),
        ('"a@b"@lamilpa.test', '"a@c"@lamilpa.test', False),
    ],
)
def test_mailbox_is_one_in_any_spelling(one: str, other: str, same: bool) -> None:
    def mark(email: str) -> list[str]:
        return find_marks(address="", phone="", email=email)

    assert (mark(one) == mark(other)) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
    ],
)
def test_address_on_the_network_is_its_subscriber(one: str, other: str, same: bool) -> None:
    def mark(address: str) -> list[str]:
        return find_marks(address=address, phone="", email="")

    assert (mark(one) == mark(other)) is same


def test_what_is_not_known_marks_nobody() -> None:
    assert find_marks(address="", phone="", email="") == []


def test_marks_of_one_kind_are_not_those_of_another() -> None:
    assert find_marks(address="x", phone="x", email="x") == ["network:x", "phone:x", "email:x"]
