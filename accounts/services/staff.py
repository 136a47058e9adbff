"""Accounts of staff."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from accounts.enums import AuthProvider
from accounts.models import StaffProfile, User
from lld.core import audit
from lld.core.access import Role
from lld.core.actors import Actor
from lld.core.errors import Conflict, ErrorCode, InvalidInput


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
    check_password_strength(password, user=user, shortest=8)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError as error:
        raise Conflict("This username or e-mail address is taken.", code=ErrorCode.DUPLICATE) from error
    StaffProfile.objects.create(user=user)
    audit.record("staff.create", actor=actor, target=user, after={"username": username, "role": role})
    return user


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
