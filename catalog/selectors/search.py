"""Search for products in the words that cooks type: ranked, forgiving of misspellings, in English and Spanish.

A query is tried as it is, then with unknown words spelt as the nearest known ones, then with any of its words.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import and_

from django.contrib.postgres.search import CombinedSearchQuery, SearchQuery, SearchRank
from django.core.cache import caches
from django.db import connection
from django.db.models import Case, F, OrderBy, Q, QuerySet, Value, When
from rapidfuzz import process
from rapidfuzz.distance import OSA

from catalog.models import Barcode, Product
from catalog.selectors.synonyms import SYNONYMS

Searched = SearchQuery | CombinedSearchQuery

MOST_WORDS = 12
# Beyond this, what matches any one word is noise.
MOST_GUESSES = 200
VOCABULARY_SECONDS = 600
SHORTEST_MISSPELT = 4

_ACCENTS = str.maketrans("áéíóúüñ\"”“'", "aeiouun    ")
_APART = re.compile(r"(\d)-?(?=[a-z])|(\d)-(?=\d)")
_WORD = re.compile(r"[a-z0-9][a-z0-9./_-]*")
_LETTERS = re.compile(r"[a-z]+")
_COMPOUND = re.compile(r"(?<=[a-z])-(?=[a-z])")
_DIGIT = re.compile(r"[0-9]")
_BARCODE = re.compile(r"[0-9]{8,14}")
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
_WEIGHTS = [0.05, 0.3, 0.4, 1.0]  # D, C, B, A: description, brand, name, what the name begins with


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
        """The text as a SKU would be compared, without its dashes and blanks."""
        return "".join(re.findall(r"[a-z0-9]+", self.text.lower()))

    def as_tsquery(self, joined: str = " & ") -> str:
        return joined.join(term.as_tsquery() for term in self.terms)


def ranked(products: QuerySet[Product], text: str) -> list[int]:
    """Ids of what `text` finds among `products`, best first. Nothing that holds all its words is left out."""
    query = Query.parse(text)
    if not query.words:
        return []
    found = _all_words(products, query)
    if found:
        return found
    spelt = _spelt(query)
    if spelt != query and (found := _all_words(products, spelt)):
        return found
    return _any_word(products, spelt)


def begun(products: QuerySet[Product], text: str, most: int) -> list[int]:
    """Ids of the `most` best products for what someone has typed so far; else of what a search finds."""
    query = Query.parse(text)
    if not query.words:
        return []
    searched, sku = _beginning(query), query.sku
    named = Q(vector=searched)
    if _DIGIT.search(sku):
        named |= Q(words__contains=f" {sku}")
    found = list(_best_first(products.filter(named), searched, sku).values_list("pk", flat=True)[:most])
    return found or ranked(products, text)[:most]


def any_of(products: QuerySet[Product], text: str, most: int) -> list[int]:
    """Ids of the `most` products that have most to do with a sentence, best first."""
    query = Query.parse(text)
    if not query.words:
        return []
    whole = _all_words(products, query)[:most]
    if len(whole) >= most:
        return whole
    rest = [pk for pk in _any_word(products, _spelt(query)) if pk not in set(whole)]
    return (whole + rest)[:most]


def _all_words(products: QuerySet[Product], query: Query) -> list[int]:
    searched = _full_text(query.as_tsquery())
    named = Q(vector=searched) | reduce(and_, (Q(words__contains=word) for word in query.words))
    if categories := _categories(query.as_tsquery()):
        named |= Q(category__in=categories)
    sku = query.sku
    if _DIGIT.search(sku):
        named |= Q(words__contains=f" {sku}")
    if _BARCODE.fullmatch(sku):
        named |= Q(pk__in=list(Barcode.objects.filter(code__in=_spellings(sku)).values_list("product", flat=True)))
    best = _best_first(products.filter(named), searched, sku, _beginning(query))
    return list(best.values_list("pk", flat=True))


def _any_word(products: QuerySet[Product], query: Query) -> list[int]:
    searched = _full_text(query.as_tsquery(" | "))
    named = Q(vector=searched)
    if categories := _categories(query.as_tsquery(" | ")):
        named |= Q(category__in=categories)
    best = _best_first(products.filter(named), searched, "")
    return list(best.values_list("pk", flat=True)[:MOST_GUESSES])


def _best_first(
    products: QuerySet[Product], searched: Searched, sku: str, begun: Searched | None = None
) -> QuerySet[Product]:
    """The SKU first, then what begins like it, then by how much of the query, or of its `begun` words, is where."""
    ranks = [SearchRank(F("vector"), searched, weights=_WEIGHTS).desc()]
    if begun is not None:
        # Only of what the whole words are not in, since ranking is most of the cost.
        unfinished = Case(
            When(vector=searched, then=Value(0.0)), default=SearchRank(F("vector"), begun, weights=_WEIGHTS)
        )
        ranks.append(unfinished.desc())
    by_text: list[OrderBy | str] = [*ranks, "name", "id"]
    if not _DIGIT.search(sku):
        return products.order_by(*by_text)
    likeness = Case(
        When(words__endswith=f" {sku}", then=Value(2)),
        When(words__regex=rf" {sku}\S*$", then=Value(1)),
        default=Value(0),
    )
    return products.order_by(likeness.desc(), *by_text)


def _full_text(tsquery: str) -> SearchQuery:
    return SearchQuery(tsquery, config="english", search_type="raw")


def _beginning(query: Query) -> Searched:
    """All words, the last of which may go on. What is half a word is no English word yet, and has no stem."""
    *before, last = query.terms
    half = SearchQuery(f"'{query.words[-1]}':*", config="simple", search_type="raw")
    # Both are prefixes: ts_rank is 0 for a word that a query has once with and once without its end.
    end = half | _full_text(last.as_beginning())
    return reduce(and_, [*(_full_text(term.as_tsquery()) for term in before), end])


def _categories(tsquery: str) -> list[int]:
    """Categories of that name. Looked up first: an OR with a subquery in it would read the whole table."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id FROM catalog_category
             WHERE to_tsvector('english', catalog_plain(name)) @@ to_tsquery('english', %s)
            """,
            [tsquery],
        )
        return [row[0] for row in cursor.fetchall()]


def _spellings(code: str) -> list[str]:
    """A GTIN with and without the zeros in front that scanners add or drop."""
    bare = code.lstrip("0")
    return [bare.zfill(length) for length in (8, 12, 13, 14) if length >= len(bare)]


def _together(words: tuple[str, ...]) -> str:
    return "(" + " & ".join(f"'{word}'" for word in words) + ")"


def _terms(words: Sequence[str]) -> Iterator[Term]:
    place = 0
    while place < len(words):
        length = next((n for n in range(_LONGEST_SYNONYM, 0, -1) if _synonyms(words[place : place + n])), 1)
        said = tuple(words[place : place + length])
        yield Term((said, *_synonyms(said), *_as_fraction(said)))
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


def _spelt(query: Query) -> Query:
    """The query with its unknown words replaced by the nearest known ones, where there are near ones."""
    known = _vocabulary()
    return Query.of(query.text, [_nearest(word, known) for word in query.words])


def _nearest(word: str, known: dict[str, int]) -> str:
    if len(word) < SHORTEST_MISSPELT or not _LETTERS.fullmatch(word) or any(w.startswith(word) for w in known):
        return word
    slips = 1 + (len(word) > 4) + (len(word) > 7)
    near = process.extract(word, known.keys(), scorer=OSA.distance, score_cutoff=slips, limit=20)
    # People get the first letter right.
    return min(near, key=lambda n: (n[1], n[0][0] != word[0], -known[n[0]]))[0] if near else word


def _vocabulary() -> dict[str, int]:
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
            known = dict.fromkeys((word for key in _TABLE for word in key), 0) | dict(cursor.fetchall())
        caches["process"].set("vocabulary", known, VOCABULARY_SECONDS)
    return known


def _split(text: str) -> list[str]:
    """The words of a text, units in short, compounds of letters apart: to-go is to go."""
    words = _WORD.findall(_COMPOUND.sub(" ", plain(text)))
    return [_UNITS.get(word, word) for word in words]


def _meant(text: str) -> tuple[str, ...]:
    return tuple(word for word in _split(text) if word not in _STOP)


_TABLE = {_meant(said): tuple(_meant(way) for way in ways) for said, ways in SYNONYMS.items()}
