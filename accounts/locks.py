"""Row locks of accounts. They come first of all (docs/architecture.md)."""

from django.db.models import Q

from accounts.models import CustomerProfile, User
from lld.core.access import Role


def lock_staff(user_id: int) -> dict[int, User]:
    """A member of staff, if there is one, and every active admin, by id.

    The admins are locked as well so that two of them cannot demote each other at once and leave none.
    """
    wanted = Q(pk=user_id) | Q(role=Role.ADMIN, is_active=True)
    rows = User.objects.exclude(role="").filter(wanted, deleted_at=None).select_for_update(no_key=True).order_by("pk")
    return {user.pk: user for user in rows}


def lock_account(user_id: int) -> User | None:
    """The row of any account. Before the rows of its links, codes and profile."""
    return User.objects.select_for_update(no_key=True).filter(pk=user_id).first()


def lock_profile(user_id: int) -> CustomerProfile | None:
    return CustomerProfile.objects.select_for_update(no_key=True).filter(pk=user_id).first()
