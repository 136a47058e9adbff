"""JSON in and out: strict about what it reads, exact about numbers."""

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import IO, Any

import orjson
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db.models.fields.files import FieldFile
from rest_framework.exceptions import ParseError
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

# Far beyond what any body of ours needs, and far below where Python's own recursion ends: what describes a value in
# a complaint recurses, too.
MOST_NESTED = 32
_BOM = b"\xef\xbb\xbf"
_LARGEST = 2**63
_LONG = len(str(_LARGEST))


class StrictJSONParser(BaseParser):
    """Refuses what could be read in two ways, or not at all, and keeps the digits of numbers.

    What the standard library lets through (NaN, lone surrogates), a name twice in one object, nesting beyond
    MOST_NESTED. Numbers become `int` where they are whole and of 64 bits, else `Decimal`, so that a long one is not
    rounded. A byte order mark in front is skipped: Excel and PowerShell write one.
    """

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
        return load(stream.read())


def load(body: bytes) -> Any:
    """What a body says. ParseError for what StrictJSONParser refuses."""
    body = body.removeprefix(_BOM)
    try:
        # orjson refuses more, and says where; the standard library keeps digits and sees names that come twice.
        _refuse_depth(orjson.loads(body))
    except orjson.JSONDecodeError as error:
        raise ParseError(f"The body is not valid JSON: {error.msg} at position {error.pos}.") from error
    return _DECODER.decode(body.decode())


def _refuse_depth(value: Any) -> None:
    level = [value]
    for _ in range(MOST_NESTED):
        level = [part for whole in level for part in _parts(whole) if isinstance(part, dict | list)]
        if not level:
            return
    raise ParseError(f"The body is nested more than {MOST_NESTED} deep.")


def _parts(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()


def _whole(digits: str) -> int | Decimal:
    number = int(digits)
    return number if len(digits) < _LONG or -_LARGEST <= number < _LARGEST else Decimal(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ParseError(f"{twice[:60]!r} is named twice in one object.")
    return read


_DECODER = json.JSONDecoder(parse_int=_whole, parse_float=Decimal, object_pairs_hook=_object)


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
