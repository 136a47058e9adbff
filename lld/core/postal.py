"""Postal addresses as people write them, in the form that labels need: every door reads them here."""

import re

from lld.core.spoken import digits_of_words
from lld.core.states import state_code

ARMED_FORCES = frozenset({"AA", "AE", "AP"})

_DASHES = r"\-\u2010-\u2014\u2212"
_ZIP = re.compile(rf"([0-9]{{5}})(?:[\s{_DASHES}]*([0-9]{{4}})|[\s{_DASHES}]*)")
_COUNTRY = re.compile(r"(?:^|[\s,]+)(?:U\.?S\.?A?\.?|United States(?: of America)?)[\s.]*$", re.IGNORECASE)
_POST_OFFICE = re.compile(r"\W*([AFD])\W*P\W*O\W*", re.IGNORECASE)
_LINES = re.compile(r"[\s,]*(?:\r\n|[\r\n\u2028\u2029\x85\x0b\x0c])[\s,]*")
# City, state and ZIP at the end of an address in one line: a state has three words at most, and a city before it.
_END = re.compile(
    r"(?P<before>.*?\S)[\s,]+(?P<state>[A-Za-z][A-Za-z.]*(?:\s+[A-Za-z][A-Za-z.]*){0,2})[\s,.]+"
    rf"(?P<zip>[0-9]{{5}}(?:[\s{_DASHES}]*[0-9]{{4}})?)",
    re.DOTALL,
)


def normalise_zip(text: str) -> str:
    """60610 or 60610-1234, also of 606101234, with other dashes, or said aloud. ValueError for all else."""
    said = _COUNTRY.sub("", text.strip(" \t,."))
    found = _ZIP.fullmatch(said) or _ZIP.fullmatch(digits_of_words(said))
    if found is None or found[1] == "00000":
        raise ValueError("is no ZIP code")
    return f"{found[1]}-{found[2]}" if found[2] else found[1]


def normalise_state(text: str) -> str:
    """The code of USPS; see `state_code`. ValueError."""
    return state_code(_COUNTRY.sub("", text.strip(" \t,.")) or text)


def normalise_city(text: str) -> str:
    """In single spaces, without a comma at its end; post offices of the armed forces as APO, FPO, DPO."""
    city = " ".join(text.split()).strip(" ,")
    office = _POST_OFFICE.fullmatch(city)
    return f"{office[1].upper()}PO" if office else city


def normalise_street(text: str) -> str:
    """One line: what was written in several is joined by commas. Its words stay as they were written."""
    return " ".join(_LINES.sub(", ", text.strip()).split()).strip(" ,")


def normalise_address(text: str) -> str:
    """An address in one text: one line that ends in `City, IL 60610-1234` where its end can be told.

    Whatever cannot be told stays as it was written.
    """
    line = normalise_street(text)
    found = _END.fullmatch(_COUNTRY.sub("", line))
    if found is None:
        return line
    # The longest name first: West Virginia is not Virginia. But Washington, D.C. is a city, and its district.
    for word in re.finditer(r"\S+", found["state"]):
        name, start = found["state"][word.start() :], found.start("state") + word.start()
        try:
            state = state_code(name)
        except ValueError:
            continue
        if state != "DC" or " " not in name or name.lower().startswith("dist"):
            return f"{normalise_street(line[:start])}, {state} {normalise_zip(found['zip'])}"
    return line
