"""JSON in and out through orjson: strict about what it reads, exact about money."""

from collections.abc import Mapping
from decimal import Decimal
from typing import IO, Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db.models.fields.files import FieldFile
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer


class StrictJSONParser(BaseParser):
    """Refuses what the standard library lets through: NaN, lone surrogates, and nesting without end."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        # Only multipart bodies pass Django's own limit; a JSON body would be read whole, whatever its size.
        context = parser_context or {}
        length = context["request"].META.get("CONTENT_LENGTH") if context else None
        largest = getattr(context.get("view"), "largest_body", None) or settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if int(length or 0) > largest:
            raise RequestDataTooBig
        try:
            return orjson.loads(stream.read())
        except orjson.JSONDecodeError as error:
            raise ParseError(f"The body is not valid JSON: {error.msg} at position {error.pos}.") from error


class OrjsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else dump(data)


def dump(data: Any) -> bytes:
    """Bytes of JSON. Decimals become numbers with their digits; aware times end in Z."""
    return orjson.dumps(data, default=_encode, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)


def _encode(value: Any) -> Any:
    if isinstance(value, Decimal):
        return orjson.Fragment(str(value)) if value.is_finite() else None
    if isinstance(value, FieldFile):
        return value.url if value else None
    if isinstance(value, Mapping):
        return dict(value)
    return str(value)
