"""Pages of a list, and places to read on from."""

import base64
from datetime import UTC, datetime, timedelta, timezone

import pytest

from lld.core.paging import LARGEST_ID, Page, Place


def test_page_counts_pages_of_a_total() -> None:
    assert [Page(1, 50).pages(total) for total in (0, 1, 50, 51)] == [0, 1, 1, 2]
    assert Page(3, 50).offset == 100


@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 11, 29, 16, 3, 25, 1, tzinfo=UTC),
        datetime(2026, 3, 8, 2, 0, tzinfo=timezone(timedelta(hours=-6))),
        datetime(2000, 1, 1, tzinfo=UTC),
    ],
)
def test_cursor_is_read_as_the_place_that_gave_it(at: datetime) -> None:
    place = Place(at.astimezone(UTC), LARGEST_ID)
    assert Place.read(place.cursor) == place
    assert place.cursor.isascii()
    assert place.cursor.replace("-", "").replace("_", "").isalnum()


def encoded(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "", "x", "null", "ä", "%00", "=" * 40, "A" * 90, encoded("2026-11-29T16:03:25.000001Z"),
        encoded("2026-11-29T16:03:25.000001Z 0"), encoded("2026-11-29T16:03:25.000001Z -1"),
        encoded("2026-11-29T16:03:25.000001Z +1"), encoded("2026-11-29T16:03:25.000001Z 1_0"),
        encoded("2026-11-29T16:03:25.000001Z 9223372036854775808"), encoded("2026-11-29T16:03:25.000001 1"),
        encoded("2026-11-29 1"), encoded("9999-12-31T23:59:59.999999-12:00 1"), encoded("1 OR 1=1"),
    ],
)  # fmt: skip
def test_other_text_is_no_cursor(cursor: str) -> None:
    with pytest.raises(ValueError):
        Place.read(cursor)
