"""Fields of addresses: what people write in, what labels need out."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field

from lld.core.api.fields import LineField, TextField
from lld.core.postal import normalise_address, normalise_city, normalise_state, normalise_street, normalise_zip
from lld.core.states import LONGEST_NAME


class _ReadField(LineField):
    """A line that one of the normalisers reads. Whatever it refuses is refused as `unread`."""

    read: Callable[[str], str]
    longest = 300

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": self.longest, **kwargs})

    def checked(self, text: str) -> str:
        checked = super().checked(text)
        try:
            return type(self).read(checked) if checked else ""
        except ValueError:
            self.fail("unread")


@extend_schema_field(OpenApiTypes.STR)
class StateField(_ReadField):
    """A state by its USPS code, its name or a usual abbreviation; its code out."""

    default_error_messages = {"unread": "Enter a state, such as IL."}
    read = staticmethod(normalise_state)
    longest = LONGEST_NAME


@extend_schema_field(OpenApiTypes.STR)
class ZipField(_ReadField):
    """A ZIP code, with or without the four more digits and their dash."""

    default_error_messages = {"unread": "Enter a ZIP code, such as 60608 or 60608-1234."}
    read = staticmethod(normalise_zip)
    longest = 60


class CityField(_ReadField):
    read = staticmethod(normalise_city)
    longest = 100


class StreetField(_ReadField, TextField):
    """Where in the city, also in several lines: they are joined by commas."""

    read = staticmethod(normalise_street)


class WholeAddressField(StreetField):
    """An address in one text, in one line or several: its end is brought into the form of labels."""

    read = staticmethod(normalise_address)
    longest = 500
