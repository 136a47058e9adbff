"""Refusals that only accounts know."""

from lld.core.errors import DomainError, ErrorCode


class InvalidCredentials(DomainError):
    """401: one sentence for every reason, so that it tells a stranger nothing."""

    status = 401
    code = ErrorCode.INVALID_CREDENTIALS

    def __init__(self) -> None:
        super().__init__("Username or password is wrong.")


class InvalidCode(DomainError):
    """400: one sentence for codes and tokens that are wrong, used, expired, or guessed at too often."""

    code = ErrorCode.INVALID_CODE

    def __init__(self, field: str = "code") -> None:
        sentence = "This code is wrong or has expired. Have a new one sent."
        super().__init__(sentence, fields={field: [sentence]})


class EmailNotVerified(DomainError):
    """403: the password is right, but the address was never confirmed."""

    status = 403
    code = ErrorCode.EMAIL_NOT_VERIFIED

    def __init__(self) -> None:
        super().__init__(
            "Please confirm your e-mail address first: we have sent you a link.",
            extra={"email_verification_required": True},
        )


class PhoneNotVerified(DomainError):
    """403: the password is right, but of an account without an address the phone was never confirmed."""

    status = 403
    code = ErrorCode.PHONE_NOT_VERIFIED

    def __init__(self) -> None:
        super().__init__(
            "Please confirm your phone first: we have texted you a code.",
            extra={"email_verification_required": False, "phone_verification_required": True},
        )
