"""Phone numbers: any common US or international spelling in, E.164 out."""

import re

import phonenumbers
from django.conf import settings

REGION = "US"
_SPELLING = re.compile(r"(tel:)?[+\d\s()./\u2010-\u2015\u00ad\u2212-]+")


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
    """The E.164 form. ValueError when no telephone could have the number."""
    # The library would find a number inside any text, such as a username.
    if not _SPELLING.fullmatch(text.strip()):
        raise ValueError("is not a phone number")
    try:
        number = phonenumbers.parse(text.strip(), REGION)
    except phonenumbers.NumberParseException as error:
        raise ValueError("is not a phone number") from error
    # "Possible" and not "valid": the numbering plan opens area codes before the library knows them. Seven digits
    # are possible only among neighbours.
    possible = phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    if number.extension or not possible:
        raise ValueError("is not a phone number")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_digits(text: str) -> str:
    """The digits of a number, or of a part of one, as E.164 has them; empty for what is no phone."""
    if not _SPELLING.fullmatch(text.strip()):
        return ""
    try:
        return normalise_phone(text)[1:]
    except ValueError:
        return "".join(re.findall(r"[0-9]", text))
