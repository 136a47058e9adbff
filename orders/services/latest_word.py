"""Writing down what Stripe says of something, while others may do the same."""

from collections.abc import Callable
from typing import TypeVar

from django.db import transaction

from lld.core.errors import Conflict, ErrorCode

MOST_LOOKS = 5

S = TypeVar("S")
T = TypeVar("T")


class Overtaken(Exception):
    """Somebody else has recorded an answer of Stripe since this one was asked for."""


def record_latest(
    fetch: Callable[[], S], *, recorded: Callable[[], object], record: Callable[[S, object], T]
) -> tuple[S, T]:
    """Record in one transaction what Stripe says: that, and what `record` returns.

    An answer may have been overtaken on its way here by a newer one: `record` is given what was `recorded` before,
    and raises Overtaken when that is something else under the lock. Then Stripe is asked again. Conflict while that
    goes on; GatewayError.
    """
    for _ in range(MOST_LOOKS):
        seen = recorded()
        said = fetch()
        try:
            with transaction.atomic():
                return said, record(said, seen)
        except Overtaken:
            continue
    raise Conflict("This is changing at Stripe right now. Try again.", code=ErrorCode.BUSY)
