"""Pages as callers ask for them."""

import pytest

from lld.core.api.paging import PageQuery
from lld.core.paging import Page


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
