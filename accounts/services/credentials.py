"""Usernames and passwords: what they must be, and what changing them ends."""

import re
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.template.loader import render_to_string

from accounts.enums import TokenPurpose
from accounts.models import AccountToken, PhoneCode, PhoneSession, User
from lld.core import audit, mail, outbox
from lld.core.actors import Actor
from lld.core.constraints import violated_constraint
from lld.core.errors import Conflict, ErrorCode, InvalidInput
from lld.core.phones import is_phone

SHORTEST_OF_CUSTOMERS, SHORTEST_OF_STAFF = 6, 8
USERNAME = re.compile(r"[A-Za-z0-9._+-]{2,150}")

# The database's own words for what is taken, and what whoever runs into it can do.
_TAKEN = {
    "user_username_unique": ("username", "Choose another username, or sign in if this one is yours."),
    "user_customer_email_unique": ("email", "Sign in with this address, or have a link sent to set a new password."),
    "user_customer_phone_unique": (
        "phone",
        "Sign in with that account, or recover it with a code sent to the phone.",
    ),
    "user_staff_email_unique": ("email", "Another member of staff has this address."),
}
_WORDS = {"username": "username", "email": "e-mail address", "phone": "phone number"}


def check_password(password: str, *, user: User, field: str = "password") -> None:
    """InvalidInput naming `field` when it is too short, common, or like the account's own names."""
    shortest = SHORTEST_OF_CUSTOMERS if user.is_customer else SHORTEST_OF_STAFF
    complaints = []
    if len(password) < shortest:
        complaints.append(f"Use at least {shortest} characters.")
    if not password.strip():
        complaints.append("Use more than spaces.")
    try:
        validate_password(password, user)
    except ValidationError as error:
        complaints += error.messages
    if complaints:
        raise InvalidInput(complaints[0], fields={field: complaints})


def check_username(username: str, *, email: str) -> None:
    """InvalidInput unless it is a plain name that is no phone number, or the account's own address."""
    # Beyond ASCII the database folds other letters than Python does.
    if email and (username == email or (email.isascii() and username.lower() == email.lower())):
        return
    if USERNAME.fullmatch(username) and not is_phone(username):
        return
    sentence = "Use 2 to 150 letters, digits and . _ + -, but no phone number, or your e-mail address."
    raise InvalidInput(sentence, fields={"username": [sentence]})


def follow_address(user: User, old_email: str) -> None:
    """A username that is the account's address changes with it. InvalidInput where no address is left."""
    if not user.username or "@" not in user.username or user.email == old_email:
        return
    if not user.email:
        sentence = "The username is this address, so it can be replaced but not removed."
        raise InvalidInput(sentence, fields={"email": [sentence]})
    user.username = user.email


def save_unique(user: User, *fields: str) -> None:
    """Save, in a savepoint. Conflict with `duplicate_field` and `hint` when the name, address or phone is taken."""
    try:
        with transaction.atomic():
            user.save(update_fields=fields or None)
    except IntegrityError as error:
        taken = _TAKEN.get(violated_constraint(error))
        if taken is None:
            raise
        field, hint = taken
        raise Conflict(
            f"There is an account with this {_WORDS[field]} already.",
            code=ErrorCode.DUPLICATE,
            extra={"duplicate_field": field, "hint": hint},
        ) from error


def replace_password(
    user: User, password: str, *, actor: Actor, how: str, also: Mapping[str, Any] | None = None
) -> None:
    """Set the password of a locked account, which ends its sessions, tokens and mailed links, and tell its owner.

    `password` was checked before. `also` are columns that the same change sets.
    """
    changes = {"password": make_password(password), **(also or {})}
    for name, value in changes.items():
        setattr(user, name, value)
    user.version += 1
    user.save(update_fields=[*changes, "version", "updated_at"])
    end_sign_ins(user)
    audit.record("account.password", actor=actor, target=user, reason=how)
    notify_account(user, "accounts/password_changed", key=f"password-changed:{user.pk}:{user.token_version}")


def end_sign_ins(user: User) -> None:
    """Void the sessions and tokens of an account, its reset links and the proofs of its phone."""
    User.objects.filter(pk=user.pk).update(token_version=F("token_version") + 1)
    user.refresh_from_db(fields=["token_version"])
    void_recovery(user)


def void_recovery(user: User) -> None:
    """Void what was handed out to get into the account, or to send its mail elsewhere. Of a locked account."""
    purposes = (TokenPurpose.RESET_PASSWORD, TokenPurpose.CONFIRM_EMAIL)
    AccountToken.objects.filter(user=user, purpose__in=purposes).delete()
    if user.phone:
        PhoneSession.objects.filter(phone=user.phone).delete()
        PhoneCode.objects.filter(phone=user.phone).delete()


def notify_account(
    user: User, template: str, *, key: str, email: str | None = None, phone: str | None = None, **context: Any
) -> None:
    """Tell the owner of an account what became of it: by mail or, where there is no address, by text.

    `email` and `phone` are where the owner was reached before, if that has just changed.
    """
    email = user.email if email is None else email
    phone = user.phone if phone is None else phone
    values = {"name": user.first_name or user.username, "username": user.username, **context}
    mail.send_later(template, key=key, to=email, context=values)
    if phone and not email:
        subject = render_to_string(f"{template}.subject.txt", values).strip()
        body = f"LLD Restaurant Supply: {subject}. If it was not you, tell us at once."
        outbox.enqueue("sms", key=key, payload={"to": phone, "body": body})


def shows_debug_tokens() -> bool:
    """Whether answers carry the secrets that are otherwise only sent: on a developer's machine, if asked for."""
    return bool(settings.DEBUG and settings.EXPOSE_DEBUG_TOKENS)
