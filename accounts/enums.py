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


class PaymentTerms(models.TextChoices):
    NET15 = "net15", "Net 15"
    NET30 = "net30", "Net 30"
    NET60 = "net60", "Net 60"


class Language(models.TextChoices):
    ENGLISH = "en"
    SPANISH = "es"
    CHINESE = "zh"
    POLISH = "pl"
