"""Consent, texts and do-not-call in the console."""

from django.contrib import admin

from accounts.models import (
    DoNotCall,
    SmsConsent,
    SmsDelivery,
)
from lld.core.console import ReadOnlyAdmin


@admin.register(SmsConsent)
class SmsConsentAdmin(ReadOnlyAdmin):
    list_display = ("phone", "consented", "first_name", "last_name", "source", "text_version", "created_at")
    search_fields = ("phone__exact",)
    search_help_text = "A phone number."
    phone_column = "phone"
    sortable_by = ()
    ordering = ("-pk",)


@admin.register(SmsDelivery)
class SmsDeliveryAdmin(ReadOnlyAdmin):
    list_display = ("message_sid", "phone", "status", "error_code", "created_at", "updated_at")
    list_filter = ("status",)
    search_fields = ("message_sid__exact", "phone__exact")
    search_help_text = "The message's id, or a phone number."
    phone_column = "phone"
    sortable_by = ()
    ordering = ("-pk",)


@admin.register(DoNotCall)
class DoNotCallAdmin(ReadOnlyAdmin):
    list_display = ("phone", "reason", "set_by", "created_at")
    search_fields = ("phone__exact",)
    search_help_text = "A phone number."
    phone_column = "phone"
    sortable_by = ()
