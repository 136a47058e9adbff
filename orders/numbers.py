"""Order numbers: `LLD-XXXX-XXXX`, random, so that they tell nobody how many orders there are."""

import secrets

# Crockford's base32: no I, L, O or U, so that a number survives being read out over the phone.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_order_number() -> str:
    """One of 2^40. The unique constraint catches the rare repeat; the caller draws again."""
    digits = "".join(secrets.choice(ALPHABET) for _ in range(8))
    return f"LLD-{digits[:4]}-{digits[4:]}"


def normalise_order_number(text: str) -> str:
    """As people type and say it: any case, O for 0, I or L for 1."""
    head, dash, tail = text.strip().upper().partition("-")
    if head != "LLD" or not dash:
        return text.strip().upper()
    return f"{head}-{tail.translate(str.maketrans('OIL', '011'))}"
