"""Fields of request and response serializers that carry a house rule."""

import re
import unicodedata
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from lld.core.clock import business_moment
from lld.core.money import MOST, ZERO, rounded
from lld.core.phones import read_phone

_TRUE = {"1", "true", "yes"}
_FALSE = {"0", "false", "no"}
# Overrides, embeddings, isolates and marks of direction.
_TURNS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_BREAKS = frozenset({"Cc", "Zl", "Zp"})
_LINE_ENDS = re.compile(r"\r\n?|[\x85\u2028\u2029]")
# Digits behind the point that a number in place of text may have; written out, an exponent has no end.
_MOST_PLACES = 40
# Of what was sent, in a complaint about it.
LONGEST_SAID = 40
# Python alone would also read 1_000, and DRF 1.0.
_WHOLE = re.compile(r"-?[0-9]+")


@extend_schema_field({"type": "number", "format": "double", "multipleOf": 0.01})
class MoneyField(serializers.DecimalField):
    """An amount in dollars, rounded half up to cents: sums made with binary floats arrive with stray digits."""

    def __init__(self, *, min_value: Decimal | None = ZERO, max_value: Decimal = MOST, **kwargs: Any) -> None:
        super().__init__(
            max_digits=12,
            decimal_places=2,
            coerce_to_string=False,
            min_value=min_value,
            max_value=max_value,
            **kwargs,
        )

    default_error_messages = {"crumb": "Enter whole cents."}

    def to_internal_value(self, data: Any) -> Decimal:
        # Python would read 1_0, and digits of other scripts.
        if isinstance(data, bool) or (isinstance(data, str) and not (data.isascii() and "_" not in data)):
            self.fail("invalid")
        return super().to_internal_value(data)

    def validate_precision(self, value: Decimal) -> Decimal:
        # Not abs(): it rounds, and an exponent of a thousand million is an error of the context.
        if value.copy_abs() > MOST:
            self.fail("max_whole_digits", max_whole_digits=10)
        cents = rounded(value)
        # Where zero means "all of it", a crumb must not become zero.
        if value and not cents:
            self.fail("crumb")
        return cents


class LineField(serializers.CharField):
    """One line of text in NFC: no line breaks, control characters, or marks that turn the direction of what follows.

    A JSON number counts as its digits.
    """

    default_error_messages = {"line": "Use one line of plain text."}

    def to_internal_value(self, data: Any) -> str:
        text = str(super().to_internal_value(self.spelt(data)))
        return self.checked(unicodedata.normalize("NFC", text))

    def spelt(self, data: Any) -> Any:
        """A number as it was written, as far as that can be told: 9.4e+21 may have been any of many."""
        if isinstance(data, Decimal):
            exponent = data.as_tuple().exponent
            if isinstance(exponent, int) and -_MOST_PLACES <= exponent <= 0:
                return f"{data:f}"
        return None if isinstance(data, float) else data

    def checked(self, text: str) -> str:
        if any(unicodedata.category(letter) in _BREAKS or letter in _TURNS for letter in text):
            self.fail("line")
        return text


class TextField(LineField):
    """Text of several lines: the same, but for line breaks, which become newlines, and tabs."""

    default_error_messages = {"text": "Use plain text, without control characters."}

    def checked(self, text: str) -> str:
        text = _LINE_ENDS.sub("\n", text)
        stripped = text.replace("\n", "").replace("\t", "")
        if any(unicodedata.category(letter) == "Cc" or letter in _TURNS for letter in stripped):
            self.fail("text")
        return text


class CleanedField(LineField):
    """One line in which what a line may not have counts as a space: for searches, and for what machines report."""

    def checked(self, text: str) -> str:
        plain = (" " if unicodedata.category(letter) in _BREAKS or letter in _TURNS else letter for letter in text)
        return " ".join("".join(plain).split())


class PatternField(LineField, serializers.RegexField):
    """A line that fits a pattern."""


class MailField(LineField, serializers.EmailField):
    """An e-mail address, whatever its letters."""


class SecretField(serializers.CharField):
    """Whatever opens something: kept as it is typed, spaces and all, for who compares it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 200, "trim_whitespace": False, **kwargs})


class ChoiceField(serializers.ChoiceField):
    """One of a few words; the refusal of another names them."""

    default_error_messages = {"invalid_choice": "{input} is none of: {choices}."}

    def to_internal_value(self, data: Any) -> Any:
        if data == "" and self.allow_blank:
            return ""
        if isinstance(data, str) and data in self.choice_strings_to_values:
            return self.choice_strings_to_values[data]
        said = data if isinstance(data, str) and len(data) <= LONGEST_SAID else "This"
        self.fail("invalid_choice", input=said, choices=", ".join(map(str, self.choices)))


class MomentField(serializers.DateTimeField):
    """An instant, in UTC. Without a zone it is business time, and without a time the beginning of that day.

    Of an hour that clocks go through twice the first counts; one that they leap over never was.
    """

    default_error_messages = {"leapt": "Clocks leap over this time. Enter one that there was."}

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("invalid", format="YYYY-MM-DDThh:mm:ss, with Z or an offset")
        return super().to_internal_value(value)

    def enforce_timezone(self, value: datetime) -> datetime:
        try:
            return value.astimezone(UTC) if value.tzinfo else business_moment(value)
        except OverflowError:
            self.fail("overflow")
        except ValueError:
            self.fail("leapt")


@extend_schema_field(OpenApiTypes.STR)
class PhoneField(LineField):
    """Any common spelling in, E.164 out. For a number that is texted to: an extension cannot be."""

    default_error_messages = {
        "phone": "Enter a phone number, such as +1 312 555 0100.",
        "extension": "Enter a number without an extension.",
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=100, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not text:
            return text
        try:
            phone = read_phone(text)
        except ValueError:
            self.fail("phone")
        if phone.extension:
            self.fail("extension")
        return phone.number


@extend_schema_field(OpenApiTypes.BOOL)
class QueryBooleanField(serializers.BooleanField):
    """1/0, true/false, yes/no in a query string, whatever the case."""

    def to_internal_value(self, data: Any) -> bool:
        word = str(data).strip().lower()
        if word in _TRUE:
            return True
        if word in _FALSE:
            return False
        self.fail("invalid", input=data)


class StrictBooleanField(serializers.BooleanField):
    """A JSON boolean and nothing that merely looks like one."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return data


class StrictIntegerField(serializers.IntegerField):
    """A whole number; true, 1.5 and "1.0" are not."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool | float | Decimal) or (isinstance(data, str) and not _WHOLE.fullmatch(data.strip())):
            self.fail("invalid")
        return super().to_internal_value(data)


class AddressField(MailField):
    """An e-mail address in plain letters: beyond ASCII one has several spellings, and accounts would mix up."""

    default_error_messages = {"letters": "Use an address in plain letters."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=254, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not text.isascii():
            self.fail("letters")
        return text
