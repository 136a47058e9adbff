"""Exact counts of tries, kept in Valkey so that every process sees the same number."""

from functools import cache

from django.conf import settings
from redis import BlockingConnectionPool, Redis

from lld.core.addresses import subscriber
from lld.core.errors import Throttled

# In seconds: the usual window of tries at an open door.
TEN_MINUTES = 600

# One round trip, atomic: the window starts with the first try and its end never moves.
_COUNT = """
local tries = redis.call('INCR', KEYS[1])
if tries == 1 then redis.call('EXPIRE', KEYS[1], ARGV[1]) end
return {tries, redis.call('TTL', KEYS[1])}
"""


@cache
def valkey() -> Redis:
    """One client, and with it one connection pool, a process."""
    # Threads beyond the pool's size wait for a connection instead of failing.
    pool = BlockingConnectionPool.from_url(
        settings.REDIS_URL, max_connections=50, timeout=5, socket_timeout=5, socket_connect_timeout=2
    )
    return Redis(connection_pool=pool)


def spend_try(name: str, subject: str, *, limit: int, seconds: int) -> None:
    """Count one try of `subject` under `name`; Throttled beyond `limit` tries in a window of `seconds`."""
    tries, remaining = valkey().eval(_COUNT, 1, _key(name, subject), seconds)
    if tries > limit:
        raise Throttled(f"Too many tries, again in {_spoken(remaining)}.", retry_after=remaining)


def _spoken(seconds: int) -> str:
    """A wait as people say it, never shorter than it is."""
    for unit, length in (("hour", 3600), ("minute", 60)):
        if seconds > length:
            return f"{-(-seconds // length)} {unit}s"
    return "a minute"


def spend_address_try(name: str, address: str, *, limit: int, seconds: int) -> None:
    """The same for an address. Nobody is counted where there is none, as behind a Unix socket."""
    if address:
        spend_try(name, subscriber(address), limit=limit, seconds=seconds)


def spend_subject_try(name: str, subject: str, address: str, *, limit: int, everywhere: int, seconds: int) -> None:
    """Count one try of `subject` from `address`, and one from anywhere.

    A stranger who uses up the tries of somebody's name does so for the own address only; `everywhere` stops many.
    """
    spend_try(name, f"{subject}@{subscriber(address)}", limit=limit, seconds=seconds)
    spend_try(f"{name}-everywhere", subject, limit=everywhere, seconds=seconds)


def forgive_subject(name: str, subject: str, address: str) -> None:
    forgive(name, f"{subject}@{subscriber(address)}")
    forgive(f"{name}-everywhere", subject)


def forgive(name: str, subject: str) -> None:
    """Forget the tries of `subject`, as after a success."""
    valkey().delete(_key(name, subject))


def _key(name: str, subject: str) -> str:
    return f"{settings.CACHES['default']['KEY_PREFIX']}:tries:{name}:{subject}"
