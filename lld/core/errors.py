"""What can go wrong, as the API says it: one enum of stable codes, one exception a status."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import models


class ErrorCode(models.TextChoices):
    """Stable codes of error answers, and what each means. Clients switch on codes; sentences may change."""

    INVALID = "invalid", "What was sent cannot be used; `fields` says which part of the body or query, and why."
    MALFORMED = "malformed", "The request cannot be read: not JSON, not a form, or with a NUL in it."
    NOT_AUTHENTICATED = "not_authenticated", "Sign in first, or send a token or a key."
    INVALID_CREDENTIALS = (
        "invalid_credentials",
        "The name and password, token or key opens nothing, or no longer.",
    )
    EMAIL_NOT_VERIFIED = (
        "email_not_verified",
        "The password is right, but the address is to be confirmed first.",
    )
    PHONE_NOT_VERIFIED = "phone_not_verified", "A texted code has to confirm the phone first."
    INVALID_LINK = "invalid_link", "The link is wrong, too old or used already; ask for another."
    INVALID_CODE = "invalid_code", "The texted code is wrong, too old or used already."
    CSRF_FAILED = "csrf_failed", "A session came without its CSRF token."
    FORBIDDEN = "forbidden", "The caller is known and may not do this."
    NOT_FOUND = "not_found", "There is no such thing, or not for this caller."
    METHOD_NOT_ALLOWED = "method_not_allowed", "This address does not take this method."
    NOT_ACCEPTABLE = "not_acceptable", "The answer is JSON, which the `Accept` header rules out."
    CONFLICT = "conflict", "The state of things does not allow it; the sentence says why."
    BUSY = "busy", "Something else is at work on the same thing; try again in a moment."
    DUPLICATE = "duplicate", "There is one of that name, number or address already."
    VERSION_CONFLICT = (
        "version_conflict",
        "It was changed since the version of `If-Match`; `current` has it as it is.",
    )
    IDEMPOTENCY_CONFLICT = (
        "idempotency_conflict",
        "The Idempotency-Key is another request's, or one's that still runs.",
    )
    OUT_OF_STOCK = "out_of_stock", "There is less than was asked for; `lines` says of what, and how much there is."
    ILLEGAL_TRANSITION = "illegal_transition", "The order cannot go from its status to this one."
    ON_HOLD = "on_hold", "The order waits until a manager releases it; `hold_reasons` says why."
    PAYMENT_REQUIRED = "payment_required", "The order goes no further until it is paid or put on terms."
    PRICE_CHANGED = "price_changed", "It costs something else by now; the answer has today's price. Nothing was done."
    TOO_MANY_OPEN_ORDERS = "too_many_open_orders", "This guest has as many unpaid orders as a guest may have."
    NOT_ON_HOLD = "not_on_hold", "There is nothing to release."
    NOTHING_DUE = "nothing_due", "Nothing is owed on the order."
    PAYMENT_MISMATCH = "payment_mismatch", "The payment belongs to another order, or is of another amount."
    PAYMENT_INCOMPLETE = "payment_incomplete", "The payment has not gone through, or not yet."
    ORDER_LOCKED = "order_locked", "The order has gone too far to be changed in this way."
    TOO_LARGE = "too_large", "The body or the picture is larger than is taken."
    LENGTH_REQUIRED = "length_required", "Send the body with its Content-Length, not in chunks."
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", "The body is of a type that this address does not read."
    THROTTLED = "throttled", "Too often; `Retry-After` says in how many seconds again."
    SERVER_ERROR = "server_error", "Our fault; the log has it under the `X-Request-ID` of the answer."
    OVERLOADED = "overloaded", "As many do this at once as may; `Retry-After` says when again. Nothing was done."
    NOT_CONFIGURED = "not_configured", "This needs a vendor that is not set up here; the sentence names the setting."
    DEPENDENCY_DOWN = "dependency_down", "The database or the queue does not answer."
    VENDOR_FAILED = "vendor_failed", "A vendor refused or failed."
    VENDOR_TIMEOUT = (
        "vendor_timeout",
        "A vendor did not answer in time: look up what it did before trying again.",
    )


ERROR_CODES = ErrorCode.choices


class DomainError(Exception):
    """A refusal that the caller should read. `extra` adds keys to the answer, for programs.

    `fields` maps a field's name to its complaints and belongs to invalid input only.
    """

    status = 400
    code = ErrorCode.INVALID

    def __init__(
        self,
        sentence: str,
        *,
        code: ErrorCode | None = None,
        fields: Mapping[str, Sequence[str]] | None = None,
        extra: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code or type(self).code
        self.fields = dict(fields) if fields else None
        self.extra = dict(extra) if extra else {}


def raise_if(why_not: DomainError | None) -> None:
    """Raise the refusal of a rule, if there is one."""
    if why_not is not None:
        raise why_not


class InvalidInput(DomainError):
    """400: what was sent cannot be used."""


class Forbidden(DomainError):
    """403: a known caller who may not do this."""

    status = 403
    code = ErrorCode.FORBIDDEN


class NotFound(DomainError):
    """404: missing, or not the caller's."""

    status = 404
    code = ErrorCode.NOT_FOUND


class Conflict(DomainError):
    """409: the state of things does not allow it."""

    status = 409
    code = ErrorCode.CONFLICT


class StaleVersion(Conflict):
    """409: someone changed the object since the caller read it. Views add the object as it is now."""

    code = ErrorCode.VERSION_CONFLICT

    def __init__(self, what: str, object_id: int, version: int) -> None:
        super().__init__(f"Someone else has changed this {what}. Look at it again.", extra={"version": version})
        self.object_id = object_id


class TooLarge(DomainError):
    """413: more bytes than are taken."""

    status = 413
    code = ErrorCode.TOO_LARGE


class Throttled(DomainError):
    """429: too often. `retry_after` is in whole seconds."""

    status = 429
    code = ErrorCode.THROTTLED

    def __init__(self, sentence: str, *, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = max(1, retry_after)


class Overloaded(DomainError):
    """503: as many do this at once as may. `retry_after` is in whole seconds."""

    status = 503
    code = ErrorCode.OVERLOADED

    def __init__(self, sentence: str, *, retry_after: int) -> None:
        super().__init__(sentence)
        self.retry_after = max(1, retry_after)


class NotConfigured(DomainError):
    """503: a vendor is not set up; names the missing variable."""

    status = 503
    code = ErrorCode.NOT_CONFIGURED

    def __init__(self, variable: str) -> None:
        super().__init__(f"This is not set up here: environment variable {variable} is missing.")
        self.variable = variable


class GatewayError(DomainError):
    """502 or 504: a vendor failed, or did not answer in time.

    `permanent` means that trying the same again cannot help. `unknown` means that the vendor may have
    done it all the same: never treat it as failed, look it up.
    """

    status = 502
    code = ErrorCode.VENDOR_FAILED

    def __init__(
        self,
        vendor: str,
        sentence: str,
        *,
        permanent: bool = False,
        unknown: bool = False,
        vendor_code: str = "",
    ) -> None:
        super().__init__(sentence)
        self.vendor = vendor
        self.permanent = permanent
        self.unknown = unknown
        self.vendor_code = vendor_code


class GatewayBusy(GatewayError):
    """503: this request may not wait for the vendor, as others do already, or it has done so for long enough.

    Nothing was sent. `retry_after` is in whole seconds.
    """

    status = 503
    code = ErrorCode.OVERLOADED
    retry_after = 5

    def __init__(self, vendor: str) -> None:
        super().__init__(vendor, f"{vendor} is slow to answer just now. Try again in a moment.")


class GatewayTimeout(GatewayError):
    """504: no answer in time; the effect is unknown."""

    status = 504
    code = ErrorCode.VENDOR_TIMEOUT

    def __init__(self, vendor: str) -> None:
        super().__init__(vendor, f"{vendor} did not answer in time.", unknown=True)
