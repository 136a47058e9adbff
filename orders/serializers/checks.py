"""Shapes of checks."""

from typing import Any

from rest_framework import serializers

from lld.core.api.fields import LineField, MoneyField, StrictIntegerField, TextField
from lld.core.api.schema import SuccessField
from orders.serializers.fields import OrderNumberField


class UploadCheck(serializers.Serializer[Any]):
    """`check_image` is an old name of `check_front`; one of them is needed."""

    order_number = OrderNumberField(max_length=40)
    check_front = serializers.FileField(required=False, help_text="JPEG, PNG, WebP or GIF, at most 20 MB.")
    check_image = serializers.FileField(required=False, help_text="Old name of check_front.")
    check_back = serializers.FileField(required=False)
    token = LineField(
        max_length=500, required=False, default="", help_text="From a link that we sent, instead of a sign-in."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        front = attrs.get("check_front") or attrs.get("check_image")
        if front is None:
            raise serializers.ValidationError({"check_front": "A picture of the check's front is needed."})
        return {**attrs, "check_front": front}


class CheckUploaded(serializers.Serializer[Any]):
    success = SuccessField()
    message = serializers.CharField()
    front_filename = serializers.CharField()
    back_filename = serializers.CharField(allow_null=True)


class ApproveCheck(serializers.Serializer[Any]):
    """What is written on the check. All may be left out."""

    amount = MoneyField(required=False, default=0, help_text="0 means the balance.")
    number = LineField(max_length=40, required=False, allow_blank=True, default="")
    written_on = serializers.DateField(required=False, default=None)
    check_id = StrictIntegerField(
        min_value=1, required=False, default=None, help_text="The check that was looked at, from X-Check-Id."
    )


class CheckApproved(serializers.Serializer[Any]):
    success = SuccessField()
    message = serializers.CharField()
    also_used_for = serializers.ListField(
        child=serializers.CharField(), help_text="Orders for which a check of this number was taken before."
    )


class RejectCheck(serializers.Serializer[Any]):
    reason = TextField(max_length=200, required=False, allow_blank=True, default="")
    check_id = StrictIntegerField(
        min_value=1, required=False, default=None, help_text="The check that was looked at, from X-Check-Id."
    )
