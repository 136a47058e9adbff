"""Pages as callers ask for them."""

from datetime import UTC, datetime

import pytest

from lld.core.api.paging import CursorQuery, PageQuery
from lld.core.paging import Page, Place


@pytest.mark.parametrize(
    ("query", "number", "size"),
    [
        ({}, 1, 50),
        ({"page": "3", "per_page": "10"}, 3, 10),
        ({"limit": "7"}, 1, 7),
        ({"per_page": "10", "limit": "7"}, 1, 10),
        ({"per_page": "200"}, 1, 200),
        ({"per_page": "500"}, 1, 200),
        ({"limit": str(10**20)}, 1, 200),
    ],
)
def test_page_query_takes_page_and_size(query: dict[str, str], number: int, size: int) -> None:
    filled = PageQuery(data=query)
    assert filled.is_valid(), filled.errors
    assert filled.validated_data == {"window": Page(number, size)}


@pytest.mark.parametrize("name", ["page", "per_page", "limit"])
@pytest.mark.parametrize("value", ["0", "-1", "abc", "1.5", "1.0", "1_0", "9" * 2000])
def test_page_query_refuses_invalid_numbers(name: str, value: str) -> None:
    filled = PageQuery(data={name: value})
    assert not filled.is_valid()
    assert list(filled.errors) == [name]


def test_page_number_beyond_every_list_is_refused() -> None:
    assert not PageQuery(data={"page": str(10**20)}).is_valid()


PLACE = Place(datetime(2026, 11, 29, 16, 3, 25, 1, tzinfo=UTC), 7)


def test_cursor_query_reads_on_behind_a_place() -> None:
    filled = CursorQuery(data={"cursor": PLACE.cursor, "per_page": "10"})
    assert filled.is_valid(), filled.errors
    assert filled.validated_data == {"window": Page(1, 10, PLACE)}


@pytest.mark.parametrize("query", [{"cursor": "7"}, {"cursor": PLACE.cursor, "page": "2"}, {"cursor": ""}])
def test_cursor_query_refuses_other_text_and_two_ways_at_once(query: dict[str, str]) -> None:
    filled = CursorQuery(data=query)
    assert not filled.is_valid()
    assert list(filled.errors) == ["cursor"]
