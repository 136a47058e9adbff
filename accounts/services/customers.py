"""Accounts of customers: made, confirmed, changed, given up."""

from typing import TypedDict, Unpack

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import consent, locks
from accounts.enums import AuthProvider, CodePurpose, TokenPurpose
from accounts.events import AddressProven
from accounts.models import AccountToken, CustomerProfile, SmsConsent, User
from accounts.services import mailed_links, phones
from accounts.services.credentials import (
    check_password,
    check_username,
    end_sign_ins,
    follow_address,
    notify_account,
    replace_password,
    save_unique,
    void_recovery,
)
from lld.core import audit, events
from lld.core.actors import Actor
from lld.core.errors import InvalidInput, NotFound, StaleVersion
from lld.core.phones import can_be_texted, with_extension

PERSON = ("first_name", "last_name", "email", "phone", "phone_extension")


class Business(TypedDict, total=False):
    """What a customer says of their business."""

    company_name: str
    business_type: str
    business_ein: str
    resale_certificate: str
    state_of_operation: str


class ProfileChanges(TypedDict, total=False):
    """What customers may change of themselves."""

    email: str
    phone: str
    phone_extension: str
    first_name: str
    last_name: str
    company_name: str
    phone2: str
    phone2_extension: str
    shipping_address: str
    billing_address: str


@transaction.atomic
def register_customer(
    *,
    username: str,
    password: str,
    email: str = "",
    phone: str = "",
    phone_extension: str = "",
    first_name: str = "",
    last_name: str = "",
    **business: Unpack[Business],
) -> User:
    """An unverified account; the mail with its link, or without an address the text with its code, is on its way.

    InvalidInput for a weak password, a strange username, or neither address nor phone; Conflict, with
    `duplicate_field` and `hint`, when the username, address or phone has an account.
    """
    check_username(username, email=email)
    user = User(
        username=username,
        email=email,
        phone=phone,
        phone_extension=phone_extension,
        first_name=first_name,
        last_name=last_name,
    )
    _check_reachable(user)
    _sign_up(user, password, CustomerProfile(**business))
    return user


@transaction.atomic
def create_account_at_checkout(
    *,
    email: str,
    password: str,
    first_name: str,
    last_name: str,
    phone: str,
    phone_extension: str = "",
    company_name: str,
    shipping_address: str,
) -> User:
    """An unverified account whose username is its address; the mail with the link is on its way.

    Anybody may type another's address at a checkout: the password counts only for who shows to have the mailbox, too.
    Conflict when the address or the phone already has an account.
    """
    names = {"first_name": first_name, "last_name": last_name}
    reached = {"email": email, "phone": phone, "phone_extension": phone_extension}
    user = User(username=email, password_unproven=True, **reached, **names)
    profile = CustomerProfile(
        company_name=company_name, shipping_address=shipping_address, billing_address=shipping_address
    )
    _sign_up(user, password, profile)
    return user


def _sign_up(user: User, password: str, profile: CustomerProfile) -> None:
    check_password(password, user=user)
    user.password = make_password(password)
    user.phone_recovers = not user.phone_extension
    save_unique(user)
    profile.user = user
    profile.save()
    ask_for_proof(user)


@transaction.atomic
def create_contact(
    *,
    email: str,
    phone: str,
    phone_extension: str = "",
    first_name: str,
    last_name: str,
    company_name: str,
    shipping_address: str,
) -> User:
    """A customer that staff know and who cannot sign in."""
    user = User(
        email=email,
        phone=phone,
        phone_extension=phone_extension,
        first_name=first_name,
        last_name=last_name,
        auth_provider=AuthProvider.IMPORTED,
    )
    user.set_unusable_password()
    user.save()
    CustomerProfile.objects.create(
        user=user, company_name=company_name, shipping_address=shipping_address, billing_address=shipping_address
    )
    return user


def ask_for_proof(user: User, *, key: str = "") -> str:
    """Send what proves that the customer can be reached: a link by mail, or without an address a code by text.

    In the caller's transaction. Returns the secret.
    """
    if user.email:
        return mailed_links.send_verification(user, key=key)
    return phones.send_code(user.phone, CodePurpose.VERIFY_PHONE, user=user, key=key)


@transaction.atomic
def verify_email(secret: str, *, made_here: int | None = None) -> str:
    """Spend a link: `success`, `expired` or `invalid`.

    `set_password`, and nothing is spent, for an account from a checkout that was not made in the browser that opens
    the link (`made_here`): its password may be a stranger's, so the mailbox's owner sets one, by
    `recovery.reset_password`.

    Opened again it says `success` while the account has the address: programs that look at mail come first.
    """
    token = mailed_links.find_link(secret, TokenPurpose.VERIFY_EMAIL)
    if token is None:
        return "invalid"
    user = locks.lock_account(token.user_id)
    # Under the lock: a newer link may have replaced it, or another address ended it.
    token = mailed_links.find_link(secret, TokenPurpose.VERIFY_EMAIL)
    if token is None or user is None or not user.is_active:
        return "invalid"
    if token.spent_at is not None:
        return "success" if user.email_verified else "invalid"
    now = timezone.now()
    if token.expires_at <= now:
        return "expired"
    if user.password_unproven and made_here != user.pk:
        return "set_password"
    token.spent_at = now
    token.save(update_fields=["spent_at"])
    was_unproven = user.password_unproven
    user.email_verified, user.password_unproven = True, False
    user.version += 1
    user.save(update_fields=["email_verified", "password_unproven", "version", "updated_at"])
    if was_unproven:
        events.publish(AddressProven(user.pk, user.version))
    return "success"


@transaction.atomic
def change_profile(
    user_id: int, *, actor: Actor, expected_version: int | None = None, **changes: Unpack[ProfileChanges]
) -> User:
    """Change what is given. A new address or phone must be proven anew, and the address so far is told of it.

    StaleVersion; Conflict when an address or phone has another account; InvalidInput when nothing would be left to
    reach the customer by.
    """
    user = _locked(user_id)
    if expected_version is not None and expected_version != user.version:
        raise StaleVersion("account", user.pk, user.version)
    profile = locks.lock_profile(user_id) or CustomerProfile(user=user)
    given = with_extension(with_extension(changes, "phone", user.phone), "phone2", profile.phone2)
    rows = {name: user if name in PERSON else profile for name in given}
    wanted = {name: value for name, value in given.items() if getattr(rows[name], name) != value}
    if not wanted:
        return user
    old_email, old_phone = user.email, user.phone
    contact = {"email", "phone", "phone_extension"} & wanted.keys()
    if contact:
        # With the old phone: afterwards its codes could no longer be found.
        void_recovery(user)
    for name, value in wanted.items():
        setattr(rows[name], name, value)
    user.version += 1
    _reachable_anew(user, old_email=old_email, new_phone=bool({"phone", "phone_extension"} & contact))
    save_unique(user)
    profile.save()
    if contact:
        # Which, and not from what to what: the log outlives the account.
        audit.record("customer.contact", actor=actor, target=user, after={"changed": ", ".join(sorted(contact))})
    if user.email.lower() != old_email.lower() or (user.phone != old_phone and not user.email):
        ask_for_proof(user)
    if user.email != old_email or user.phone != old_phone:
        key = f"contact-changed:{user.pk}:{user.version}"
        notify_account(user, "accounts/contact_changed", key=key, email=old_email, phone=old_phone)
    return user


def _reachable_anew(user: User, *, old_email: str, new_phone: bool) -> None:
    """What follows for a locked account from another address or phone."""
    if old_email and not user.email:
        sentence = "An address can be replaced, not removed."
        raise InvalidInput(sentence, fields={"email": [sentence]})
    _check_reachable(user)
    if user.email.lower() != old_email.lower():
        user.email_verified = False
        # The old link would confirm an address that it was not sent to.
        AccountToken.objects.filter(user=user, purpose=TokenPurpose.VERIFY_EMAIL).delete()
    follow_address(user, old_email)
    if new_phone:
        # Nothing is texted to an extension, and others may have the number.
        user.phone_verified, user.phone_recovers = False, not user.phone_extension


def _check_reachable(user: User) -> None:
    if not user.email and not user.phone:
        sentence = "Give an e-mail address or a phone number."
        raise InvalidInput(sentence, fields={"email": [sentence], "phone": [sentence]})
    if not user.email and user.phone_extension:
        sentence = "We cannot text to an extension. Give an e-mail address."
        raise InvalidInput(sentence, fields={"phone": [sentence]})
    if not user.email and not can_be_texted(user.phone):
        sentence = "We cannot text to numbers of this country. Give an e-mail address."
        raise InvalidInput(sentence, fields={"phone": [sentence]})


@transaction.atomic
def change_password(user_id: int, *, current: str, new: str, actor: Actor) -> User:
    """One's own password, which ends one's other sessions.

    InvalidInput when the current one is wrong or the new one weak.
    """
    user = _locked(user_id)
    if not user.check_password(current):
        sentence = "The current password is wrong."
        raise InvalidInput(sentence, fields={"current_password": [sentence]})
    check_password(new, user=user, field="new_password")
    replace_password(user, new, actor=actor, how="Changed by its owner")
    return user


@transaction.atomic
def delete_account(user_id: int, *, actor: Actor) -> None:
    """Give an account up: nobody can sign in to it or find its owner in it. Orders and invoices stay as they are."""
    user = _locked(user_id)
    end_sign_ins(user)
    AccountToken.objects.filter(user=user).delete()
    notify_account(user, "accounts/account_deleted", key=f"account-deleted:{user.pk}")
    # Of a phone that was never proven the consent may be somebody else's.
    if user.phone_verified:
        SmsConsent.objects.create(
            phone=user.phone, consented=False, text_version=consent.VERSION, source="account deleted"
        )
    user.username = f"deleted~{user.pk}"
    user.email = user.phone = user.phone_extension = user.first_name = user.last_name = ""
    user.email_verified = user.phone_verified = user.is_active = False
    user.deleted_at = timezone.now()
    user.set_unusable_password()
    user.version += 1
    user.save()
    profile = locks.lock_profile(user_id)
    if profile is not None:
        blank = CustomerProfile(user=user, stripe_customer_id=profile.stripe_customer_id)
        blank.save(force_update=True)
    audit.record("customer.delete", actor=actor, target=user)


def _locked(user_id: int) -> User:
    user = locks.lock_account(user_id)
    if user is None or not user.is_customer or user.deleted_at is not None:
        raise NotFound("There is no such account.")
    return user
