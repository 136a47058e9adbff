"""What people write on forms, in signatures and aloud, and what must come of it (`as_written.txt`)."""

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lld.core.phones import read_phone
from lld.core.postal import normalise_address, normalise_city, normalise_state, normalise_street, normalise_zip

REFUSED = "refused"


def _phone(text: str) -> str:
    number, extension = read_phone(text)
    return f"{number} x{extension}" if extension else number


READERS: dict[str, Callable[[str], str]] = {
    "phone": _phone,
    "state": normalise_state,
    "zip": normalise_zip,
    "city": normalise_city,
    "street": normalise_street,
    "address": normalise_address,
}


def written() -> Iterator[tuple[str, str, str]]:
    for line in Path(__file__).with_name("as_written.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            kind, text, out = line.split(" | ")
            yield kind, text.replace("⏎", "\n"), out


def test_two_hundred_ways_of_writing_are_there() -> None:
    assert len(set(written())) >= 200
    assert set(Counter(kind for kind, _, _ in written())) == READERS.keys()


@pytest.mark.parametrize(("kind", "text", "out"), list(written()))
def test_what_people_write_is_read(kind: str, text: str, out: str) -> None:
    try:
        read = READERS[kind](text)
    except ValueError:
        read = REFUSED
    assert read == out


@pytest.mark.parametrize(("kind", "text", "out"), [row for row in written() if row[2] != REFUSED])
def test_what_comes_out_is_read_as_itself(kind: str, text: str, out: str) -> None:
    """So that a form which is sent back as it came changes nothing."""
    assert READERS[kind](out) == out
