"""Shapes of the ways back into an account."""

from typing import Any

from rest_framework import serializers

from accounts.enums import CodePurpose
from accounts.serializers.customers import PasswordField
from lld.core.api.fields import AddressField, ChoiceField, LineField, PhoneField

DEBUG_ONLY = "On a developer's machine that shows secrets, and nowhere else."


class ForgotPassword(serializers.Serializer[Any]):
    identifier = LineField(max_length=254, help_text="Username or e-mail address.")


class ForgotUsername(serializers.Serializer[Any]):
    email = AddressField()


class ResendVerification(serializers.Serializer[Any]):
    identifier = LineField(
        max_length=254,
        required=False,
        allow_blank=True,
        default="",
        help_text="Username, e-mail address or phone, for who cannot sign in yet.",
    )


class MailAnswer(serializers.Serializer[Any]):
    """The same for everyone, whether there is such an account or not."""

    message = serializers.CharField()
    email_sent = serializers.BooleanField(help_text="Always true.")


class ForgotPasswordAnswer(MailAnswer):
    debug_token = serializers.CharField(required=False, help_text=DEBUG_ONLY)


class ForgotUsernameAnswer(MailAnswer):
    debug_username = serializers.CharField(required=False, help_text=DEBUG_ONLY)


class ResetPassword(serializers.Serializer[Any]):
    token = LineField(max_length=200)
    password = PasswordField()


class SendCode(serializers.Serializer[Any]):
    phone = PhoneField()


class SendCodeAnswer(serializers.Serializer[Any]):
    """The same for everyone, whether there is such an account or not."""

    message = serializers.CharField()
    sms_sent = serializers.BooleanField(help_text="Always true.")
    debug_otp = serializers.CharField(required=False, help_text=DEBUG_ONLY)


class VerifyCode(serializers.Serializer[Any]):
    phone = PhoneField()
    code = LineField(max_length=20)
    purpose = ChoiceField(
        choices=CodePurpose.choices,
        required=False,
        allow_null=True,
        default=None,
        help_text="What the code is meant for; one of another purpose is then refused.",
    )


class VerifyCodeAnswer(serializers.Serializer[Any]):
    message = serializers.CharField()
    phone_session_token = serializers.CharField(
        allow_null=True, help_text="Proves the phone for 15 minutes. Null where the code finished an account."
    )


class LookUpUsername(serializers.Serializer[Any]):
    phone_session_token = LineField(max_length=200)


class LookUpUsernameAnswer(serializers.Serializer[Any]):
    username = serializers.CharField(help_text="Masked: enough to remember it by.")


class ResetByPhone(LookUpUsername):
    password = PasswordField()
