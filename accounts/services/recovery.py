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
from accounts.models import User
from accounts.services import customers, links, phones
from accounts.services.credentials import check_password, debug_tokens_shown, notify, replace_password
from lld.core import outbox
from lld.core.actors import Actor
from lld.core.phones import can_be_texted, is_phone, normalise_phone
from lld.core.throttles import spend_address_try, spend_subject_try
from lld.gateways import twilio

CHANNEL = "recovery"
HOUR = 3600
ADDRESS_REQUESTS = 30
REQUESTS, REQUESTS_FROM_ANYWHERE = 5, 20
LASTS = timedelta(hours=6)


def request_recovery(wanted: Recovery, subject: str, *, address: str) -> str | None:
    """Have the way back sent to whoever `subject` (a username, an address or a phone) belongs to, if to anyone.

    Throttled by address, and by subject: sooner for one address, so that a stranger cannot keep the owner out.
    NotConfigured when a code is wanted and texts cannot be sent. On a developer's machine that shows secrets it is
    carried out at once, and what was sent is returned: the secret of the link, the code, or the username.
    """
    if wanted == Recovery.PHONE_CODE:
        twilio.check_configured()
    # In one spelling: each of several would have a count of its own.
    subject = subject.strip().lower()
    counted = normalise_phone(subject) if is_phone(subject) else subject
    spend_address_try("recovery-address", address, limit=ADDRESS_REQUESTS, seconds=HOUR)
    spend_subject_try(
        f"recovery-{wanted}", counted, address, limit=REQUESTS, everywhere=REQUESTS_FROM_ANYWHERE, seconds=HOUR
    )
    key = f"recovery:{uuid.uuid4()}"
    payload = {"wanted": str(wanted), "subject": subject}
    if debug_tokens_shown():
        return carry_out(key, payload) or None
    lasts = phones.CODE_LASTS if wanted == Recovery.PHONE_CODE else LASTS
    with transaction.atomic():
        outbox.enqueue(CHANNEL, key=key, payload=payload, sensitive=True, expires_at=timezone.now() + lasts)
    return None


def deliver(key: str, payload: Mapping[str, Any]) -> str:
    """The outbox's side of it. Nothing is returned: the outbox would keep it."""
    carry_out(key, payload)
    return ""


@transaction.atomic
def carry_out(key: str, payload: Mapping[str, Any]) -> str:
    """Send what was asked for, once: a repeat would void the link that is already on its way."""
    reply = f"{key}:reply"
    if outbox.is_stored(reply):
        return ""
    return _WAYS[Recovery(payload["wanted"])](payload["subject"], reply)


def _reset(subject: str, reply: str, *, staff: bool) -> str:
    user = _locked(selectors.find_for_sign_in(subject, staff=staff))
    if user is None or not user.email:
        return ""
    return links.send_reset(user, key=reply)


def _username(email: str, reply: str, *, staff: bool) -> str:
    user = selectors.find_by_email(email, staff=staff)
    if user is None or not user.is_active:
        return ""
    notify(user, "accounts/username", key=reply)
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
    if user is None or not user.phone or not can_be_texted(user.phone):
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
    Recovery.CUSTOMER_USERNAME: lambda subject, reply: _username(subject, reply, staff=False),
    Recovery.STAFF_USERNAME: lambda subject, reply: _username(subject, reply, staff=True),
    Recovery.VERIFICATION: _verification,
    Recovery.PHONE_CODE: _phone_code,
    Recovery.PHONE_PROOF: _phone_proof,
}


@transaction.atomic
def reset_password(secret: str, password: str, *, staff: bool, actor: Actor) -> User:
    """Spend a mailed link for a new password. InvalidInput for a link that is no good, or a weak password.

    A refused password leaves the link good.
    """
    user, _ = links.spend(secret, TokenPurpose.RESET_PASSWORD, staff=staff)
    check_password(password, user=user)
    # The mailbox is proven now. Where it never was before, whoever signed up with it may have been somebody else,
    # whose phone must not lead back in.
    also = {"email_verified": True, "phone_recovers": user.phone_recovers and user.email_verified}
    replace_password(user, password, actor=actor, how="Reset by a mailed link", also=also)
    return user
