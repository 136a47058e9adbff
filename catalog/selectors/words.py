"""A query in the words that cooks type: taken apart, with what else they mean, and spelt as the catalogue does."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.core.cache import caches
from django.db import connection
from rapidfuzz import process
from rapidfuzz.distance import OSA

from catalog.selectors.synonyms import SYNONYMS

MOST_WORDS = 12
VOCABULARY_SECONDS = 600
SHORTEST_MISSPELT = 4

_ACCENTS = str.maketrans("áéíóúüñ\"”“'", "aeiouun    ")
_APART = re.compile(r"(\d)-?(?=[a-z])|(\d)-(?=\d)")
_WORD = re.compile(r"[^\W_](?:[\w./-]*[^\W_])?")
_LETTERS = re.compile(r"[a-z]+")
_IN_SKUS = re.compile(r"[a-z0-9]+")
_LIKE_SKUS = re.compile(r"[0-9./_-]")
_COMPOUND = re.compile(r"(?<=[a-z])-(?=[a-z])")
_UNITS = {
    "inch": "in", "inches": "in", "quart": "qt", "quarts": "qt", "ounce": "oz", "ounces": "oz", "gallon": "gal",
    "gallons": "gal", "pound": "lb", "pounds": "lb", "lbs": "lb", "foot": "ft", "feet": "ft", "pint": "pt",
    "pints": "pt", "liter": "l", "liters": "l", "litros": "l", "pulgadas": "in", "galones": "gal", "onzas": "oz",
    "libras": "lb",
}  # fmt: skip
_FRACTIONS = {"25": "1/4", "5": "1/2", "50": "1/2", "75": "3/4"}
# Words that hold a query together and name nothing.
_STOP = frozenset(
    ("a", "an", "and", "for", "in", "of", "on", "or", "the", "to", "with", "x",
     "con", "de", "del", "el", "en", "la", "las", "los", "para", "por", "y")
)  # fmt: skip
_LONGEST_SYNONYM = 4


def plain(text: str) -> str:
    """Text as it is compared: as the SQL function `catalog_plain` has it."""
    return _APART.sub(r"\1\2 ", text.lower().translate(_ACCENTS))


@dataclass(frozen=True)
class Term:
    """One word or phrase of a query, with the ways of saying it; each way is words that go together."""

    ways: tuple[tuple[str, ...], ...]

    def as_tsquery(self) -> str:
        return f"({' | '.join(_together(way) for way in self.ways)})"

    def as_beginning(self) -> str:
        """The same where the last word that was typed may go on."""
        typed, *others = self.ways
        return f"({' | '.join([f'{_together(typed)[:-1]}:*)', *map(_together, others)])})"


@dataclass(frozen=True)
class Query:
    """What was typed, in its own words and as terms."""

    text: str
    words: tuple[str, ...]
    terms: tuple[Term, ...]

    @classmethod
    def parse(cls, text: str) -> "Query":
        return cls.of(text, _split(text)[:MOST_WORDS])

    @classmethod
    def of(cls, text: str, words: Sequence[str]) -> "Query":
        meant = tuple(word for word in words if word not in _STOP) or tuple(words)
        return cls(text, tuple(words), tuple(_terms(meant)))

    @property
    def sku(self) -> str:
        """The text as a SKU would be compared, without its dashes and blanks; empty when it has no digit or dash."""
        return "".join(_IN_SKUS.findall(self.text.lower())) if _LIKE_SKUS.search(self.text) else ""

    def as_tsquery(self, joined: str = " & ") -> str:
        return joined.join(term.as_tsquery() for term in self.terms)

    def spelt(self) -> "Query":
        """The same with its unknown words replaced by the nearest known ones, where there are near ones."""
        known = vocabulary()
        return Query.of(self.text, [_nearest(word, known) for word in self.words])


def _together(words: tuple[str, ...]) -> str:
    return "(" + " & ".join(f"'{word}'" for word in words) + ")"


def _terms(words: Sequence[str]) -> Iterator[Term]:
    place = 0
    while place < len(words):
        length = next((n for n in range(_LONGEST_SYNONYM, 0, -1) if _synonyms(words[place : place + n])), 1)
        said = tuple(words[place : place + length])
        yield Term((said, *_synonyms(said), *_as_fraction(said), *_as_unit(said)))
        place += length


def _synonyms(said: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    last = said[-1] if said else ""
    for ending in (last, last.removesuffix("s"), last.removesuffix("es")):
        if found := _TABLE.get((*said[:-1], ending)):
            return found
    return ()


def _as_fraction(said: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """10.25 is written 10-1/4 on labels."""
    whole, _, part = said[0].partition(".")
    return ((whole, _FRACTIONS[part]),) if part in _FRACTIONS and whole.isdecimal() else ()


def _as_unit(said: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    """Quarts are qt on labels; but there are pint glasses and foot stools."""
    return ((_UNITS[said[0]],),) if said[0] in _UNITS else ()


def _nearest(word: str, known: dict[str, int]) -> str:
    if len(word) < SHORTEST_MISSPELT or not _LETTERS.fullmatch(word) or any(w.startswith(word) for w in known):
        return word
    slips = 1 + (len(word) > 4) + (len(word) > 7)
    near = process.extract(word, known.keys(), scorer=OSA.distance, score_cutoff=slips, limit=20)
    # People get the first letter right.
    return min(near, key=lambda n: (n[1], n[0][0] != word[0], -known[n[0]]))[0] if near else word


def vocabulary() -> dict[str, int]:
    """The words of names and brands, categories and synonyms, with how many products have each."""
    known: dict[str, int] | None = caches["process"].get("vocabulary")
    if known is None:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                SELECT word, count(*)
                  FROM (SELECT words FROM catalog_product WHERE is_active
                        UNION ALL SELECT catalog_plain(name) FROM catalog_category) AS named,
                       regexp_split_to_table(words, '[^a-z]+') AS word
                 WHERE length(word) >= 3 GROUP BY word
                """
            )
            known = dict.fromkeys([*_UNITS, *(word for key in _TABLE for word in key)], 0) | dict(cursor.fetchall())
        caches["process"].set("vocabulary", known, VOCABULARY_SECONDS)
    return known


def _split(text: str) -> list[str]:
    """The words of a text, compounds of letters apart: to-go is to go."""
    return _WORD.findall(_COMPOUND.sub(" ", plain(text)))


def _meant(text: str) -> tuple[str, ...]:
    return tuple(word for word in _split(text) if word not in _STOP)


_TABLE = {_meant(said): tuple(_meant(way) for way in ways) for said, ways in SYNONYMS.items()}
