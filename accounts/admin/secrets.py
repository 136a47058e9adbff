"""What opens accounts, in the console: that it is there, never what it is."""

from django.contrib import admin

from accounts.models import (
    AccountToken,
    PhoneCode,
    PhoneSession,
    RevokedStaffToken,
)
from lld.core.console import ReadOnlyAdmin


@admin.register(AccountToken)
class AccountTokenAdmin(ReadOnlyAdmin):
    list_display = ("user", "purpose", "expires_at", "created_at")
    list_select_related = ("user",)
    exclude = ("token_hash",)
    ordering = ("-pk",)


@admin.register(PhoneCode)
class PhoneCodeAdmin(ReadOnlyAdmin):
    list_display = ("phone", "purpose", "guesses", "expires_at")
    exclude = ("code_hash",)
    ordering = ("-pk",)


@admin.register(PhoneSession)
class PhoneSessionAdmin(ReadOnlyAdmin):
    list_display = ("phone", "expires_at")
    exclude = ("token_hash",)
    ordering = ("-pk",)


@admin.register(RevokedStaffToken)
class RevokedStaffTokenAdmin(ReadOnlyAdmin):
    list_display = ("jti", "expires_at")
    ordering = ("-pk",)
