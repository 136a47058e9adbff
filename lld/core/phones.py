"""Phone numbers: any common US or international spelling in, E.164 out."""

import phonenumbers

REGION = "US"


def normalise_phone(text: str) -> str:
    """The E.164 form. ValueError when no telephone could have the number."""
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
