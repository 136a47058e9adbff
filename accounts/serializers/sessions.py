"""Shapes of signing in, and of who one is."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from accounts.models import User
from lld.core.api.fields import LineField, SecretField, StrictBooleanField
from lld.core.api.schema import ErrorSerializer, SuccessField

BLANK_HELP = "Blank where there is none."


class SignIn(serializers.Serializer[Any]):
    username = LineField(max_length=254, help_text="Username or e-mail address.")
    password = SecretField()


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "For the portal and the console",
            value={"username": "manager", "password": "a good long one", "session": True},
            request_only=True,
        )
    ]
)
class StaffSignIn(SignIn):
    session = StrictBooleanField(required=False, default=False, help_text="Also sign in to the console by cookie.")


class SignInRefused(ErrorSerializer):
    """A right password is refused while nothing proves that its owner can be reached."""

    email_verification_required = serializers.BooleanField(
        required=False, help_text="With `email_not_verified` and `phone_not_verified`."
    )
    phone_verification_required = serializers.BooleanField(required=False, help_text="With `phone_not_verified`.")


class CustomerAccount(serializers.ModelSerializer[User]):
    """A customer as they see themselves."""

    email = serializers.CharField(read_only=True, help_text=BLANK_HELP)
    company_name = serializers.CharField(source="profile.company_name", default="")
    phone2 = serializers.CharField(source="profile.phone2", default="")
    phone2_extension = serializers.CharField(source="profile.phone2_extension", default="")
    shipping_address = serializers.CharField(source="profile.shipping_address", default="")
    billing_address = serializers.CharField(source="profile.billing_address", default="")
    business_type = serializers.CharField(source="profile.business_type", default="")
    business_ein = serializers.CharField(source="profile.business_ein", default="")
    resale_certificate = serializers.CharField(source="profile.resale_certificate", default="")
    state_of_operation = serializers.CharField(source="profile.state_of_operation", default="")
    approved_for_terms = serializers.BooleanField(source="profile.approved_for_terms", default=False)
    payment_terms = serializers.CharField(source="profile.payment_terms", default=None, allow_null=True)

    class Meta:
        model = User
        fields = (
            "id",
            "username",
            "email",
            "email_verified",
            "first_name",
            "last_name",
            "company_name",
            "phone",
            "phone_extension",
            "phone_verified",
            "phone2",
            "phone2_extension",
            "shipping_address",
            "billing_address",
            "business_type",
            "business_ein",
            "resale_certificate",
            "state_of_operation",
            "approved_for_terms",
            "payment_terms",
            "created_at",
            "version",
        )


class CustomerSignedIn(serializers.Serializer[Any]):
    message = serializers.CharField()
    user = CustomerAccount()


class CustomerMe(serializers.Serializer[Any]):
    user = CustomerAccount()


class StaffAccount(serializers.ModelSerializer[User]):
    email = serializers.CharField(read_only=True, help_text=BLANK_HELP)

    class Meta:
        model = User
        fields = ("id", "username", "email", "first_name", "last_name", "role")


class StaffSignedIn(serializers.Serializer[Any]):
    success = SuccessField()
    staff = StaffAccount()
    token = serializers.CharField(help_text="Send it as `Authorization: Bearer <token>`.")


class StaffMe(serializers.Serializer[Any]):
    staff = StaffAccount()


class WarehouseAccount(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "username", "role", "is_active")


class WarehouseSignedIn(serializers.Serializer[Any]):
    success = SuccessField()
    staff = WarehouseAccount()
    token = serializers.CharField(help_text="Send it as `Authorization: Bearer <token>`.")
