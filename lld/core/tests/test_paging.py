"""Pages of a list."""

from lld.core.paging import Page


def test_page_counts_pages_of_a_total() -> None:
    assert [Page(1, 50).pages(total) for total in (0, 1, 50, 51)] == [0, 1, 1, 2]
    assert Page(3, 50).offset == 100
