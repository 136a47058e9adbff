"""Shapes of consent to texts, and of Twilio's reports."""

from typing import Any

from rest_framework import serializers

from accounts.enums import SmsStatus
from lld.core.api.fields import AddressField, CleanedField, LineField, PatternField, PhoneField, StrictBooleanField
from lld.core.phones import can_be_texted, is_phone, normalise_phone


class SmsOptIn(serializers.Serializer[Any]):
    first_name = LineField(max_length=100)
    last_name = LineField(max_length=100, required=False, allow_blank=True, default="")
    phone = PhoneField()
    email = AddressField(required=False, allow_blank=True, default="")
    consent = StrictBooleanField(help_text="Must be true. Consent ends by replying STOP.")

    def validate_phone(self, value: str) -> str:
        if not can_be_texted(value):
            raise serializers.ValidationError("We cannot text to numbers of this country.")
        return value

    def validate_consent(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError("Please agree to get texts, or leave the form.")
        return value


class SmsStatusReport(serializers.Serializer[Any]):
    """The form that Twilio posts. Further fields are ignored."""

    MessageSid = PatternField(r"\A[A-Z]{2}[0-9a-f]{32}\Z", required=False)
    MessageStatus = CleanedField(max_length=40, required=False)
    To = CleanedField(max_length=60, required=False, allow_blank=True, default="")
    From = CleanedField(max_length=60, required=False, allow_blank=True, default="")
    ErrorCode = CleanedField(max_length=10, required=False, allow_blank=True, default="")
    ErrorMessage = CleanedField(max_length=2000, required=False, allow_blank=True, default="")

    def validate_To(self, value: str) -> str:  # named by the field
        """Blank for what is no phone, such as `whatsapp:+1…`."""
        return normalise_phone(value) if is_phone(value) else ""

    def validate_MessageStatus(self, value: str) -> SmsStatus | None:  # named by the field
        """None for a word that Twilio has added since: it is no reason to have the report sent again."""
        return SmsStatus(value) if value in SmsStatus.values else None
