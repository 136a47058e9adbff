"""Business days, also those on which the clocks change."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from lld.core.clock import business_day, business_moment, business_today


@pytest.mark.parametrize(
    ("day", "start", "hours"),
    [
        (date(2026, 1, 15), datetime(2026, 1, 15, 6, tzinfo=UTC), 24),
        (date(2026, 3, 8), datetime(2026, 3, 8, 6, tzinfo=UTC), 23),
        (date(2026, 3, 9), datetime(2026, 3, 9, 5, tzinfo=UTC), 24),
        (date(2026, 11, 1), datetime(2026, 11, 1, 5, tzinfo=UTC), 25),
        (date(2026, 11, 2), datetime(2026, 11, 2, 6, tzinfo=UTC), 24),
    ],
)
def test_business_day_follows_chicago_daylight_saving(day: date, start: datetime, hours: int) -> None:
    first, end = business_day(day)
    assert (first, end - first) == (start, timedelta(hours=hours))
    assert first.tzinfo is UTC
    assert business_day(day + timedelta(days=1))[0] == end


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 3, 5, 3, 30, tzinfo=UTC), date(2026, 3, 4)),
        (datetime(2026, 3, 5, 6, 0, tzinfo=UTC), date(2026, 3, 5)),
        (datetime(2026, 3, 9, 4, 59, 59, tzinfo=UTC), date(2026, 3, 8)),
        (datetime(2026, 11, 2, 5, 59, 59, tzinfo=UTC), date(2026, 11, 1)),
    ],
)
def test_business_today_is_the_warehouses(moment: datetime, day: date) -> None:
    with time_machine.travel(moment, tick=False):
        assert business_today() == day
        first, end = business_day(day)
        assert first <= timezone.now() < end


def test_business_time_zone_is_a_setting(settings: Any) -> None:
    settings.BUSINESS_TIME_ZONE = "Asia/Tokyo"
    assert business_day(date(2026, 3, 5))[0] == datetime(2026, 3, 4, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        ("2024-01-01T00:00", datetime(2024, 1, 1, 6, tzinfo=UTC)),
        ("2024-07-01T00:00", datetime(2024, 7, 1, 5, tzinfo=UTC)),
        ("2026-03-08T01:59:59", datetime(2026, 3, 8, 7, 59, 59, tzinfo=UTC)),
        ("2026-03-08T03:00", datetime(2026, 3, 8, 8, tzinfo=UTC)),
        # Clocks show this hour twice.
        ("2026-11-01T01:30", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),
        ("2026-11-01T02:00", datetime(2026, 11, 1, 8, tzinfo=UTC)),
    ],
)
def test_business_moment_is_when_clocks_here_show_it(wall: str, instant: datetime) -> None:
    assert business_moment(datetime.fromisoformat(wall)) == instant
    assert business_moment(datetime.fromisoformat(wall).replace(fold=1)) == instant


@pytest.mark.parametrize("wall", ["2026-03-08T02:00", "2026-03-08T02:30", "2026-03-08T02:59:59"])
def test_business_moment_refuses_what_clocks_leap_over(wall: str) -> None:
    with pytest.raises(ValueError, match="leap"):
        business_moment(datetime.fromisoformat(wall))
