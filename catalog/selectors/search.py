"""Search for products in the words that cooks type: ranked, forgiving of misspellings, in English and Spanish.

A query is tried as it is, then with unknown words spelt as the nearest known ones, then with any of its words.
Its SQL is written out: Django's compiler takes longer over it than PostgreSQL.
"""

import re
from dataclasses import dataclass, field, replace
from typing import Self

from django.db import connection
from django.db.models import QuerySet

from catalog.models import Barcode, Product
from catalog.selectors.words import Query
from lld.core.prepared import prepared_cursor

# Beyond this, what matches any one word is noise.
MOST_GUESSES = 200
_DIGIT = re.compile(r"[0-9]")
_BARCODE = re.compile(r"[0-9]{8,14}")

# Here words become stems, once; and categories are looked up, since OR with a subquery in it reads the whole table.
# Half a word is no English word yet, and has no stem. Both ends of `begun` are prefixes, since ts_rank is 0 for a
# word that a query has once with and once without its end.
_MEANT = """
    SELECT whole::text, begun::text, ARRAY(SELECT id FROM catalog_category WHERE vector @@ whole)
      FROM (
        SELECT to_tsquery('english', %(whole)s),
               to_tsquery('english', %(before)s)
               && (to_tsquery('simple', %(half)s) || to_tsquery('english', %(last)s))
      ) AS query (whole, begun)
"""
# Weights D, C, B, A: description, brand, name, what the name begins with. A rank is 1 at most, of words
# begun that of all they may become. Nothing is ranked twice, and what ranks alike is sorted by no more than its id,
# but for whole categories: both cost most.
_BEST = """
    SELECT coalesce(array_agg(id), '{{}}') FROM (
        SELECT id FROM ({shelf}) AS shelf
         WHERE {conditions}
         ORDER BY CASE WHEN split_part(words, ' ', -1) = %(sku)s THEN 3000
                       WHEN split_part(words, ' ', -1) LIKE %(sku_begins)s THEN 2000
                       WHEN vector @@ %(whole)s THEN 1000 + ts_rank('{{0.05, 0.3, 0.4, 1}}', vector, %(whole)s)
                       WHEN vector @@ %(begun)s THEN ts_rank('{{0.05, 0.3, 0.4, 1}}', vector, %(begun)s)
                       ELSE 0 END DESC, {alike} id
         LIMIT %(most)s
    ) AS best
"""
_CATEGORIES_BY_NAME = "CASE WHEN category_id = ANY (%(categories)s) THEN name END,"


@dataclass(frozen=True)
class Shelf:
    """Products to search among, as SQL that is compiled once."""

    sql: str

    @classmethod
    def of(cls, products: QuerySet[Product]) -> Self:
        searched = products.order_by().values("id", "name", "category_id", "vector", "words")
        sql, parameters = searched.query.get_compiler(connection=connection).as_sql()
        with connection.cursor() as cursor:
            return cls(cursor.mogrify(sql, parameters).replace("%", "%%"))


@dataclass(frozen=True)
class _Meant:
    """What is looked for: tsqueries of stems, and ids of categories and of products that are found in any case."""

    whole: str
    begun: str
    categories: list[int]
    barcoded: list[int] = field(default_factory=list)


def ranked(shelf: Shelf, text: str) -> list[int]:
    """Ids of what `text` finds on a shelf, best first. Nothing that holds all its words is left out."""
    query = Query.parse(text)
    if not query.words:
        return []
    if found := _all_words(shelf, query):
        return found
    spelt = query.spelt()
    if spelt != query and (found := _all_words(shelf, spelt)):
        return found
    return _any_word(shelf, spelt)


def begun(shelf: Shelf, text: str, most: int) -> list[int]:
    """Ids of the `most` best products for what someone has typed so far; else of what a search finds."""
    query = Query.parse(text)
    if not query.words:
        return []
    so_far = _meant(query).begun
    meant = _Meant(whole=so_far, begun=so_far, categories=[])
    return _best(shelf, meant, sku=query.sku, most=most) or ranked(shelf, text)[:most]


def any_of(shelf: Shelf, text: str, most: int) -> list[int]:
    """Ids of the `most` products that have most to do with a sentence, best first."""
    query = Query.parse(text)
    if not query.words:
        return []
    whole = _all_words(shelf, query)[:most]
    if len(whole) >= most:
        return whole
    rest = [pk for pk in _any_word(shelf, query.spelt()) if pk not in set(whole)]
    return (whole + rest)[:most]


def _all_words(shelf: Shelf, query: Query) -> list[int]:
    meant = replace(_meant(query), barcoded=_barcoded(query.sku))
    return _best(shelf, meant, contained=query.words, sku=query.sku)


def _any_word(shelf: Shelf, query: Query) -> list[int]:
    return _best(shelf, _meant(query, " | "), most=MOST_GUESSES)


def _meant(query: Query, joined: str = " & ") -> _Meant:
    *before, last = query.terms
    words = {
        "whole": query.as_tsquery(joined),
        "before": " & ".join(term.as_tsquery() for term in before),
        "half": f"'{query.words[-1]}':*",
        "last": last.as_beginning(),
    }
    with prepared_cursor() as cursor:
        cursor.execute(_MEANT, words)
        return _Meant(*cursor.fetchone())


def _best(
    shelf: Shelf, meant: _Meant, *, contained: tuple[str, ...] = (), sku: str = "", most: int | None = None
) -> list[int]:
    """Ids of the `most` best of what is meant or holds all of `contained`: by SKU, by whole words, by begun ones."""
    parts = {f"part{number}": f"%{_literal(word)}%" for number, word in enumerate(contained)}
    # Each one that cannot hold is left out: planning is a third of all the work.
    conditions = ["vector @@ %(whole)s"]
    conditions += [" AND ".join(f"words LIKE %({name})s" for name in parts)] if parts else []
    conditions += ["category_id = ANY (%(categories)s)"] if meant.categories else []
    conditions += ["id = ANY (%(barcoded)s)"] if meant.barcoded else []
    conditions += ["words LIKE %(with_sku)s"] if sku else []
    statement = _BEST.format(
        shelf=shelf.sql,
        conditions=" OR ".join(conditions),
        alike=_CATEGORIES_BY_NAME if meant.categories else "",
    )
    begins = bool(_DIGIT.search(sku))
    # What is None here costs nothing: PostgreSQL leaves it out before it looks at rows.
    values = {
        "sku": sku or None,
        "sku_begins": f"{sku}%" if begins else None,
        "with_sku": f"% {sku}%" if begins else f"% {sku}",
        "most": most,
    }
    # Not prepared: each search is best planned for its own words.
    with connection.cursor() as cursor:
        cursor.execute(statement, {**vars(meant), **parts, **values})
        ids: list[int] = cursor.fetchone()[0]
    return ids


def _barcoded(code: str) -> list[int]:
    """The product with that barcode, with or without the zeros in front that scanners add or drop."""
    if not _BARCODE.fullmatch(code):
        return []
    bare = code.lstrip("0")
    codes = [bare.zfill(length) for length in (8, 12, 13, 14) if length >= len(bare)]
    return list(Barcode.objects.filter(code__in=codes).values_list("product", flat=True))


def _literal(word: str) -> str:
    """The word as a LIKE pattern of itself. There is no % and no backslash in words."""
    return word.replace("_", r"\_")
