"""Business days, also those on which the clocks change."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from lld.core.clock import business_day, business_today


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
