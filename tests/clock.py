"""Time in tests."""

from datetime import timedelta

import time_machine
from django.utils import timezone


def later(**time: float) -> time_machine.travel:
    """A block in which it is later by this much, as `timedelta` takes it."""
    return time_machine.travel(timezone.now() + timedelta(**time))
