"""Who may be texted and called, and what became of texts."""

from typing import ClassVar

from django.db import models
from django.db.models import F

from accounts.enums import SmsStatus


class SmsConsent(models.Model):
    """What a person agreed to, word for word, and when. The newest row of a phone counts."""

    phone = models.CharField(max_length=20)
    consented = models.BooleanField()
    first_name = models.CharField(max_length=100, blank=True)
    last_name = models.CharField(max_length=100, blank=True)
    email = models.EmailField(blank=True)
    text_version = models.CharField(max_length=20)
    source = models.CharField(max_length=40)
    address = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "SMS consent"
        verbose_name_plural = "SMS consents"
        indexes: ClassVar = [models.Index(F("phone"), F("created_at").desc(), name="sms_consent_newest")]

    def __str__(self) -> str:
        return f"{self.phone} {'yes' if self.consented else 'no'}"


class SmsDelivery(models.Model):
    """What became of a text, as Twilio reports it. Reports come in any order; `rank` only ever rises."""

    message_sid = models.CharField(max_length=34, unique=True)
    status = models.CharField(max_length=20, choices=SmsStatus)
    rank = models.PositiveSmallIntegerField(help_text="How far along the status is.")
    phone = models.CharField(max_length=20, blank=True, help_text="E.164")
    error_code = models.CharField(max_length=10, blank=True)
    error_message = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "SMS delivery"
        verbose_name_plural = "SMS deliveries"

    def __str__(self) -> str:
        return f"{self.message_sid} {self.status}"


class DoNotCall(models.Model):
    """A phone number that nobody calls. One flag a number, for every list."""

    phone = models.CharField(max_length=20, primary_key=True)
    reason = models.CharField(max_length=300, blank=True)
    set_by = models.CharField(max_length=150)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "number not to call"
        verbose_name_plural = "numbers not to call"

    def __str__(self) -> str:
        return self.phone
