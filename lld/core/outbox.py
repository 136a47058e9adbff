"""Nothing leaves before commit: messages are rows of the same transaction, sent by a worker afterwards.

Delivery is at least once with a stable key. A channel whose vendor cannot tell a repeat from a new message
(SMS) is declared `repeatable=False`: a send whose outcome is not known ends as `unknown`, never sent again.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import shared_task
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from lld.core import audit
from lld.core.actors import Actor
from lld.core.errors import Conflict, DomainError, GatewayError, NotConfigured
from lld.core.models import OutboxMessage
from lld.core.queue import announce, announce_found
from lld.settings.schedule import WORK

log = structlog.get_logger(__name__)

State = OutboxMessage.State

CLAIM = timedelta(minutes=2)
GRACE = timedelta(seconds=10)
MOST_ATTEMPTS = 12
KEPT_FOR = timedelta(days=90)


@dataclass(frozen=True)
class Channel:
    """`send(key, payload)` performs the effect and returns the vendor's id of it, or "", in a worker of `queue`."""

    send: Callable[[str, Mapping[str, Any]], str]
    repeatable: bool = True
    queue: str = WORK


class TryLater(DomainError):
    """What a channel cannot do yet, and will be able to, such as what a newer release has stored."""


_channels: dict[str, Channel] = {}


def register_channel(name: str, channel: Channel) -> None:
    """Called once a channel, when the applications are loaded."""
    _channels[name] = channel


def _queue(channel: str) -> str:
    # A newer release may have stored what this one cannot send.
    return _channels[channel].queue if channel in _channels else WORK


def enqueue(
    channel: str,
    *,
    key: str,
    payload: Mapping[str, Any],
    sensitive: bool = False,
    expires_at: datetime | None = None,
) -> None:
    """Store a message in the caller's transaction; a key that is already there changes nothing.

    A `sensitive` payload (a link that signs someone in) is erased once the message has left. After `expires_at`
    (of a code that no longer opens anything) it is given up instead of sent.
    RuntimeError outside a transaction: the message would not share the fate of the change that it tells of.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("outbox.enqueue needs a transaction")
    message = OutboxMessage(
        channel=channel,
        key=key,
        payload=dict(payload),
        sensitive=sensitive,
        due_at=timezone.now(),
        expires_at=expires_at,
    )
    OutboxMessage.objects.bulk_create([message], ignore_conflicts=True)
    transaction.on_commit(lambda: announce(deliver, key, queue=_queue(channel)))


def is_stored(key: str) -> bool:
    """Whether this message was written before, for what must not be prepared a second time."""
    return OutboxMessage.objects.filter(key=key).exists()


def find_sending(key: str) -> tuple[bool, datetime | None]:
    """Whether a message still waits to leave, and when it left; neither for one that never will, or is not known."""
    message = OutboxMessage.objects.filter(key=key).only("state", "sent_at").first()
    if message is None:
        return False, None
    return message.state in {State.PENDING, State.SENDING}, message.sent_at


@shared_task
def deliver(key: str) -> None:
    """Send one message unless another worker has it, it was sent, or it is not due."""
    now = timezone.now()
    abandoned = False
    if not _claim(key, Q(state=State.PENDING, due_at__lte=now)):
        abandoned = _claim(key, Q(state=State.SENDING, claimed_until__lt=now))
        if not abandoned:
            return
    message = OutboxMessage.objects.get(key=key)
    channel = _channels[message.channel]
    if abandoned and not channel.repeatable:
        _finish(message, State.UNKNOWN, error="The worker stopped while sending.")
        return
    if message.attempts > MOST_ATTEMPTS:
        _finish(message, State.FAILED, error="Every worker stopped while sending.")
        return
    if message.expires_at is not None and message.expires_at <= now:
        _finish(message, State.FAILED, error="It came too late to be of use.")
        return
    try:
        vendor_id = channel.send(message.key, message.payload)
    except GatewayError as error:
        _retry_or_give_up(message, channel, error)
    except (NotConfigured, TryLater) as error:
        # Nothing is lost to whoever soon sets the vendor up, or releases what can handle it.
        _retry_later(message, error.sentence)
    except DomainError as error:
        _finish(message, State.FAILED, error=error.sentence)
    else:
        _finish(message, State.SENT, vendor_id=vendor_id)


def deliver_now(key: str) -> None:
    """The same without waiting for its moment, on an operator's word."""
    OutboxMessage.objects.filter(key=key, state=State.PENDING).update(due_at=timezone.now())
    deliver(key)


def _claim(key: str, free: Q) -> bool:
    claimed = OutboxMessage.objects.filter(free, key=key).update(
        state=State.SENDING, claimed_until=timezone.now() + CLAIM, attempts=F("attempts") + 1
    )
    return bool(claimed)


def _retry_or_give_up(message: OutboxMessage, channel: Channel, error: GatewayError) -> None:
    if error.unknown and not channel.repeatable:
        _finish(message, State.UNKNOWN, error=error.sentence)
    elif error.permanent:
        _finish(message, State.FAILED, error=error.sentence)
    else:
        _retry_later(message, error.sentence)


def _retry_later(message: OutboxMessage, reason: str) -> None:
    if message.attempts >= MOST_ATTEMPTS:
        _finish(message, State.FAILED, error=reason)
        return
    wait = timedelta(seconds=min(15 * 2 ** (message.attempts - 1), 3600))
    _finish(message, State.PENDING, error=reason, due_at=timezone.now() + wait)


def _finish(message: OutboxMessage, state: State, **changes: Any) -> None:
    if state == State.SENT:
        changes["sent_at"] = timezone.now()
    changes.setdefault("error", "")
    changes.setdefault("vendor_id", "")
    changes["error"] = changes["error"][:500]
    if message.sensitive and state != State.PENDING:
        changes["payload"] = {}
    OutboxMessage.objects.filter(pk=message.pk).update(state=state, claimed_until=None, **changes)
    if state in {State.FAILED, State.UNKNOWN}:
        log.error("outbox_gave_up", channel=message.channel, message=message.pk, state=str(state))


def sweep() -> int:
    """Announce again what is due and was not sent: the announcement was lost, or its worker died."""
    now = timezone.now()
    overdue = Q(state=State.PENDING, due_at__lt=now - GRACE) | Q(state=State.SENDING, claimed_until__lt=now)
    found = list(OutboxMessage.objects.filter(overdue).order_by("due_at").values_list("key", "channel")[:500])
    for key, channel in found:
        announce_found(deliver, key, queue=_queue(channel))
    return len(found)


@transaction.atomic
def send_again(message_id: int, *, actor: Actor) -> None:
    """Queue a message that failed, on a person's word. Conflict in any other state, and for an erased payload."""
    failed = OutboxMessage.objects.filter(pk=message_id, state=State.FAILED, sensitive=False)
    if not failed.update(state=State.PENDING, attempts=0, due_at=timezone.now(), error=""):
        raise Conflict("Only a message that failed can be sent again, and none that held a secret.")
    message = OutboxMessage.objects.get(pk=message_id)
    audit.record("outbox.send_again", actor=actor, target=message)
    transaction.on_commit(lambda: announce(deliver, message.key, queue=_queue(message.channel)))


def forget_sent() -> int:
    """Delete what left long ago. What did not leave stays until a person has dealt with it, if one still can."""
    old = timezone.now() - KEPT_FOR
    erased = Q(state=State.FAILED, sensitive=True, created_at__lt=old)
    return OutboxMessage.objects.filter(Q(state=State.SENT, sent_at__lt=old) | erased).delete()[0]
