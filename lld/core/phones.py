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
    """Whether an E.164 number is in a country that we text to; texts to others cost more than they are worth."""
    return phonenumbers.parse(phone).country_code in settings.SMS_COUNTRY_CODES


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
