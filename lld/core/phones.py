"""Phone numbers: any common US or international spelling in, E.164 out, and beside it the extension."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, NamedTuple

import phonenumbers
from django.conf import settings

from lld.core.spoken import digits_of_words

REGION = "US"
LONGEST_EXTENSION = 10

_SPELLING = re.compile(r"(tel:)?[+\d\s()./\u2010-\u2015\u00ad\u2212-]+")
# What stands before a number in a signature or a form, and what is said there.
_LABEL = re.compile(
    r"(?:(?:tele)?phone(?: number)?|tel|ph|mobile|cell(?:ular)?|office|work|direct|main|call|area code|[tpmco])"
    r"(?:[.:]+\s*|\s+|(?=\+|\())(?=\S)",
    re.IGNORECASE,
)
_EXTENSION = re.compile(
    r"[\s,;.(-]*(?:(?:ext\s*=|extension|extn?|x)[\s.:#]*(?:(?<=\s)(?P<words>[a-z][a-z\s-]*)|(?P<said>\d[\d\s-]*))"
    r"|[#,]\s*(?P<dialled>\d[\d\s-]*))[\s)#]*",
    re.IGNORECASE,
)
_VANITY = re.compile(
    r"(?:\+?1[\s.-]*)?\(?8(?:00|33|44|55|66|77|88)\)?[\s.-]*[A-Z0-9](?:[\s.-]?[A-Z0-9]){6}", re.IGNORECASE
)
# The numbering plan of North America: no area code or exchange begins with 0 or 1, none is a service code, and these
# area codes are kept for its own extension.
_AREA = re.compile(r"(?!37|96|.11)[2-9][0-8]\d")
_EXCHANGE = re.compile(r"[2-9]\d\d")
_TOLL_FREE = re.compile(r"8(00|33|44|55|66|77|88)")
NORTH_AMERICA = 1


class Phone(NamedTuple):
    """A number in E.164, and the digits to dial once it answers; "" where there are none."""

    number: str
    extension: str


def is_phone(text: str) -> bool:
    try:
        normalise_phone(text)
    except ValueError:
        return False
    return True


def can_be_texted(phone: str) -> bool:
    """Whether an E.164 number is in a country that we text to; texts to others cost more than they are worth.

    What the library knows no region of, such as a new area code, counts by its country code.
    """
    number = phonenumbers.parse(phone)
    if phonenumbers.number_type(number) == phonenumbers.PhoneNumberType.PREMIUM_RATE:
        return False
    region = phonenumbers.region_code_for_number(number)
    if region is not None:
        return region in settings.SMS_COUNTRIES
    return number.country_code in {phonenumbers.country_code_for_region(name) for name in settings.SMS_COUNTRIES}


def normalise_phone(text: str) -> str:
    """The E.164 form of a number and nothing else. ValueError when no telephone could have the number."""
    # The library would find a number inside any text, such as a username.
    if not _SPELLING.fullmatch(text.strip()):
        raise ValueError("is not a phone number")
    return _parsed(text.strip())


def read_phone(text: str) -> Phone:
    """A number as forms and signatures have it: with a label, an extension, in words. ValueError as above."""
    # Digits, dashes and spaces of other widths.
    said = unicodedata.normalize("NFKC", text).strip(" \t,;")
    labelled = _LABEL.match(said)
    said = said[labelled.end() :] if labelled else said
    for found in _EXTENSION.finditer(said):
        if found.end() == len(said) and found.start():
            return Phone(
                _number(said[: found.start()]), _extension(found["words"] or found["said"] or found["dialled"])
            )
    return Phone(_number(said), "")


def with_extension(changes: Mapping[str, Any], name: str, current: str) -> dict[str, Any]:
    """`changes` of a row whose phone `name` is `current`: another number has no extension, unless one is given."""
    if changes.get(name, current) == current:
        return dict(changes)
    return {f"{name}_extension": "", **changes}


def phone_digits(text: str) -> str:
    """The digits of a number, or of a part of one, as E.164 has them; empty for what is no phone."""
    if _SPELLING.fullmatch(text.strip()):
        try:
            return normalise_phone(text)[1:]
        except ValueError:
            return "".join(re.findall(r"[0-9]", text))
    try:
        return read_phone(text).number[1:]
    except ValueError:
        return ""


def _number(said: str) -> str:
    if _SPELLING.fullmatch(said):
        return normalise_phone(said)
    if _VANITY.fullmatch(said):
        return _parsed(phonenumbers.convert_alpha_characters_in_number(said))
    return normalise_phone(digits_of_words(said))


def _extension(said: str) -> str:
    digits = re.sub(r"[\s-]", "", said)
    digits = digits if digits.isascii() and digits.isdecimal() else digits_of_words(said)
    if not 0 < len(digits) <= LONGEST_EXTENSION:
        raise ValueError("is not a phone number")
    return digits


def _parsed(text: str) -> str:
    try:
        number = phonenumbers.parse(text, REGION)
    except phonenumbers.NumberParseException as error:
        raise ValueError("is not a phone number") from error
    if number.extension or not _can_exist(number):
        raise ValueError("is not a phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _can_exist(number: phonenumbers.PhoneNumber) -> bool:
    if number.country_code != NORTH_AMERICA:
        return phonenumbers.is_valid_number(number)
    # By the plan's own rules, since it opens area codes before the library knows them.
    digits = phonenumbers.national_significant_number(number)
    area, exchange = digits[:3], digits[3:6]
    served = exchange[1:] == "11" and not _TOLL_FREE.fullmatch(area)
    return bool(len(digits) == 10 and _AREA.fullmatch(area) and _EXCHANGE.fullmatch(exchange) and not served)
