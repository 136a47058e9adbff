"""Ways back into an account, for strangers: the answer and its timing are the same whoever they name.

A request only stores what was asked. A worker looks up whether there is such an account, and sends what there is
to send.
"""

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts import locks, selectors
from accounts.enums import CodePurpose, Recovery, TokenPurpose
from accounts.events import AddressProven
from accounts.models import User
from accounts.services import customers, mailed_links, phones
from accounts.services.credentials import check_password, notify_account, replace_password, shows_debug_tokens
from lld.core import events, outbox
from lld.core.actors import Actor
from lld.core.phones import can_be_texted, is_phone, normalise_phone

CHANNEL = "recovery"
LASTS = timedelta(hours=6)


def request_recovery(wanted: Recovery, subject: str) -> str | None:
    """Have the way back sent to whoever `subject` (a username, an address or a phone) belongs to, if to anyone.

    On a developer's machine that shows secrets it is carried out at once, and what was sent is returned: the secret
    of the link, the code, or the username.
    """
    key = f"recovery:{uuid.uuid4()}"
    payload = {"wanted": str(wanted), "subject": subject.strip().lower()}
    if shows_debug_tokens():
        return carry_out_recovery(key, payload) or None
    lasts = phones.CODE_LASTS if wanted == Recovery.PHONE_CODE else LASTS
    with transaction.atomic():
        outbox.enqueue(CHANNEL, key=key, payload=payload, sensitive=True, expires_at=timezone.now() + lasts)
    return None


def deliver_recovery(key: str, payload: Mapping[str, Any]) -> str:
    """The outbox's side of it. Nothing is returned: the outbox would keep it."""
    carry_out_recovery(key, payload)
    return ""


@transaction.atomic
def carry_out_recovery(key: str, payload: Mapping[str, Any]) -> str:
    """Send what was asked for, once: a repeat would void the link that is already on its way."""
    reply = f"{key}:reply"
    if outbox.is_stored(reply):
        return ""
    return _WAYS[Recovery(payload["wanted"])](payload["subject"], reply)


def _reset(subject: str, reply: str, *, staff: bool, console: bool = False) -> str:
    user = _locked(selectors.find_for_sign_in(subject, staff=staff))
    if user is None or not user.email:
        return ""
    return mailed_links.send_reset(user, key=reply, console=console)


def _username(email: str, reply: str, *, staff: bool) -> str:
    user = selectors.find_by_email(email, staff=staff)
    if user is None or not user.is_active:
        return ""
    notify_account(user, "accounts/username", key=reply)
    return user.username or ""


def _verification(subject: str, reply: str) -> str:
    phone = normalise_phone(subject) if is_phone(subject) else ""
    user = _locked(selectors.find_for_sign_in(subject, staff=False) or selectors.registered_by_phone(phone))
    waits = user is not None and not user.may_sign_in
    secret = customers.ask_for_proof(user, key=reply) if user is not None and waits else ""
    if phone:
        # Whether a code came of it must not show in what a guess at one costs.
        phones.keep_decoy(phone, CodePurpose.VERIFY_PHONE)
    return secret


def _phone_proof(username: str, reply: str) -> str:
    user = _locked(selectors.find_for_sign_in(username, staff=False))
    if user is None or not user.phone or user.phone_extension or not can_be_texted(user.phone):
        return ""
    if user.phone_verified and user.phone_recovers:
        return ""
    return phones.send_code(user.phone, CodePurpose.VERIFY_PHONE, user=user, key=reply)


def _locked(user: User | None) -> User | None:
    """As it is now: the link must go to the address that it will confirm, which may just be changing."""
    locked = locks.lock_account(user.pk) if user else None
    return locked if locked is not None and locked.is_active else None


def _phone_code(phone: str, reply: str) -> str:
    if not can_be_texted(phone) or not selectors.is_customers_phone(phone):
        phones.keep_decoy(phone, CodePurpose.RECOVER)
        return ""
    return phones.send_code(phone, CodePurpose.RECOVER, key=reply)


_WAYS = {
    Recovery.CUSTOMER_PASSWORD: lambda subject, reply: _reset(subject, reply, staff=False),
    Recovery.STAFF_PASSWORD: lambda subject, reply: _reset(subject, reply, staff=True),
    Recovery.CONSOLE_PASSWORD: lambda subject, reply: _reset(subject, reply, staff=True, console=True),
    Recovery.CUSTOMER_USERNAME: lambda subject, reply: _username(subject, reply, staff=False),
    Recovery.STAFF_USERNAME: lambda subject, reply: _username(subject, reply, staff=True),
    Recovery.VERIFICATION: _verification,
    Recovery.PHONE_CODE: _phone_code,
    Recovery.PHONE_PROOF: _phone_proof,
}


@transaction.atomic
def reset_password(secret: str, password: str, *, staff: bool, actor: Actor) -> User:
    """Spend a mailed link for a new password. InvalidInput for a link that is no good, or a weak password.

    The link to confirm an address sets the first password that counts, too. A refused password leaves the link good.
    """
    ways = (TokenPurpose.RESET_PASSWORD, TokenPurpose.VERIFY_EMAIL)
    user, token = mailed_links.spend_link(secret, *ways, staff=staff)
    if token.purpose == TokenPurpose.VERIFY_EMAIL and not user.password_unproven:
        raise mailed_links.no_good()
    check_password(password, user=user)
    # The mailbox is proven now. Where it never was before, whoever signed up with it may have been somebody else,
    # whose phone must not lead back in.
    was_verified = user.email_verified
    also = {
        "email_verified": True,
        "password_unproven": False,
        "phone_recovers": user.phone_recovers and was_verified,
    }
    replace_password(user, password, actor=actor, how="Reset by a mailed link", also=also)
    if not was_verified and user.is_customer:
        events.publish(AddressProven(user.pk, user.version))
    return user
