"""Stripe's bracket encoding."""

import pytest

from sandbox.stripe_api.errors import StripeError
from sandbox.stripe_api.forms import Form, parse


def test_nested_values_and_lists() -> None:
    assert parse("a=1&m[x]=2&m[y]=&e[]=p&e[]=q&i[0][n]=3&i[1][n]=4&%C3%A9=%E2%9C%93") == {
        "a": "1",
        "m": {"x": "2", "y": ""},
        "e": ["p", "q"],
        "i": [{"n": "3"}, {"n": "4"}],
        "é": "✓",
    }


@pytest.mark.parametrize(
    "text", ["a[=1", "a[b]=1&a=2&a[c]=3", "[a]=1", "a[b]c=1", "a=%ff", "a" + "[b]" * 5000 + "=1", "a=1&" * 1001]
)
def test_broken_forms_are_refused(text: str) -> None:
    with pytest.raises(StripeError) as caught:
        parse(text)
    assert caught.value.status == 400


@pytest.mark.parametrize("value", ["1.5", "abc", "1e3", " 1", "１", "9" * 19])
def test_integers_are_digits(value: str) -> None:
    with pytest.raises(StripeError):
        Form({"amount": value}).integer("amount")
