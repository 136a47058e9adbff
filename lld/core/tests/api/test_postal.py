"""Fields of addresses; what they read is in `as_written.txt`."""

import pytest
from rest_framework.serializers import ValidationError

from lld.core.api.postal import StateField, StreetField, WholeAddressField, ZipField


def test_state_field_reads_codes_and_names() -> None:
    assert [StateField().run_validation(said) for said in ("il", "IL", "Pr", "Illinois")] == ["IL", "IL", "PR", "IL"]
    for said in ("ZZ", "I", "", "Illinois 60610", "x" * 61):
        with pytest.raises(ValidationError):
            StateField().run_validation(said)


def test_zip_field_reads_a_number_as_its_digits() -> None:
    assert ZipField().run_validation(60608) == "60608"


def test_street_field_joins_lines_and_refuses_controls() -> None:
    assert StreetField().run_validation("1 Main St\r\nSuite 2") == "1 Main St, Suite 2"
    assert WholeAddressField(allow_blank=True).run_validation(" ") == ""
    for text in ("1 Main\x1b St", "1 Main \u202eSt", "x" * 301):
        with pytest.raises(ValidationError):
            StreetField().run_validation(text)
