"""Fields of phones; what they read is in `as_written.txt`."""

from typing import Any

import pytest
from rest_framework import serializers

from lld.core.api.fields import PhoneField
from lld.core.api.phones import ExtensionField, PhoneWithExtensionField


class Reached(serializers.Serializer[Any]):
    phone_extension = ExtensionField(required=False, allow_blank=True)
    phone = PhoneWithExtensionField(required=False, allow_blank=True)


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ({}, {}),
        ({"phone": ""}, {"phone": "", "phone_extension": ""}),
        ({"phone": "312 555 0147"}, {"phone": "+13125550147"}),
        ({"phone": 3125550147}, {"phone": "+13125550147"}),
        ({"phone": "312 555 0147 x12"}, {"phone": "+13125550147", "phone_extension": "12"}),
        ({"phone_extension": "12"}, {"phone_extension": "12"}),
        ({"phone_extension": 12}, {"phone_extension": "12"}),
        ({"phone": "312 555 0147 x9", "phone_extension": "12"}, {"phone": "+13125550147", "phone_extension": "9"}),
    ],
)
def test_number_and_extension_become_two_columns(sent: dict[str, Any], read: dict[str, str]) -> None:
    filled = Reached(data=sent)
    assert filled.is_valid(), filled.errors
    assert filled.validated_data == read


@pytest.mark.parametrize(
    ("name", "value"), [("phone", "0"), ("phone", None), ("phone", "1" * 101), ("phone_extension", "x1")]
)
def test_refusal_is_named_after_the_field(name: str, value: str | None) -> None:
    filled = Reached(data={name: value})
    assert not filled.is_valid()
    assert list(filled.errors) == [name]


def test_phone_that_is_texted_to_has_no_extension() -> None:
    with pytest.raises(serializers.ValidationError, match="without an extension"):
        PhoneField().run_validation("312 555 0147 x12")
