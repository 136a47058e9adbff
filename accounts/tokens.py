"""Secrets that are handed out: staff tokens, API keys, links in mails. Only hashes are kept."""

import hashlib
import secrets
from typing import Any

from django.conf import settings
from django.utils.crypto import salted_hmac
from rest_framework_simplejwt.tokens import Token


class StaffToken(Token):
    """A signed JWT: `user_id`, `ver` (the account's token version), `jti`, `exp`.

    The role is not in it: it is read from the database on every request, so that a demotion counts at once.
    """

    token_type = "staff"  # noqa: S105  # a kind, not a secret
    lifetime = settings.STAFF_TOKEN_LIFETIME

    @classmethod
    def for_staff(cls, user: Any) -> "StaffToken":
        token = cls()
        token["user_id"] = user.pk
        token["ver"] = user.token_version
        return token


def new_secret() -> str:
    """256 random bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """SHA-256 suffices: what is hashed has 256 random bits, so nothing can be guessed from it."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hash_phone_code(phone: str, purpose: str, code: str) -> str:
    """HMAC-SHA256 with a pepper that is not in the database: a million codes are quickly tried."""
    return salted_hmac("accounts.phone_code", f"{purpose}:{phone}:{code}", algorithm="sha256").hexdigest()


def hash_api_key(raw: str) -> str:
    """HMAC-SHA256 with a pepper that is not in the database. Looked up by equality of the hash."""
    return salted_hmac("accounts.api_key", raw, algorithm="sha256").hexdigest()
