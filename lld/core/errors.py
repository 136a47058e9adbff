"""What can go wrong, as the API says it: one enum of stable codes, one exception a status."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any


class ErrorCode(StrEnum):
    """Stable codes of error answers. Clients switch on these; sentences may change."""

    INVALID = "invalid"
    MALFORMED = "malformed"
    NOT_AUTHENTICATED = "not_authenticated"
    INVALID_CREDENTIALS = "invalid_credentials"
    EMAIL_NOT_VERIFIED = "email_not_verified"
    PHONE_NOT_VERIFIED = "phone_not_verified"
    INVALID_LINK = "invalid_link"
    INVALID_CODE = "invalid_code"
    CSRF_FAILED = "csrf_failed"
    FORBIDDEN = "forbidden"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_ACCEPTABLE = "not_acceptable"
    CONFLICT = "conflict"
    BUSY = "busy"
    DUPLICATE = "duplicate"
    VERSION_CONFLICT = "version_conflict"
    IDEMPOTENCY_CONFLICT = "idempotency_conflict"
    OUT_OF_STOCK = "out_of_stock"
    ILLEGAL_TRANSITION = "illegal_transition"
    ON_HOLD = "on_hold"
    PAYMENT_REQUIRED = "payment_required"
    PRICE_CHANGED = "price_changed"
    TOO_MANY_OPEN_ORDERS = "too_many_open_orders"
    NOT_ON_HOLD = "not_on_hold"
    NOTHING_DUE = "nothing_due"
    PAYMENT_MISMATCH = "payment_mismatch"
    PAYMENT_INCOMPLETE = "payment_incomplete"
    ORDER_LOCKED = "order_locked"
    TOO_LARGE = "too_large"
    LENGTH_REQUIRED = "length_required"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    THROTTLED = "throttled"
    SERVER_ERROR = "server_error"
    OVERLOADED = "overloaded"
    NOT_CONFIGURED = "not_configured"
    DEPENDENCY_DOWN = "dependency_down"
    VENDOR_FAILED = "vendor_failed"
    VENDOR_TIMEOUT = "vendor_timeout"


ERROR_CODES = [(code.value, code.value) for code in ErrorCode]


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
