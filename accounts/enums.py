from enum import StrEnum

from django.db import models


class AuthProvider(models.TextChoices):
    """Where an account came from. Only `email` accounts signed up themselves and can sign in."""

    EMAIL = "email", "Registered or created at checkout"
    STAFF = "staff", "Created by an administrator"
    IMPORTED = "imported", "Imported contact without a login"


class TokenPurpose(models.TextChoices):
    VERIFY_EMAIL = "verify_email"
    RESET_PASSWORD = "reset_password"  # noqa: S105  # a purpose, not a password
    CONFIRM_EMAIL = "confirm_email"


class CodePurpose(models.TextChoices):
    """What a code sent to a phone is good for."""

    RECOVER = "recover", "Recover an account, or see its orders"
    VERIFY_PHONE = "verify_phone", "Confirm the phone of an account"


class Recovery(StrEnum):
    """What can be sent to the owner of an account; all but the last on any stranger's word."""

    CUSTOMER_PASSWORD = "customer_password"  # noqa: S105  # what is wanted, not a password
    STAFF_PASSWORD = "staff_password"  # noqa: S105  # the same
    CONSOLE_PASSWORD = "console_password"  # noqa: S105  # the same, by a link to the console
    CUSTOMER_USERNAME = "customer_username"
    STAFF_USERNAME = "staff_username"
    VERIFICATION = "verification"
    PHONE_CODE = "phone_code"
    PHONE_PROOF = "phone_proof"


class SmsStatus(models.TextChoices):
    """Twilio's words for what became of a text."""

    ACCEPTED = "accepted"
    SCHEDULED = "scheduled"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    CANCELED = "canceled"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    DELIVERED = "delivered"
    READ = "read"

    @property
    def rank(self) -> int:
        """How far along: a report of a lower rank is an old one that came late."""
        return _SMS_RANKS[self]


_SMS_RANKS = {
    SmsStatus.ACCEPTED: 0,
    SmsStatus.SCHEDULED: 0,
    SmsStatus.QUEUED: 1,
    SmsStatus.SENDING: 2,
    SmsStatus.SENT: 3,
    SmsStatus.CANCELED: 4,
    SmsStatus.UNDELIVERED: 4,
    SmsStatus.FAILED: 4,
    SmsStatus.DELIVERED: 4,
    SmsStatus.READ: 5,
}


class PaymentTerms(models.TextChoices):
    NET15 = "net15", "Net 15"
    NET30 = "net30", "Net 30"
    NET60 = "net60", "Net 60"


class Language(models.TextChoices):
    ENGLISH = "en"
    SPANISH = "es"
    CHINESE = "zh"
    POLISH = "pl"
