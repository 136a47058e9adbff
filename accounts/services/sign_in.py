"""Signing in and out. Known and unknown names cost the same time and get the same answer."""

from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.utils import timezone

from accounts import selectors
from accounts.errors import EmailNotVerified, InvalidCredentials, PhoneNotVerified
from accounts.hashers import spellings
from accounts.models import AccountToken, PhoneCode, PhoneSession, RevokedStaffToken, User
from accounts.tokens import StaffToken

# A link that has expired is still told apart from one that never was.
KEPT_AFTER_EXPIRY = timedelta(days=30)


def verify_customer(*, username: str, password: str) -> User:
    """The customer with this password.

    InvalidCredentials otherwise; EmailNotVerified, or of an account without an address PhoneNotVerified.
    """
    user = _verify(username, password, staff=False)
    if not user.may_sign_in:
        raise EmailNotVerified if user.email else PhoneNotVerified
    return user


def verify_staff(*, username: str, password: str) -> User:
    """The member of staff with this password. InvalidCredentials otherwise."""
    return _verify(username, password, staff=True)


def issue_staff_token(user: User) -> str:
    return str(StaffToken.for_staff(user))


def revoke_staff_token(token: StaffToken) -> None:
    """End one token. Ending it twice is no error."""
    RevokedStaffToken.objects.get_or_create(
        jti=token["jti"], defaults={"expires_at": datetime.fromtimestamp(token["exp"], UTC)}
    )


def forget_expired() -> None:
    """Delete sessions, revocations, codes, phone sessions and mailed links that no longer open anything."""
    now = timezone.now()
    for model in (PhoneCode, PhoneSession):
        model._default_manager.filter(expires_at__lt=now).delete()
    # A token counts for a moment after it has expired.
    RevokedStaffToken.objects.filter(expires_at__lt=now - settings.CLOCK_LEEWAY).delete()
    AccountToken.objects.filter(expires_at__lt=now - KEPT_AFTER_EXPIRY, spent_at=None).delete()
    Session.objects.filter(expire_date__lt=now).delete()


def _verify(username: str, password: str, *, staff: bool) -> User:
    user = selectors.find_for_sign_in(username.strip().lower(), staff=staff)
    if user is None or not user.has_usable_password():
        # As often as a password is hashed that is compared.
        for _ in spellings(password):
            make_password(password)
        raise InvalidCredentials
    if not user.check_password(password) or not user.is_active:
        raise InvalidCredentials
    return user
