"""Shapes of customers' accounts: signing up, changing oneself."""

import unicodedata
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers
from stdnum.exceptions import ValidationError as InvalidNumber
from stdnum.us import ein

from accounts.models import User
from accounts.serializers.sessions import CustomerAccount
from lld.core.api.fields import AddressField, LineField, MoneyField, SecretField
from lld.core.api.phones import ExtensionField, PhoneWithExtensionField
from lld.core.api.postal import StateField, WholeAddressField
from lld.core.api.schema import ErrorSerializer

UNIQUE_FIELDS = [(name, name) for name in ("username", "email", "phone")]
STRENGTH_HELP = "Customers: at least 6 characters. Staff: at least 8. Not a common one."


class PasswordField(SecretField):
    """A new password, spaces and all, in NFC. Whether it is strong enough, the service says: it depends on whose."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"help_text": STRENGTH_HELP, **kwargs})

    def to_internal_value(self, data: Any) -> str:
        return unicodedata.normalize("NFC", super().to_internal_value(data))


class EinField(LineField):
    """An employer identification number: nine digits of a prefix that the IRS gives out, kept as 12-3456789."""

    default_error_messages = {"ein": "Enter an EIN, such as 36-1234567."}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        text = super().to_internal_value(data)
        if not text:
            return text
        try:
            return str(ein.format(ein.validate(text.replace(" ", ""))))
        except InvalidNumber:
            self.fail("ein")


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A restaurant",
            value={
                "username": "lamilpa",
                "email": "maria@lamilpa.example",
                "password": "a good long one",
                "company_name": "Taqueria La Milpa",
                "phone": "(312) 555-0147",
                "business_type": "restaurant",
                "business_ein": "36-1234567",
                "resale_certificate": "IL-4471902",
                "state_of_operation": "IL",
            },
            request_only=True,
        )
    ]
)
class Register(serializers.Serializer[Any]):
    """An address or a phone is needed; the account can be used once it is confirmed."""

    username = LineField(max_length=254, help_text="2 to 150 letters, digits and . _ + -, or the e-mail address.")
    password = PasswordField()
    email = AddressField(required=False, allow_blank=True, default="")
    phone_extension = ExtensionField(required=False, allow_blank=True)
    phone = PhoneWithExtensionField(required=False, allow_blank=True, default="")
    first_name = LineField(max_length=100, required=False, allow_blank=True, default="")
    last_name = LineField(max_length=100, required=False, allow_blank=True, default="")
    company_name = LineField(max_length=200, required=False, allow_blank=True, default="")
    business_type = LineField(max_length=80, required=False, allow_blank=True, default="")
    business_ein = EinField(required=False, allow_blank=True, default="")
    resale_certificate = LineField(max_length=80, required=False, allow_blank=True, default="")
    state_of_operation = StateField(required=False, allow_blank=True, default="")


class Registered(serializers.Serializer[Any]):
    message = serializers.CharField()
    email_verification_required = serializers.BooleanField(help_text="A link was mailed.")
    phone_verification_required = serializers.BooleanField(
        help_text="There is no address: a code was texted instead, for `auth/phone/verify-code`."
    )
    user = CustomerAccount()


class Taken(ErrorSerializer):
    """With `duplicate`: which field is taken."""

    duplicate_field = serializers.ChoiceField(choices=UNIQUE_FIELDS, required=False)
    hint = serializers.CharField(required=False, help_text="What whoever runs into it can do.")


class ChangeProfile(serializers.Serializer[Any]):
    """What is left out stays as it is. A new address has to be confirmed before the next sign-in."""

    email = AddressField(required=False)
    phone_extension = ExtensionField(required=False, allow_blank=True)
    phone = PhoneWithExtensionField(required=False, allow_blank=True)
    first_name = LineField(max_length=100, required=False, allow_blank=True)
    last_name = LineField(max_length=100, required=False, allow_blank=True)
    company_name = LineField(max_length=200, required=False, allow_blank=True)
    phone2_extension = ExtensionField(required=False, allow_blank=True)
    phone2 = PhoneWithExtensionField(required=False, allow_blank=True)
    shipping_address = WholeAddressField(required=False, allow_blank=True)
    billing_address = WholeAddressField(required=False, allow_blank=True)


class AccountConflict(Taken):
    version = serializers.IntegerField(required=False, help_text="With `version_conflict`.")
    current = CustomerAccount(required=False, help_text="With `version_conflict`: the account as it is now.")


class ChangePassword(serializers.Serializer[Any]):
    current_password = SecretField()
    new_password = PasswordField()


class NewAccount(serializers.ModelSerializer[User]):
    company_name = serializers.CharField(source="profile.company_name")
    shipping_address = serializers.CharField(source="profile.shipping_address")

    class Meta:
        model = User
        fields = (
            "id",
            "username",
            "email",
            "first_name",
            "last_name",
            "company_name",
            "phone",
            "phone_extension",
            "shipping_address",
            "email_verified",
        )


class CustomerShape(serializers.ModelSerializer[User]):
    company_name = serializers.CharField(source="profile.company_name", default="")
    approved_for_terms = serializers.BooleanField(source="profile.approved_for_terms", default=False)
    credit_limit = MoneyField(source="profile.credit_limit", default=None, allow_null=True)

    class Meta:
        model = User
        fields = (
            "id",
            "first_name",
            "last_name",
            "company_name",
            "email",
            "phone",
            "phone_extension",
            "approved_for_terms",
            "credit_limit",
        )
