"""Links sent by mail: made, mailed, spent once."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts import locks
from accounts.enums import TokenPurpose
from accounts.models import AccountToken, User
from accounts.tokens import hash_secret, new_secret
from lld.core import mail
from lld.core.errors import ErrorCode, InvalidInput

VERIFICATION_LASTS = timedelta(hours=48)
RESET_LASTS = timedelta(hours=1)
CONFIRMATION_LASTS = timedelta(hours=24)


@transaction.atomic
def send_verification(user: User, *, key: str = "") -> str:
    """Make a new link to confirm an address, which voids the older one, and mail it. Returns its secret."""
    secret = _make(user, TokenPurpose.VERIFY_EMAIL, VERIFICATION_LASTS)
    link = f"{settings.PUBLIC_URL}/api/auth/verify-email/{secret}"
    _mail(user, "accounts/verify_email", link, VERIFICATION_LASTS, key=key)
    return secret


@transaction.atomic
def send_reset(user: User, *, key: str = "", console: bool = False) -> str:
    """The same for a link to set a new password: in the storefront, or in the console."""
    secret = _make(user, TokenPurpose.RESET_PASSWORD, RESET_LASTS)
    folder = "" if user.is_customer else "/staff"
    page = f"{settings.FRONTEND_URL}{folder}/reset-password"
    if console:
        page = f"{settings.PUBLIC_URL}/admin/new-password/"
    link = f"{page}?token={secret}"
    _mail(user, "accounts/reset_password", link, RESET_LASTS, key=key)
    return secret


@transaction.atomic
def send_confirmation(user: User, new_email: str) -> str:
    """The same for a link, mailed to `new_email`, that makes it the address of a member of staff."""
    secret = _make(user, TokenPurpose.CONFIRM_EMAIL, CONFIRMATION_LASTS, new_email)
    link = f"{settings.FRONTEND_URL}/staff/confirm-email?token={secret}"
    _mail(user, "accounts/confirm_email", link, CONFIRMATION_LASTS, to=new_email)
    return secret


def spend_link(secret: str, *purposes: TokenPurpose, staff: bool) -> tuple[User, AccountToken]:
    """The account behind a link, locked, in the caller's transaction; the link is used up with it.

    InvalidInput when it was used, replaced, has expired, or is of the other kind of account.
    """
    token = find_link(secret, *purposes)
    if token is None or token.expires_at <= timezone.now():
        raise no_good()
    user = locks.lock_account(token.user_id)
    # Under the lock, and by its hash: two may hold the same link, and a newer one may have replaced it.
    spent, _ = AccountToken.objects.filter(pk=token.pk, token_hash=token.token_hash).delete()
    if user is None or not user.is_active or user.is_customer == staff or not spent:
        raise no_good()
    return user, token


def find_link(secret: str, *purposes: TokenPurpose) -> AccountToken | None:
    return AccountToken.objects.filter(purpose__in=purposes, token_hash=hash_secret(secret)).first()


def no_good() -> InvalidInput:
    sentence = "This link is not valid any more. Have a new one sent."
    return InvalidInput(sentence, code=ErrorCode.INVALID_LINK, fields={"token": [sentence]})


def _make(user: User, purpose: TokenPurpose, lasts: timedelta, new_email: str = "") -> str:
    secret = new_secret()
    expires_at: datetime = timezone.now() + lasts
    AccountToken.objects.update_or_create(
        user=user,
        purpose=purpose,
        defaults={
            "token_hash": hash_secret(secret),
            "expires_at": expires_at,
            "new_email": new_email,
            "spent_at": None,
        },
    )
    return secret


def _mail(user: User, template: str, link: str, lasts: timedelta, *, key: str = "", to: str = "") -> None:
    mail.send_later(
        template,
        key=key or f"{template}:{hash_secret(link)[:24]}",
        to=to or user.email,
        context={"name": user.first_name or user.username, "username": user.username, "link": link},
        sensitive=True,
        expires_at=timezone.now() + lasts,
    )
