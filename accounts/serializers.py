"""Shapes of the accounts' requests and answers."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from accounts.models import User
from lld.core.api.fields import StrictBooleanField
from lld.core.api.schema import ErrorSerializer


class SignIn(serializers.Serializer[Any]):
    username = serializers.CharField(max_length=254, help_text="Username or e-mail address.")
    password = serializers.CharField(max_length=200, trim_whitespace=False)


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
    email_verification_required = serializers.BooleanField(required=False, help_text="With `email_not_verified`.")


class CustomerAccount(serializers.ModelSerializer[User]):
    """A customer as they see themselves."""

    company_name = serializers.CharField(source="profile.company_name", default="")
    phone2 = serializers.CharField(source="profile.phone2", default="")
    shipping_address = serializers.CharField(source="profile.shipping_address", default="")
    billing_address = serializers.CharField(source="profile.billing_address", default="")
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
            "phone2",
            "shipping_address",
            "billing_address",
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


class Message(serializers.Serializer[Any]):
    message = serializers.CharField()


class StaffAccount(serializers.ModelSerializer[User]):
    class Meta:
        model = User
        fields = ("id", "username", "email", "first_name", "last_name", "role")


class StaffSignedIn(serializers.Serializer[Any]):
    success = serializers.BooleanField()
    staff = StaffAccount()
    token = serializers.CharField(help_text="Send it as `Authorization: Bearer <token>`.")


class StaffMe(serializers.Serializer[Any]):
    staff = StaffAccount()
