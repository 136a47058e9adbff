"""Proof that someone holds a phone: a code sent to it, then a token that lasts a little."""

import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts import locks, selectors
from accounts.enums import CodePurpose
from accounts.errors import InvalidCode
from accounts.models import MOST_GUESSES, PhoneCode, PhoneSession, User
from accounts.services.credentials import check_password, replace_password, save_unique
from accounts.tokens import hash_phone_code, hash_secret, new_secret
from lld.core import outbox
from lld.core.actors import Actor
from lld.core.errors import NotFound

CODE_LASTS = timedelta(minutes=10)
SESSION_LASTS = timedelta(minutes=15)

_TEXTS = {
    CodePurpose.RECOVER: "LLD Restaurant Supply: {code} is your code to get into your account. "
    "It works for 10 minutes. Nobody from LLD will ever ask for it.",
    CodePurpose.VERIFY_PHONE: "LLD Restaurant Supply: {code} confirms this phone for your account. "
    "It works for 10 minutes. Nobody from LLD will ever ask for it.",
}


@transaction.atomic
def send_code(phone: str, purpose: CodePurpose, *, user: User | None = None, key: str = "") -> str:
    """Make a code, which voids the older one of this phone, and text it. Returns the code.

    `user` is whose phone a code of VERIFY_PHONE confirms.
    """
    code = f"{secrets.randbelow(10**6):06}"
    expires_at = _keep(phone, purpose, hash_phone_code(phone, purpose, code), user=user, is_decoy=False)
    outbox.enqueue(
        "sms",
        key=key or f"phone-code:{new_secret()}",
        payload={"to": phone, "body": _TEXTS[purpose].format(code=code)},
        sensitive=True,
        expires_at=expires_at,
    )
    return code


def keep_decoy(phone: str, purpose: CodePurpose) -> None:
    """For a phone of nobody, what `send_code` leaves behind, but without a code that fits.

    A real code that is under way stays: its owner has it at hand.
    """
    if not PhoneCode.objects.filter(phone=phone, is_decoy=False, expires_at__gt=timezone.now()).exists():
        _keep(phone, purpose, hash_secret(new_secret()), user=None, is_decoy=True)


def _keep(phone: str, purpose: CodePurpose, code_hash: str, *, user: User | None, is_decoy: bool) -> datetime:
    expires_at: datetime = timezone.now() + CODE_LASTS
    PhoneCode.objects.update_or_create(
        phone=phone,
        defaults={
            "purpose": purpose,
            "code_hash": code_hash,
            "user": user,
            "is_decoy": is_decoy,
            "guesses": 0,
            "expires_at": expires_at,
        },
    )
    return expires_at


def verify_code(*, phone: str, code: str, purpose: CodePurpose | None = None) -> str | None:
    """The token that proves the phone; None where the code confirmed the phone of an account instead.

    InvalidCode for a wrong, used or expired code, or one of another purpose, and after five guesses; Conflict where
    another account has the phone by now. Not one transaction: a guess counts even where what follows fails.
    """
    now = timezone.now()
    found = PhoneCode.objects.filter(phone=phone, expires_at__gt=now, guesses__lt=MOST_GUESSES).first()
    # Counted by the database before anything is compared, and only against the code that is compared.
    if found is None or not _count_guess(found):
        raise InvalidCode
    expected = hash_phone_code(phone, purpose or found.purpose, code)
    if not constant_time_compare(expected, found.code_hash):
        raise InvalidCode
    return _redeem(found)


def _count_guess(code: PhoneCode) -> bool:
    same = PhoneCode.objects.filter(pk=code.pk, code_hash=code.code_hash, guesses__lt=MOST_GUESSES)
    return bool(same.update(guesses=F("guesses") + 1))


@transaction.atomic
def _redeem(code: PhoneCode) -> str | None:
    owner = locks.lock_account(code.user_id) if code.user_id else None
    spent, _ = PhoneCode.objects.filter(pk=code.pk, code_hash=code.code_hash).delete()
    if not spent:
        raise InvalidCode
    if code.purpose == CodePurpose.RECOVER:
        # Confirms nothing of the account: someone else may have signed up with this phone.
        return open_phone_session(code.phone)
    if owner is None or not _still_has(owner, code.phone):
        raise InvalidCode
    owner.phone_verified = owner.phone_recovers = True
    owner.version += 1
    save_unique(owner)
    return None


def _still_has(user: User, phone: str) -> bool:
    return user.is_active and user.phone == phone


@transaction.atomic
def open_phone_session(phone: str) -> str:
    """The token that proves for a while that its holder holds this phone."""
    secret = new_secret()
    PhoneSession.objects.create(
        phone=phone, token_hash=hash_secret(secret), expires_at=timezone.now() + SESSION_LASTS
    )
    return secret


@transaction.atomic
def spend_session_for_username(token: str) -> str:
    """The masked username of the account with the proven phone. InvalidCode for a token that proves nothing."""
    return mask_username(_spend_session(token).username or "")


@transaction.atomic
def spend_session_for_password(token: str, password: str, *, actor: Actor) -> User:
    """Set the password of the account with the proven phone. A refused password leaves the token good."""
    user = _spend_session(token)
    check_password(password, user=user)
    replace_password(
        user, password, actor=actor, how="Reset by a code sent to the phone", also={"phone_verified": True}
    )
    return user


def _spend_session(token: str) -> User:
    session = PhoneSession.objects.filter(token_hash=hash_secret(token), expires_at__gt=timezone.now()).first()
    if session is None:
        raise InvalidCode(field="phone_session_token")
    found = selectors.registered_by_phone(session.phone)
    holder = locks.lock_account(found.pk) if found else None
    spent, _ = PhoneSession.objects.filter(pk=session.pk).delete()
    if not spent:
        raise InvalidCode(field="phone_session_token")
    if holder is None or not _still_has(holder, session.phone):
        raise NotFound("No account has this phone.")
    return holder


def mask_username(username: str) -> str:
    """Enough to remember it by: `maria.lopez` is `ma***z`, `maria@cafe.com` is `ma***a@cafe.com`."""
    name, at, domain = username.partition("@")
    shown = f"{name[:2]}***{name[-1:]}" if len(name) > 3 else f"{name[:1]}***"
    return f"{shown}{at}{domain}"
