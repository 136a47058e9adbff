"""Shapes of staff, as admins run them, and of customers who signed up themselves."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema_serializer
from rest_framework import serializers

from accounts.serializers.customers import PasswordField
from accounts.serializers.customers import Taken as Taken  # named again for the views here (ADR 8)
from accounts.serializers.staff import StaffMember as StaffMember  # as above
from lld.core.access import Role
from lld.core.api.fields import AddressField, ChoiceField, CleanedField, LineField, MoneyField, StrictBooleanField
from lld.core.api.paging import NEXT_CURSOR_HELP, CursorQuery

STAFF_TYPE, WEBSITE_TYPE = "staff", "website"


class Names(serializers.Serializer[Any]):
    """`full_name` counts where neither of its parts is given: the first word and the rest."""

    full_name = LineField(max_length=201, required=False, allow_blank=True)
    first_name = LineField(max_length=100, required=False, allow_blank=True)
    last_name = LineField(max_length=100, required=False, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        full_name = attrs.pop("full_name", None)
        if full_name is None or {"first_name", "last_name"} & attrs.keys():
            return attrs
        first, _, last = full_name.partition(" ")
        if max(len(first), len(last)) > 100:
            raise serializers.ValidationError({"full_name": ["Each name has at most 100 characters."]})
        return {**attrs, "first_name": first, "last_name": last.strip()}


@extend_schema_serializer(
    examples=[
        OpenApiExample(
            "A packer",
            value={
                "username": "hector",
                "password": "pallet-jack-1845",
                "role": "warehouse",
                "full_name": "Hector Ruiz",
            },
            request_only=True,
        )
    ]
)
class CreateStaff(Names):
    username = LineField(max_length=254)
    password = PasswordField()
    email = AddressField(required=False, allow_blank=True, default="")
    role = ChoiceField(choices=Role.choices, default=Role.STAFF.value)


class ChangeStaff(Names):
    """What is left out stays as it is."""

    email = AddressField(required=False, allow_blank=True)
    role = ChoiceField(choices=Role.choices, required=False)
    is_active = StrictBooleanField(required=False)
    password = PasswordField(required=False)


class StaffConflict(Taken):
    version = serializers.IntegerField(required=False, help_text="With `version_conflict`.")
    current = StaffMember(required=False, help_text="With `version_conflict`: the account as it is now.")


class WebsiteUsersQuery(CursorQuery):
    search = CleanedField(
        max_length=100,
        required=False,
        default="",
        help_text="Words of a name, address or company, with or without accents; or four last digits of a phone.",
    )


class StaffUsersQuery(WebsiteUsersQuery):
    type = ChoiceField(
        choices=[STAFF_TYPE, WEBSITE_TYPE],
        required=False,
        default="",
        help_text="Which list. Without it: website users for callers below manager, and where paging or search is "
        "asked for; else staff.",
    )


class WebsiteUser(serializers.Serializer[Any]):
    """A customer who signed up themselves."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    email = serializers.CharField(allow_blank=True)
    email_verified = serializers.BooleanField()
    first_name = serializers.CharField(allow_blank=True)
    last_name = serializers.CharField(allow_blank=True)
    phone = serializers.CharField(allow_blank=True)
    phone_extension = serializers.CharField(allow_blank=True)
    is_active = serializers.BooleanField()
    company_name = serializers.CharField(allow_blank=True)
    order_count = serializers.IntegerField()
    total_spent = MoneyField()
    last_order = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class WebsiteUsersPage(serializers.Serializer[Any]):
    users = WebsiteUser(many=True)
    total = serializers.IntegerField(help_text="As of a few seconds ago.")
    page = serializers.IntegerField()
    per_page = serializers.IntegerField()
    pages = serializers.IntegerField()
    next_cursor = serializers.CharField(allow_null=True, help_text=NEXT_CURSOR_HELP)
