"""What opens an account, as far as it is kept: hashed, and with an end."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from accounts.enums import CodePurpose, TokenPurpose
from accounts.models.users import User

MOST_GUESSES = 5


class AccountToken(models.Model):
    """A link sent by mail: single use, stored as a hash, void once a newer one is made.

    One that confirmed an address stays, with `spent_at`, for as long as the account has the address.
    """

    user = models.ForeignKey(User, models.CASCADE, related_name="account_tokens")
    purpose = models.CharField(max_length=20, choices=TokenPurpose)
    token_hash = models.CharField(max_length=64, unique=True)
    new_email = models.EmailField(max_length=254, blank=True, help_text="The address that the link confirms.")
    expires_at = models.DateTimeField()
    spent_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "purpose"], name="account_token_newest_only"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} of {self.user_id}"


class PhoneCode(models.Model):
    """A code sent to a phone: single use, stored as a keyed hash, void once a newer one is made.

    A row is made for phones of nobody, too, with a hash that no code has: guessing costs the same everywhere.
    """

    phone = models.CharField(max_length=20, unique=True, help_text="E.164")
    purpose = models.CharField(max_length=20, choices=CodePurpose)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, help_text="Whose phone the code confirms.")
    is_decoy = models.BooleanField(default=False)
    code_hash = models.CharField(max_length=64)
    guesses = models.PositiveSmallIntegerField(default=0)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(guesses__lte=MOST_GUESSES), name="phone_code_guesses_end"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} code {self.pk}"


class PhoneSession(models.Model):
    """Proof that the caller holds a phone: opened by a code, stored as a hash, short-lived."""

    phone = models.CharField(max_length=20)
    token_hash = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"phone session {self.pk}"


class RevokedStaffToken(models.Model):
    """A staff token that was signed out before it expired."""

    jti = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.jti
