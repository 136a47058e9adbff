"""Accounts of staff."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts import locks
from accounts.enums import AuthProvider
from accounts.models import StaffProfile, User
from accounts.services.sign_in import end_all_sessions
from lld.core import audit
from lld.core.access import Role
from lld.core.actors import Actor
from lld.core.errors import Conflict, ErrorCode, InvalidInput, NotFound

SHORTEST_PASSWORD = 8


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
    """A new member of staff. Conflict when the username or address is taken; InvalidInput for a weak password."""
    user = User(
        username=username,
        email=email,
        role=role,
        first_name=first_name,
        last_name=last_name,
        auth_provider=AuthProvider.STAFF,
        email_verified=True,
    )
    check_password_strength(password, user=user, shortest=SHORTEST_PASSWORD)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise Conflict("This username or e-mail address is taken.", code=ErrorCode.DUPLICATE) from error
    StaffProfile.objects.create(user=user)
    audit.record("staff.create", actor=actor, target=user, after={"username": username, "role": role})
    return user


@transaction.atomic
def change_staff(user_id: int, *, actor: Actor, role: Role, is_active: bool) -> User:
    """Change what a member of staff may do, which ends their sessions and tokens.

    Conflict for oneself, and for the last active admin.
    """
    members = locks.lock_staff(user_id)
    member = members.get(user_id)
    if member is None:
        raise NotFound("There is no such member of staff.")
    wanted = {"role": str(role), "is_active": is_active}
    before = {name: getattr(member, name) for name, value in wanted.items() if getattr(member, name) != value}
    if not before:
        return member
    if actor.kind == "staff" and actor.id == user_id:
        raise Conflict("You cannot change your own role or deactivate yourself.")
    stays_admin = role == Role.ADMIN and is_active
    if not stays_admin and not any(other.role == Role.ADMIN for pk, other in members.items() if pk != user_id):
        raise Conflict("This is the last active admin.")
    member.role, member.is_active = str(role), is_active
    member.version += 1
    member.save(update_fields=["role", "is_active", "version", "updated_at"])
    end_all_sessions(member)
    after = {name: wanted[name] for name in before}
    audit.record("staff.change", actor=actor, target=member, before=before, after=after)
    return member


@transaction.atomic
def set_staff_password(user_id: int, password: str, *, actor: Actor) -> User:
    """Give a member of staff a new password, which ends their sessions and tokens. InvalidInput for a weak one."""
    member = locks.lock_staff(user_id).get(user_id)
    if member is None:
        raise NotFound("There is no such member of staff.")
    check_password_strength(password, user=member, shortest=SHORTEST_PASSWORD)
    member.set_password(password)
    member.save(update_fields=["password", "updated_at"])
    end_all_sessions(member)
    audit.record("staff.password", actor=actor, target=member)
    return member


def check_password_strength(password: str, *, user: User, shortest: int) -> None:
    """InvalidInput naming `password` when it is too short, common, or like the account's own names."""
    complaints = []
    if len(password) < shortest:
        complaints.append(f"Use at least {shortest} characters.")
    try:
        validate_password(password, user)
    except ValidationError as error:
        complaints += error.messages
    if complaints:
        raise InvalidInput(complaints[0], fields={"password": complaints})
