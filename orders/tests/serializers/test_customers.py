"""What strangers read in place of a name."""

import pytest

from orders.serializers.customers import initials


@pytest.mark.parametrize(
    ("name", "shown"), [("Maria", "M."), ("  Ana   Ruiz ", "A. R."), ("", ""), ("李 小龍", "李. 小."), ("-", "-.")]
)
def test_initials_stand_for_a_name(name: str, shown: str) -> None:
    assert initials(name) == shown
