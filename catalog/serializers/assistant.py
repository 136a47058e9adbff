"""Shapes of search and chat in words."""

from typing import Any

from rest_framework import serializers

from catalog.enums import Speaker
from catalog.serializers.products import ProductListRow
from lld.core.api.fields import ChoiceField, CleanedField, PatternField, TextField
from lld.core.api.schema import SuccessField

LONGEST_MESSAGE = 1000
MOST_HISTORY = 200


class LanguageField(PatternField):
    """A language tag such as `en`, `es` or `es-MX`."""

    def __init__(self) -> None:
        super().__init__(
            r"\A[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})?\Z",
            required=False,
            default="en",
            error_messages={"invalid": "Use a language tag such as en or es."},
        )


class SearchInWords(serializers.Serializer[Any]):
    query = CleanedField(max_length=300)
    language = LanguageField()


class FoundInWords(serializers.Serializer[Any]):
    success = SuccessField()
    products = ProductListRow(many=True, help_text="The best first, at most 12.")
    suggestion = serializers.CharField(help_text="A sentence for the customer.")
    total = serializers.IntegerField()


class Turn(serializers.Serializer[Any]):
    """One turn of a conversation that the caller kept."""

    role = ChoiceField(choices=Speaker.choices)
    content = TextField(max_length=4000, trim_whitespace=False)


class ChatMessage(serializers.Serializer[Any]):
    message = TextField(max_length=LONGEST_MESSAGE)
    language = LanguageField()
    session_id = serializers.UUIDField(required=False, allow_null=True, default=None)
    history = serializers.ListField(
        child=Turn(),
        required=False,
        max_length=MOST_HISTORY,
        help_text="Earlier turns, the last 10 of which count; without a session only.",
    )


class ChatReply(serializers.Serializer[Any]):
    success = SuccessField()
    message = serializers.CharField(help_text="Plain text: an answer, then a line for each product with its price.")
    products = ProductListRow(many=True, help_text="The products that the message names.")
    session_id = serializers.UUIDField(allow_null=True)
    timestamp = serializers.DateTimeField()


class ChatOpened(serializers.Serializer[Any]):
    success = SuccessField()
    session_id = serializers.UUIDField()
