"""Business time: the days and months that people at the warehouse mean by today and this month."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone


def business_zone() -> ZoneInfo:
    return ZoneInfo(settings.BUSINESS_TIME_ZONE)


def business_today() -> date:
    return timezone.now().astimezone(business_zone()).date()


def business_day(day: date) -> tuple[datetime, datetime]:
    """The UTC instants [start, end) of a business day; 23 to 25 hours long where clocks change."""
    zone = business_zone()
    start = datetime.combine(day, time.min, tzinfo=zone)
    end = datetime.combine(day + timedelta(days=1), time.min, tzinfo=zone)
    return start.astimezone(UTC), end.astimezone(UTC)


def business_moment(wall: datetime) -> datetime:
    """The instant, in UTC, at which clocks here show `wall`: the first of two. ValueError where they never do."""
    local = wall.replace(tzinfo=business_zone(), fold=0)
    instant = local.astimezone(UTC)
    if instant.astimezone(local.tzinfo).replace(tzinfo=None) != wall.replace(fold=0):
        raise ValueError("clocks leap over this time")
    return instant
