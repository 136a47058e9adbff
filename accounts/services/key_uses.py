"""How often each API key is used, without a write a request: counted in Valkey, moved to the table by beat."""

from datetime import timedelta

import structlog
from django.conf import settings
from django.db.models import F, Q
from django.utils import timezone
from redis.exceptions import RedisError

from accounts.models import ApiKey
from lld.core.throttles import valkey

log = structlog.get_logger(__name__)

# Read and emptied in one step, so that a use between the two is not lost.
_TAKE = """
local counts = redis.call('HGETALL', KEYS[1])
redis.call('DEL', KEYS[1])
return counts
"""


def count_use(key: ApiKey) -> None:
    """One more use. The moment is written once a minute, which is exact enough and keeps the row cool."""
    now = timezone.now()
    minute_ago = now - timedelta(minutes=1)
    if key.last_used_at is None or key.last_used_at < minute_ago:
        # Asked again: of many requests at once one writes.
        stale = Q(last_used_at=None) | Q(last_used_at__lt=minute_ago)
        ApiKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)
    try:
        valkey().hincrby(_name(), str(key.pk), 1)
    except RedisError as error:
        # A count is not worth refusing a request for.
        log.warning("api_key_use_not_counted", key=key.pk, reason=type(error).__name__)


def write_counts() -> None:
    """Move what was counted to the table. A table that cannot be written leaves the counts where they were."""
    taken = valkey().eval(_TAKE, 1, _name())
    counts = {int(pk): int(uses) for pk, uses in zip(taken[::2], taken[1::2], strict=True)}
    while counts:
        pk, uses = counts.popitem()
        try:
            ApiKey.objects.filter(pk=pk).update(use_count=F("use_count") + uses)
        except Exception:
            for other, more in {**counts, pk: uses}.items():
                valkey().hincrby(_name(), str(other), more)
            raise


def _name() -> str:
    return f"{settings.CACHES['default']['KEY_PREFIX']}:api-key-uses"
