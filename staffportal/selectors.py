"""Who has signed up."""

from functools import lru_cache

from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce

from accounts.enums import AuthProvider
from accounts.models import User
from accounts.rules import sees_only_own
from accounts.selectors import customers, customers_of, people_matching
from lld.core.columns import MoneyColumn
from lld.core.json_rows import CompiledRows, IsoTime, iso_times
from lld.core.money import ZERO
from lld.core.paging import Page, recent_count


def website_users_json(user: User, *, window: Page, search: str = "") -> str:
    """JSON text of `{users, total, page, per_page, pages, next_cursor}`: who signed up themselves, newest first.

    A sales representative sees their own. `search` finds what `people_matching` says.
    """
    rep_id = user.pk if sees_only_own(user.as_actor()) else None
    total = recent_count(lambda: _registered(rep_id, search), "website-users", rep_id, search)
    found = _compiled_registered(rep_id, search).slice(window)
    return (
        f'{{"users":{found.rows},"total":{total},"page":{window.number},'
        f'"per_page":{window.size},"pages":{window.pages(total)},"next_cursor":{found.cursor_json}}}'
    )


def _registered(rep_id: int | None, search: str) -> QuerySet[User]:
    """Of one representative, or all."""
    seen = customers() if rep_id is None else customers_of(rep_id)
    users = seen.filter(auth_provider=AuthProvider.EMAIL)
    if search:
        users = people_matching(users, search)
    return users.order_by("-created_at", "-pk")


@lru_cache(maxsize=256)
def _compiled_registered(rep_id: int | None, search: str) -> CompiledRows:
    rows = _registered(rep_id, search).values(
        "id",
        "username",
        "email",
        "email_verified",
        "first_name",
        "last_name",
        "phone",
        "phone_extension",
        "is_active",
        company_name=Coalesce("profile__company_name", Value("")),
        order_count=Coalesce("stats__order_count", 0),
        total_spent=Coalesce("stats__total_spent", Value(ZERO), output_field=MoneyColumn()),
        last_order=IsoTime("stats__last_order_at"),
        **iso_times("created_at"),
    )
    return CompiledRows(rows)
