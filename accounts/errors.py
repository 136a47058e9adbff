"""Refusals that only accounts know."""

from lld.core.errors import DomainError, ErrorCode


class InvalidCredentials(DomainError):
    """401: one sentence for every reason, so that it tells a stranger nothing."""

    status = 401
    code = ErrorCode.INVALID_CREDENTIALS

    def __init__(self) -> None:
        super().__init__("Username or password is wrong.")


class EmailNotVerified(DomainError):
    """403: the password is right, but the address was never confirmed."""

    status = 403
    code = ErrorCode.EMAIL_NOT_VERIFIED

    def __init__(self) -> None:
        super().__init__(
            "Please confirm your e-mail address first: we have sent you a link.",
            extra={"email_verification_required": True},
        )
