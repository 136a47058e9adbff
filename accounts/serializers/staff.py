"""Shapes of a member of staff's own account."""

from typing import Any

from rest_framework import serializers

from accounts.models import User
from accounts.serializers.customers import PasswordField
from accounts.serializers.sessions import BLANK_HELP
from lld.core.api.fields import AddressField, LineField, SecretField
from lld.core.api.schema import SuccessField


class StaffMember(serializers.ModelSerializer[User]):
    """A member of staff, whole."""

    email = serializers.CharField(read_only=True, help_text=BLANK_HELP)

    class Meta:
        model = User
        fields = (
            "id",
            "username",
            "email",
            "full_name",
            "first_name",
            "last_name",
            "role",
            "is_active",
            "created_at",
            "updated_at",
            "version",
        )


class ChangeOwnPassword(serializers.Serializer[Any]):
    current_password = SecretField()
    new_password = PasswordField()
    confirm_password = PasswordField(help_text="The same again.")

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.pop("confirm_password") != attrs["new_password"]:
            raise serializers.ValidationError({"confirm_password": ["The two new passwords differ."]})
        return attrs


class PasswordChanged(serializers.Serializer[Any]):
    message = serializers.CharField()
    token = serializers.CharField(
        allow_null=True, help_text="A new token where the call came with one: the old ones have ended."
    )


class UpdateEmail(serializers.Serializer[Any]):
    new_email = AddressField()


class EmailAskedFor(serializers.Serializer[Any]):
    success = SuccessField()
    email = serializers.EmailField(help_text="The new address, which counts once its link is followed.")
    message = serializers.CharField()


class ConfirmEmail(serializers.Serializer[Any]):
    token = LineField(max_length=200)


class EmailConfirmed(serializers.Serializer[Any]):
    success = SuccessField()
    email = serializers.EmailField()
