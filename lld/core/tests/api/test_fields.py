"""What fields take, and what they refuse."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.exceptions import ValidationError

from lld.core.api.fields import (
    AddressField,
    ChoiceField,
    CleanedField,
    LineField,
    MomentField,
    MoneyField,
    PhoneField,
    QueryBooleanField,
    StrictBooleanField,
    StrictIntegerField,
    TextField,
)


@pytest.mark.parametrize(
    ("given", "amount"),
    [
        (0.1 + 0.2, "0.30"),
        (1, "1.00"),
        ("12.5", "12.50"),
        (" 5 ", "5.00"),
        ("1e5", "100000.00"),
        (2.675, "2.68"),
        ("0.005", "0.01"),
        (9999999999.99, "9999999999.99"),
    ],
)
def test_money_field_rounds_half_up_to_cents(given: Any, amount: str) -> None:
    assert str(MoneyField().run_validation(given)) == amount


@pytest.mark.parametrize(
    "given",
    [
        *(
            -1,
            "-0.01",
            "1_0",
            "٣",
            1e30,
            "1e30",
            "1e999999999",
            "-1e999999999",
            "1e-999999999",
            "0.004",
            -0.001,
            10_000_000_000,
            "9" * 2000,
        ),
        *("NaN", "sNaN", "Infinity", "-Infinity", float("nan"), float("inf")),
        *(True, False, None, "", "1,5", "5 $", [], {}),
    ],
)
def test_money_field_refuses_invalid_amounts(given: Any) -> None:
    with pytest.raises(ValidationError):
        MoneyField().run_validation(given)


@pytest.mark.parametrize(("given", "number"), [(1, 1), ("1", 1), (" 12 ", 12), ("-3", -3), (0, 0)])
def test_integer_field_takes_whole_numbers(given: Any, number: int) -> None:
    assert StrictIntegerField().run_validation(given) == number


@pytest.mark.parametrize(
    "given",
    [1.5, 1.0, 1e9, True, False, "1.0", "1.", "1.5", "1_000", "１", "abc", "0x1", "", None, [], {}, "9" * 5000],
)
def test_integer_field_refuses_anything_else(given: Any) -> None:
    with pytest.raises(ValidationError):
        StrictIntegerField().run_validation(given)


def test_json_boolean_is_true_or_false() -> None:
    assert StrictBooleanField().run_validation(True) is True
    assert StrictBooleanField().run_validation(False) is False
    for given in ("true", "yes", 1, 0, "", None, []):
        with pytest.raises(ValidationError):
            StrictBooleanField().run_validation(given)


def test_query_boolean_is_a_word() -> None:
    for word in ("1", "true", "TRUE", "Yes", " yes "):
        assert QueryBooleanField().run_validation(word) is True
    for word in ("0", "false", "False", "NO"):
        assert QueryBooleanField().run_validation(word) is False
    for word in ("2", "on", "t", "ja", "truee"):
        with pytest.raises(ValidationError):
            QueryBooleanField().run_validation(word)


@pytest.mark.parametrize(
    ("spelling", "number"),
    [
        ("3125550147", "+13125550147"),
        ("312-555-0147", "+13125550147"),
        ("(312) 555 0147", "+13125550147"),
        ("312.555.0147", "+13125550147"),
        ("1 312 555 0147", "+13125550147"),
        ("+1-312-555-0147", "+13125550147"),
        (" +13125550147 ", "+13125550147"),
        ("+52 55 1234 5678", "+525512345678"),
        ("011 52 55 1234 5678", "+525512345678"),
    ],
)
def test_phone_field_takes_any_spelling(spelling: str, number: str) -> None:
    assert PhoneField().run_validation(spelling) == number


@pytest.mark.parametrize(
    "text", ["", "abc", "+", "12", "555-0147", "312-555-0147 x12", "0" * 40, "+1" * 30, "312555014"]
)
def test_phone_field_refuses_invalid_numbers(text: str) -> None:
    with pytest.raises(ValidationError):
        PhoneField().run_validation(text)


@pytest.mark.parametrize("text", ["José\u00a0María", "田中\u3000太郎", "می\u200cخواهم", "O'Brien", "Ana 👩‍🍳"])
def test_line_field_takes_names_of_any_script(text: str) -> None:
    assert LineField().run_validation(text) == text


@pytest.mark.parametrize("text", ["a\nb", "a\rb", "a\u2028b", "a\u202eb", "a\u2066b", "a\x1bb"])
def test_line_field_refuses_line_breaks_and_controls(text: str) -> None:
    with pytest.raises(ValidationError):
        LineField().run_validation(text)


@pytest.mark.parametrize("text", ["vİctim@cafe.test", "maria@cafı.test", "josé@cafe.test", "maria@café.test"])
def test_address_field_refuses_non_ascii(text: str) -> None:
    with pytest.raises(ValidationError):
        AddressField().run_validation(text)


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (9400111899, "9400111899"),
        (Decimal("9400111899223197428490"), "9400111899223197428490"),
        (Decimal("60608.50"), "60608.50"),
        ("Jose\u0301", "José"),
        (" a ", "a"),
    ],
)
def test_line_field_keeps_digits_and_composes_letters(given: Any, text: str) -> None:
    assert LineField().run_validation(given) == text


@pytest.mark.parametrize("given", [9.4e21, Decimal("9.4E+21"), Decimal("1E-99999999"), Decimal("NaN"), True, [], {}])
def test_line_field_refuses_what_has_no_digits_of_its_own(given: Any) -> None:
    with pytest.raises(ValidationError):
        LineField().run_validation(given)


def test_text_field_keeps_lines_and_tabs_alone() -> None:
    assert TextField().run_validation("a\r\nb\rc\u2028d\te") == "a\nb\nc\nd\te"
    for text in ("a\x07b", "a\u202eb", "a\u2066b"):
        with pytest.raises(ValidationError):
            TextField().run_validation(text)


def test_cleaned_field_takes_what_copying_brings_along() -> None:
    assert CleanedField().run_validation("\u202a+1 312\t555\n0147\u202c") == "+1 312 555 0147"


def test_choice_field_names_the_choices() -> None:
    field = ChoiceField(choices=["cash", "check"])
    assert field.run_validation("cash") == "cash"
    for given in ("Cash", "cash ", "", 1, True, ["cash"], {"a": 1}, "x" * 5000):
        with pytest.raises(ValidationError) as refusal:
            field.run_validation(given)
        if given != "":
            assert "none of: cash, check." in str(refusal.value)
        assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("given", "moment"),
    [
        ("2024-01-01", datetime(2024, 1, 1, 6, tzinfo=UTC)),
        ("2024-01-01T12:00", datetime(2024, 1, 1, 18, tzinfo=UTC)),
        ("2024-01-01T12:00Z", datetime(2024, 1, 1, 12, tzinfo=UTC)),
        ("2026-11-01T01:30:00", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
    ],
)
def test_moment_field_reads_business_time(given: str, moment: datetime) -> None:
    assert MomentField().run_validation(given) == moment


@pytest.mark.parametrize(
    "given", ["2026-03-08T02:30:00", "9999-12-31T23:59", "0001-01-01T00:00+14:00", "now", 1, 1.5, None]
)
def test_moment_field_refuses_what_is_none(given: Any) -> None:
    with pytest.raises(ValidationError):
        MomentField().run_validation(given)
