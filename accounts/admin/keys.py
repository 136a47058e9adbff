"""Keys of programs in the console."""

from typing import cast

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.models import (
    ApiKey,
    User,
)
from accounts.services import keys
from lld.core.console import ReadOnlyAdmin, badge


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """Keys are made by the API or `manage.py create_api_key`, which show them once."""

    list_display = ("name", "key_preview", "scope_list", "usable_label", "created_at", "expires_at", "last_used_at")
    list_filter = ("is_active",)
    actions = ("revoke",)
    exclude = ("key_hash", "id")

    @admin.display(description="Scopes")
    def scope_list(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)

    @badge("State", {"active": "success", "revoked": "danger"})
    def usable_label(self, key: ApiKey) -> tuple[str, str]:
        return ("active", "active") if key.is_active else ("revoked", "revoked")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("accounts.change_apikey")

    @admin.action(description="Revoke", permissions=["revoke"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[ApiKey]) -> None:
        by = cast(User, request.user)
        self.try_each(
            request, queryset, lambda key: keys.revoke_api_key(key.pk, actor=by.as_actor(), by=by), done="Revoked"
        )
