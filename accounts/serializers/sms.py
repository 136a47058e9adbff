"""Shapes of consent to texts, and of Twilio's reports."""

from typing import Any

from rest_framework import serializers

from accounts.enums import SmsStatus
from lld.core.api.fields import PhoneField, StrictBooleanField


class SmsOptIn(serializers.Serializer[Any]):
    first_name = serializers.CharField(max_length=100)
    last_name = serializers.CharField(max_length=100, required=False, allow_blank=True, default="")
    phone = PhoneField()
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True, default="")
    consent = StrictBooleanField(help_text="Must be true. Consent ends by replying STOP.")

    def validate_consent(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("Please agree to get texts, or leave the form.")
        return value


class SmsStatusReport(serializers.Serializer[Any]):
    """The form that Twilio posts. Further fields are ignored."""

    MessageSid = serializers.RegexField(r"\A[A-Z]{2}[0-9a-f]{32}\Z", required=False)
    MessageStatus = serializers.CharField(max_length=40, required=False)
    To = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    From = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    ErrorCode = serializers.CharField(max_length=10, required=False, allow_blank=True, default="")
    ErrorMessage = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")

    def validate_MessageStatus(self, value: str) -> SmsStatus | None:  # named by the field
        """None for a word that Twilio has added since: it is no reason to have the report sent again."""
        return SmsStatus(value) if value in SmsStatus.values else None
