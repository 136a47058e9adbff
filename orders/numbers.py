"""Order numbers: `LLD-XXXX-XXXX`, random, so that they tell nobody how many orders there are."""

import re
import secrets

# Crockford's base32: no I, L, O or U, so that a number survives being read out over the phone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISHEARD = str.maketrans("OIL", "011")
_BETWEEN = re.compile(r"[^0-9A-Z]+")
# Several words are one number only with a digit in them.
_LIKE_A_NUMBER = re.compile(r"(?=\S+$|.*[0-9])[0-9A-Za-z #./,;_-]+")


def new_order_number() -> str:
    """One of 2^40. The unique constraint catches the rare repeat; the caller draws again."""
    digits = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"LLD-{digits[:4]}-{digits[4:]}"


def normalise_order_number(text: str) -> str:
    """As people type and say it: any case, O for 0, I or L for 1."""
    head, dash, tail = text.strip().upper().partition("-")
    if head != "LLD" or not dash:
        return text.strip().upper()
    return f"{head}-{tail.translate(_MISHEARD)}"


def number_letters(text: str) -> str:
    """What may be a number, of an order or a parcel, or a part of one, as search compares it: letters in lower case
    and digits, nothing between them. Empty for what looks like no number.
    """
    if not _LIKE_A_NUMBER.fullmatch(text):
        return ""
    letters = _BETWEEN.sub("", text.upper())
    if letters.startswith("LLD"):
        letters = letters[:3] + letters[3:].translate(_MISHEARD)
    return letters.lower()
