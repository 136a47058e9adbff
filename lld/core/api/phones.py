"""Phones of people who may sit behind a switchboard: a number, and beside it the extension."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.fields import empty

from lld.core.api.fields import LineField, PatternField, PhoneField
from lld.core.phones import LONGEST_EXTENSION, read_phone


@extend_schema_field(OpenApiTypes.STR)
class PhoneWithExtensionField(LineField):
    """Any common spelling in. Validated data has E.164, and the extension, if one is in it, as `<name>_extension`.

    Stand it behind the field of that name: what is in the number counts.
    """

    default_error_messages = {"phone": PhoneField.default_error_messages["phone"]}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"source": "*", "max_length": 100, **kwargs})

    def run_validation(self, data: Any = empty) -> Any:
        text = super().run_validation(data)
        name = str(self.field_name)
        if not text:
            return {name: "", f"{name}_extension": ""}
        try:
            phone = read_phone(text)
        except ValueError:
            self.fail("phone")
        return {name: phone.number, **({f"{name}_extension": phone.extension} if phone.extension else {})}


class ExtensionField(PatternField):
    """What is dialled once the number answers."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            r"\A[0-9]+\Z",
            max_length=LONGEST_EXTENSION,
            error_messages={"invalid": "Enter the digits of the extension."},
            **kwargs,
        )
