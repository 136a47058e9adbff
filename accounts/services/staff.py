"""Accounts of staff."""

from typing import Any, TypedDict, Unpack

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from accounts import locks
from accounts.enums import AuthProvider, TokenPurpose
from accounts.models import AccountToken, StaffProfile, User
from accounts.services import mailed_links
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
from lld.core import audit
from lld.core.access import Role
from lld.core.actors import Actor
from lld.core.errors import Conflict, ErrorCode, Forbidden, InvalidInput, NotFound, StaleVersion


class StaffChanges(TypedDict, total=False):
    """What admins change of a member of staff."""

    email: str
    first_name: str
    last_name: str
    role: str
    is_active: bool


@transaction.atomic
def create_staff(
    *,
    actor: Actor,
    username: str,
    password: str,
    role: Role,
    email: str = "",
    first_name: str = "",
    last_name: str = "",
) -> User:
    """A new member of staff.

    Conflict when the username or address is taken; InvalidInput for a weak password or a strange username.
    """
    check_username(username, email=email)
    user = User(
        username=username,
        email=email,
        role=role,
        first_name=first_name,
        last_name=last_name,
        auth_provider=AuthProvider.STAFF,
        email_verified=True,
    )
    check_password(password, user=user)
    user.password = make_password(password)
    save_unique(user)
    StaffProfile.objects.create(user=user)
    audit.record("staff.create", actor=actor, target=user, after={"username": username, "role": role})
    return user


@transaction.atomic
def change_staff(
    user_id: int,
    *,
    actor: Actor,
    expected_version: int | None = None,
    password: str | None = None,
    **changes: Unpack[StaffChanges],
) -> User:
    """Change what is given. Another role, password or deactivation ends the member's sessions and tokens at once.

    Conflict for one's own role, activity or password, for the last active admin, and for a taken address;
    StaleVersion; InvalidInput for a weak password; Forbidden when the actor has just stopped being an admin.
    """
    members = locks.lock_staff(user_id)
    member = _member(members, user_id)
    _check_authority(members, actor)
    if expected_version is not None and expected_version != member.version:
        raise StaleVersion("account", member.pk, member.version)
    wanted: dict[str, Any] = {name: value for name, value in changes.items() if getattr(member, name) != value}
    before = {name: getattr(member, name) for name in wanted}
    if {"role", "is_active"} & wanted.keys():
        if _is_self(actor, user_id):
            raise Conflict("You cannot change your own role or deactivate yourself.")
        stays_admin = wanted.get("role", member.role) == Role.ADMIN and wanted.get("is_active", member.is_active)
        _keep_an_admin(members, user_id, stays_admin=stays_admin)
    old_email = member.email
    for name, value in wanted.items():
        setattr(member, name, value)
    if wanted:
        _change(member, before, old_email=old_email, actor=actor)
    if password is not None:
        if _is_self(actor, user_id):
            raise Conflict("Change your own password in your profile, with the current one.")
        check_password(password, user=member)
        replace_password(member, password, actor=actor, how="Set by an admin")
    return member


def _change(member: User, before: dict[str, Any], *, old_email: str, actor: Actor) -> None:
    follow_address(member, old_email)
    member.version += 1
    save_unique(member)
    if {"role", "is_active"} & before.keys():
        end_sign_ins(member)
    if "email" in before:
        _left_address(member, old_email)
    after = {name: getattr(member, name) for name in before}
    audit.record("staff.change", actor=actor, target=member, before=before, after=after)


def _left_address(member: User, old_email: str) -> None:
    """What was sent to the old address opens nothing any more, and its owner hears of it."""
    void_recovery(member)
    key = f"contact-changed:{member.pk}:{member.version}"
    notify_account(member, "accounts/contact_changed", key=key, email=old_email)


@transaction.atomic
def delete_staff(user_id: int, *, actor: Actor) -> None:
    """Close the account of a member of staff for good: their name stays, their username and address become free.

    Conflict for oneself, and for the last active admin.
    """
    members = locks.lock_staff(user_id)
    member = _member(members, user_id)
    _check_authority(members, actor)
    if _is_self(actor, user_id):
        raise Conflict("You cannot delete your own account.")
    _keep_an_admin(members, user_id, stays_admin=False)
    end_sign_ins(member)
    AccountToken.objects.filter(user=member).delete()
    audit.record(
        "staff.delete", actor=actor, target=member, before={"username": member.username, "role": member.role}
    )
    member.username, member.email = f"{(member.username or '')[:120]}~deleted-{member.pk}".replace("@", "~"), ""
    member.is_active, member.deleted_at = False, timezone.now()
    member.set_unusable_password()
    member.version += 1
    member.save()


def _member(members: dict[int, User], user_id: int) -> User:
    member = members.get(user_id)
    if member is None:
        raise NotFound("There is no such member of staff.")
    return member


def _check_authority(members: dict[int, User], actor: Actor) -> None:
    """Under the locks: the actor may have lost the role while this waited for them."""
    acting = members.get(actor.id or 0)
    if actor.kind == "staff" and (acting is None or acting.role != Role.ADMIN or not acting.is_active):
        raise Forbidden("Only an admin may do this.")


def _is_self(actor: Actor, user_id: int) -> bool:
    return actor.kind == "staff" and actor.id == user_id


def _keep_an_admin(members: dict[int, User], user_id: int, *, stays_admin: bool) -> None:
    if not stays_admin and not any(other.role == Role.ADMIN for pk, other in members.items() if pk != user_id):
        raise Conflict("This is the last active admin.")


@transaction.atomic
def set_staff_password(user_id: int, password: str, *, actor: Actor) -> User:
    """Give another member of staff a new password, which ends their sessions and tokens. As `change_staff`."""
    return change_staff(user_id, actor=actor, password=password)


@transaction.atomic
def replace_own_password(user_id: int, password: str, *, actor: Actor) -> User:
    """A new password of one's own, after the current one was checked. InvalidInput for a weak one."""
    member = _own(user_id)
    check_password(password, user=member, field="new_password")
    replace_password(member, password, actor=actor, how="Changed by its owner")
    return member


@transaction.atomic
def change_own_password(user_id: int, *, current: str, new: str, actor: Actor) -> User:
    """One's own password, which ends all of one's sessions and tokens.

    InvalidInput when the current one is wrong or the new one weak.
    """
    if not _own(user_id).check_password(current):
        sentence = "The current password is wrong."
        raise InvalidInput(sentence, fields={"current_password": [sentence]})
    return replace_own_password(user_id, new, actor=actor)


def _own(user_id: int) -> User:
    member = locks.lock_account(user_id)
    if member is None or member.is_customer or not member.is_active:
        raise NotFound("There is no such member of staff.")
    return member


@transaction.atomic
def ask_for_address(user_id: int, new_email: str, *, actor: Actor) -> None:
    """Mail a link that makes `new_email` one's address, and tell the present address.

    Conflict when another member of staff has it.
    """
    member = _own(user_id)
    if member.email.lower() == new_email.lower():
        sentence = "This is your address already."
        raise InvalidInput(sentence, fields={"new_email": [sentence]})
    taken = User.objects.exclude(role="").filter(email__iexact=new_email).exclude(pk=user_id)
    if taken.exists():
        raise Conflict(
            "Another member of staff has this address.",
            code=ErrorCode.DUPLICATE,
            extra={"duplicate_field": "email", "hint": "Choose another address."},
        )
    secret = mailed_links.send_confirmation(member, new_email)
    notify_account(member, "accounts/address_asked_for", key=f"address-asked:{secret[:12]}", new_email=new_email)
    audit.record("staff.ask_for_address", actor=actor, target=member, after={"email": new_email})


@transaction.atomic
def confirm_address(secret: str, *, actor: Actor) -> User:
    """Spend the mailed link: the address counts from now on. InvalidInput for a link that is no good; Conflict."""
    member, token = mailed_links.spend_link(secret, TokenPurpose.CONFIRM_EMAIL, staff=True)
    before, member.email = member.email, token.new_email
    follow_address(member, before)
    member.version += 1
    save_unique(member)
    void_recovery(member)
    notify_account(
        member, "accounts/contact_changed", key=f"contact-changed:{member.pk}:{member.version}", email=before
    )
    audit.record("staff.address", actor=actor, target=member, before={"email": before}, after={"email": member.email})
    return member
