"""Shapes of trying out the mail server."""

from typing import Any

from rest_framework import serializers

from lld.core.api.fields import MailField
from lld.core.api.schema import SuccessField

PRESENCE = [(word, word) for word in ("set", "not set")]


class TestEmail(serializers.Serializer[Any]):
    to = MailField(max_length=254, required=False, allow_blank=True, default="", help_text="SMTP_USER unless given.")


class MailConfiguration(serializers.Serializer[Any]):
    """Under the names of the environment; no value of a secret."""

    SMTP_HOST = serializers.CharField()
    SMTP_PORT = serializers.IntegerField()
    SMTP_USER = serializers.CharField(allow_null=True)
    SMTP_PASSWORD = serializers.ChoiceField(choices=PRESENCE)
    sending_to = serializers.EmailField()


class TestEmailAnswer(serializers.Serializer[Any]):
    success = SuccessField()
    queued = serializers.BooleanField()
    config = MailConfiguration()
    message = serializers.CharField()


class SmtpProbe(serializers.Serializer[Any]):
    """How far a conversation with the mail server got: each step's answer, null where it was not reached."""

    success = serializers.BooleanField(help_text="Whether it got to the end.")
    ehlo = serializers.CharField(allow_null=True)
    starttls = serializers.CharField(allow_null=True, help_text="Null, too, where the connection is not encrypted.")
    login = serializers.CharField(allow_null=True, help_text="Null, too, where there is no SMTP_USER.")
    error = serializers.CharField(allow_null=True)
    error_type = serializers.CharField(allow_null=True)
    smtp_user = serializers.CharField(allow_null=True)
    smtp_pass_len = serializers.IntegerField(allow_null=True, help_text="Always null: it would help a guesser.")
