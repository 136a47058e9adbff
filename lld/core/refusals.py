"""What a caller is told of an error, in the one shape of all errors: `success`, `error`, `code`, perhaps more."""

import traceback
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from psycopg import errors as pg
from redis.exceptions import RedisError

from lld.core.errors import DomainError, ErrorCode

log = structlog.get_logger(__name__)

_BUSY = (pg.DeadlockDetected, pg.LockNotAvailable, pg.SerializationFailure)


def error_body(code: ErrorCode, sentence: str, **extra: Any) -> dict[str, Any]:
    return {"success": False, "error": sentence, "code": str(code), **extra}


def refusal(error: Exception) -> tuple[int, dict[str, Any]] | None:
    """Status and body of what a caller is told of an error of ours, or of what we run on; None for a bug."""
    if isinstance(error, DomainError):
        extra = dict(error.extra)
        if error.fields:
            extra["fields"] = error.fields
        return error.status, error_body(error.code, error.sentence, **extra)
    if isinstance(error, OperationalError) and isinstance(error.__cause__, _BUSY):
        log.warning("database_busy", reason=type(error.__cause__).__name__)
        return 409, error_body(ErrorCode.BUSY, "Others are changing the same thing. Try again.")
    if isinstance(error, OperationalError | InterfaceError | RedisError):
        log.error("dependency_down", reason=type(error).__name__)
        sentence = "A service that this needs is down. Try again shortly."
        return 503, error_body(ErrorCode.DEPENDENCY_DOWN, sentence)
    return None


def crash_body(error: BaseException | None) -> dict[str, Any]:
    """What a caller is told of a bug; the log says where it is."""
    if error is not None:
        # Where, and not the exception's words: they may quote what someone sent.
        frames = [
            f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
        ]
        log.error("crash", error=type(error).__name__, frames=frames)
    return error_body(ErrorCode.SERVER_ERROR, "Something broke on our side. We have been told.")
