"""JSON as we read and write it."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from rest_framework.exceptions import ParseError

from lld.core.api.json import MOST_NESTED, dump, load


def test_dump_writes_decimals_times_and_null() -> None:
    moment = datetime(2026, 3, 5, 3, 30, tzinfo=UTC)
    data = {"amount": Decimal("10.50"), "at": moment, "none": Decimal("NaN"), 1: "é"}
    assert dump(data).decode() == '{"amount":10.50,"at":"2026-03-05T03:30:00Z","none":null,"1":"é"}'


@pytest.mark.parametrize(
    ("body", "value"),
    [
        ("9400111899223197428490", Decimal("9400111899223197428490")),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("9223372036854775808", Decimal(2**63)),
        ("0.1000000000000000055511151231257827", Decimal("0.1000000000000000055511151231257827")),
        ("45.00", Decimal("45.00")),
        ('\ufeff{"a": 1}', {"a": 1}),
        ('{"a": {"b": 1}, "b": 1}', {"a": {"b": 1}, "b": 1}),
    ],
)
def test_load_keeps_digits_and_skips_the_mark_in_front(body: str, value: Any) -> None:
    read = load(body.encode())
    assert (read, type(read), str(read)) == (value, type(value), str(value))
    assert load(dump(read)) == read


@pytest.mark.parametrize(
    "body",
    [
        *(b"NaN", b"Infinity", b"-Infinity", b"1e400", b"9" * 5000, b"01", b"1_0", b"'a'", b"", b"\xff"),
        *(b'"\\ud800"', b'"\xed\xa0\x80"', b"{} {}", b"[1,]", b"\xef\xbb\xbf\xef\xbb\xbf{}", "{}".encode("utf-16")),
        b'{"amount": 1, "amount": 100}',
        b'{"items": [{"sku": "A", "s\\u006bu": "B"}]}',
    ],
)
def test_load_refuses_what_is_no_json_or_may_be_read_in_two_ways(body: bytes) -> None:
    with pytest.raises(ParseError):
        load(body)


def test_load_says_what_comes_twice() -> None:
    with pytest.raises(ParseError, match="'amount' is named twice"):
        load(b'{"note": "x", "amount": 1, "amount": 100}')


def test_load_refuses_values_nested_too_deep() -> None:
    assert load(b"[" * MOST_NESTED + b"1" + b"]" * MOST_NESTED)
    for levels in (MOST_NESTED + 1, 939, 1020, 1024, 100_000):
        for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
            with pytest.raises(ParseError):
                load(opening * levels + b"1" + closing * levels)
